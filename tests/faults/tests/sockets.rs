//! The file of a server's socket: what is in its way, who may open it, when it goes.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;
use std::sync::Barrier;
use std::thread;

use fault_tests::{Process, Signal, SocketServer, until};
use nix::sys::stat::{Mode, umask};
use nix::unistd::mkfifo;
use udf_runtime::{ServerError, UnixSocket};

const PROGRAM: &str = env!("CARGO_BIN_EXE_faulty-udfs");

fn serve(path: &Path, flags: &[&str]) -> Process {
    let mut command = Command::new(PROGRAM);
    command.arg("mirror").args(flags).arg("--socket").arg(path);
    SocketServer::spawn(&mut command)
}

/// Ends at once with an exit code of 1 and this in its log.
#[track_caller]
fn refuses(path: &Path, text: &str) {
    let mut process = serve(path, &[]);
    assert_eq!(process.wait(), Some(1), "{}", path.display());
    process.logs(text);
}

#[test]
fn a_path_that_is_too_long_is_refused_by_its_length() {
    let folder = tempfile::tempdir().unwrap();
    let len = folder.path().as_os_str().len() + 1;
    let longest = folder.path().join("s".repeat(107 - len));
    let process = serve(&longest, &[]);
    process.logs("listening on");
    let too_long = folder.path().join("s".repeat(108 - len));
    refuses(
        &too_long,
        "expected a socket path of at most 107 bytes, found ",
    );
    let far_too_long = folder.path().join("s".repeat(10_000));
    refuses(&far_too_long, "expected a socket path of at most 107 bytes");
    drop(process);
}

#[test]
fn what_is_no_socket_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    refuses(folder.path(), "exists and is not a socket");
    let file = folder.path().join("file");
    fs::write(&file, "precious").unwrap();
    refuses(&file, "exists and is not a socket");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    refuses(&link, "exists and is not a socket");
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
}

#[test]
fn a_place_where_nothing_can_be_made_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let fifo = folder.path().join("fifo");
    mkfifo(&fifo, Mode::S_IRWXU).unwrap();
    for no_folder in [file, fifo] {
        refuses(
            &no_folder.join("udf.sock"),
            "cannot be created: Not a directory",
        );
    }
    refuses(
        &folder.path().join("nowhere/udf.sock"),
        "cannot be created: No such file",
    );
    // Not even root can make one there.
    refuses(Path::new("/proc/udf.sock"), "cannot be created: ");
}

#[test]
fn a_living_servers_socket_stays_its_own() {
    let (process, server) = SocketServer::start(PROGRAM, &["mirror"]);
    let before = fs::symlink_metadata(server.path()).unwrap();
    refuses(server.path(), "belongs to a running server");
    let after = fs::symlink_metadata(server.path()).unwrap();
    assert_eq!((before.dev(), before.ino()), (after.dev(), after.ino()));
    server.is_alive();
    drop(process);
}

#[test]
fn a_dead_servers_socket_is_replaced() {
    let (mut process, server) = SocketServer::start(PROGRAM, &["mirror"]);
    process.signal(Signal::SIGKILL);
    assert_eq!(process.wait(), None);
    assert!(server.path().exists(), "a killed server cannot remove it");
    let mut next = serve(server.path(), &[]);
    next.logs("was left by a server that is gone, and is replaced");
    next.logs("listening on");
    server.is_alive();
    next.signal(Signal::SIGINT);
    assert_eq!(next.wait(), Some(0));
    assert!(!server.path().exists());
}

/// Each finds the dead server's socket, or another one that has only just been made.
#[test]
fn of_servers_that_start_at_once_one_has_the_socket() {
    const SERVERS: usize = 4;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("udf.sock");
    for round in 0..200 {
        drop(UnixListener::bind(&path).unwrap());
        // A process that another test is just starting may still have it.
        until("a dead server's socket", || {
            UnixStream::connect(&path).is_err().then_some(())
        });
        let start = Barrier::new(SERVERS);
        let bound = thread::scope(|scope| {
            let starting = [(); SERVERS].map(|()| {
                scope.spawn(|| {
                    start.wait();
                    UnixSocket::bind(&path, UnixSocket::MODE)
                })
            });
            starting.map(|server| server.join().unwrap())
        });
        let (served, refused): (Vec<_>, Vec<_>) = bound.into_iter().partition(Result::is_ok);
        assert_eq!(served.len(), 1, "round {round}: {refused:?}");
        for refused in refused {
            assert!(
                matches!(refused, Err(ServerError::InUse { .. })),
                "{refused:?}"
            );
        }
        UnixStream::connect(&path).unwrap();
        drop(served);
        assert!(!path.exists());
    }
}

/// Everybody who may read a folder may lock it.
#[test]
fn a_folder_that_somebody_keeps_locked_keeps_no_server_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let lock = File::open(folder.path()).unwrap();
    lock.lock().unwrap();
    let path = folder.path().join("udf.sock");
    let mut server = serve(&path, &[]);
    server.logs("listening on");
    server.signal(Signal::SIGTERM);
    assert_eq!(server.wait(), Some(0));
    assert!(!path.exists());
}

/// Somebody has put another server's socket there meanwhile.
#[test]
fn another_ones_socket_is_not_removed_at_the_end() {
    let (mut process, server) = SocketServer::start(PROGRAM, &["mirror"]);
    fs::remove_file(server.path()).unwrap();
    let other = UnixListener::bind(server.path()).unwrap();
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait(), Some(0));
    assert!(server.path().exists());
    drop(other);
}

/// As many as a program has are stopped by one signal, gracefully.
#[test]
fn a_signal_stops_all_servers_of_a_program() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["one.sock", "two.sock"].map(|name| folder.path().join(name));
    let mut command = Command::new(env!("CARGO_BIN_EXE_two-servers"));
    let mut process = SocketServer::spawn(command.args(&paths));
    process.logs("both serve");
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait(), Some(0));
    assert!(!paths.iter().any(|path| path.exists()));
}

#[test]
fn the_mode_can_be_chosen_and_lets_only_the_group_in_by_default() {
    let folder = tempfile::tempdir().unwrap();
    let mode_with = |name: &str, flags: &[&str]| {
        let path = folder.path().join(name);
        let process = serve(&path, flags);
        process.logs("listening on");
        let metadata = fs::symlink_metadata(&path).unwrap();
        assert!(metadata.file_type().is_socket());
        metadata.mode() & 0o7777
    };
    assert_eq!(mode_with("default", &[]), 0o660);
    assert_eq!(mode_with("own", &["--socket-mode", "0600"]), 0o600);
    assert_eq!(mode_with("all", &["--socket-mode", "777"]), 0o777);
    for wrong in ["1777", "-1", "rw", "0o660", "888", ""] {
        let path = folder.path().join("wrong");
        let mut process = serve(&path, &["--socket-mode", wrong]);
        assert_eq!(process.wait(), Some(2), "{wrong:?}");
        process.logs("--socket-mode takes an octal mode");
        assert!(!path.exists());
    }
}

/// Looks as often as it can while sockets are made that only their owner may open, in a process
/// that would leave all doors open: nobody else ever may.
#[test]
fn there_is_no_moment_in_which_a_socket_is_open_to_more() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let path = folder.path().join("udf.sock");
    let done = AtomicBool::new(false);
    // Other tests make nothing that this could open.
    let usual = umask(Mode::empty());
    let seen = thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut seen = Vec::new();
            while !done.load(Ordering::Relaxed) {
                if let Ok(metadata) = fs::symlink_metadata(&path) {
                    let mode = metadata.mode() & 0o777;
                    if !seen.contains(&mode) {
                        seen.push(mode);
                    }
                }
            }
            seen
        });
        for _ in 0..2_000 {
            drop(UnixSocket::bind(&path, 0o600).unwrap());
        }
        done.store(true, Ordering::Relaxed);
        looking.join().unwrap()
    });
    umask(usual);
    assert!(!seen.is_empty());
    let open: Vec<_> = seen
        .iter()
        .filter(|mode| **mode & 0o177 != 0)
        .map(|mode| format!("{mode:o}"))
        .collect();
    assert!(open.is_empty(), "it was open as {open:?}");
}
