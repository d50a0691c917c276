//! The file of a server's socket: what it replaces, who may open it, and when it is removed.

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

/// Checks that a server ends at once, with exit code 1 and a text in its log.
#[track_caller]
fn refuses(path: &Path, text: &str) {
    let mut process = serve(path, &[]);
    assert_eq!(process.wait(), Some(1), "{}", path.display());
    process.logs(text);
}

#[test]
fn a_path_that_is_too_long_is_refused() {
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
fn a_file_that_is_not_a_socket_stays_unchanged() {
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
fn a_path_where_no_socket_can_be_created_is_refused() {
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
    // Not even root can create one there.
    refuses(Path::new("/proc/udf.sock"), "cannot be created: ");
}

#[test]
fn the_socket_of_a_running_server_stays_unchanged() {
    let (process, server) = SocketServer::start(PROGRAM, &["mirror"]);
    let before = fs::symlink_metadata(server.path()).unwrap();
    refuses(server.path(), "belongs to a running server");
    let after = fs::symlink_metadata(server.path()).unwrap();
    assert_eq!((before.dev(), before.ino()), (after.dev(), after.ino()));
    server.is_alive();
    drop(process);
}

#[test]
fn the_socket_of_a_dead_server_is_replaced() {
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

/// Each finds the dead server's socket, or another one that was just created.
#[test]
fn one_of_several_servers_that_start_together_gets_the_socket() {
    const SERVERS: usize = 4;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("udf.sock");
    for round in 0..200 {
        drop(UnixListener::bind(&path).unwrap());
        // A process that another test is just starting may still hold it.
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

/// Any process that may read a folder may lock it.
#[test]
fn a_server_starts_in_a_folder_that_another_process_keeps_locked() {
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

/// Another server's socket has replaced the first one.
#[test]
fn a_server_does_not_remove_the_socket_of_another() {
    let (mut process, server) = SocketServer::start(PROGRAM, &["mirror"]);
    fs::remove_file(server.path()).unwrap();
    let other = UnixListener::bind(server.path()).unwrap();
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait(), Some(0));
    assert!(server.path().exists());
    drop(other);
}

/// One signal stops all servers of a program gracefully.
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
fn the_mode_can_be_chosen_and_defaults_to_owner_and_group() {
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

/// Checks the mode as often as possible while a process without a umask creates sockets that only their
/// owner may open. Nothing else may ever open them.
#[test]
fn a_socket_never_has_more_permissions_than_its_mode() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let path = folder.path().join("udf.sock");
    let done = AtomicBool::new(false);
    // Other tests create nothing that the changed umask could open.
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
    assert!(open.is_empty(), "the socket had the modes {open:?}");
}
