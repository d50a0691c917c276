//! A server under a service manager, which the tests play: passed sockets, messages, watchdog and reload.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use fault_tests::{Connection, Process, Signal, until};
use nix::sys::signal::kill;
use nix::unistd::Pid;
use support::requests::Requests;
use tempfile::TempDir;
use udf_runtime::proto::response::Message;

const PROGRAM: &str = env!("CARGO_BIN_EXE_faulty-udfs");
/// Starts a program with standard input as descriptor 3, as a service manager passes a socket.
const ACTIVATE: &str = "exec env LISTEN_PID=$$ LISTEN_FDS=1 \"$0\" \"$@\" 3<&0 0</dev/null";

/// A service manager with one socket.
struct Manager {
    folder: TempDir,
    listener: UnixListener,
    messages: UnixDatagram,
}

impl Manager {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let messages = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        messages
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        Self {
            listener: UnixListener::bind(folder.path().join("udf.sock")).unwrap(),
            folder,
            messages,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("udf.sock")
    }

    /// The command that starts a program with a descriptor that is passed to it by a line of shell.
    fn command(&self, shell: &str, passed: OwnedFd, program: &Path, flags: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", shell])
            .arg(program)
            .arg("mirror")
            .args(flags)
            .env("NOTIFY_SOCKET", self.folder.path().join("notify"))
            .stdin(Stdio::from(passed))
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    fn activate(&self, flags: &[&str]) -> Process {
        self.activate_program(Path::new(PROGRAM), flags)
    }

    fn activate_program(&self, program: &Path, flags: &[&str]) -> Process {
        let passed = self.listener.try_clone().unwrap().into();
        Process::spawn(&mut self.command(ACTIVATE, passed, program, flags))
    }

    #[track_caller]
    fn message(&self) -> String {
        let mut message = [0; 1000];
        let length = self.messages.recv(&mut message).unwrap();
        String::from_utf8_lossy(&message[..length]).into_owned()
    }

    #[track_caller]
    fn connect(&self) -> Connection {
        let mut connection = Connection::over_socket(UnixStream::connect(self.path()).unwrap());
        connection.send(Requests::new().info());
        assert!(matches!(connection.receive(), Some(Message::Info(_))));
        connection
    }

    /// Starts a server, and reloads it. Returns the old process, a connection to it, and the new process.
    #[track_caller]
    fn reload(&self, flags: &[&str]) -> (Process, Connection, Pid) {
        let process = self.activate(flags);
        assert_eq!(self.message(), "READY=1");
        let connection = self.connect();
        process.signal(Signal::SIGHUP);
        assert!(self.message().starts_with("RELOADING=1\nMONOTONIC_USEC="));
        // The successor says it as well, before it is known to the service manager.
        let successor = until("the successor", || {
            let message = self.message();
            let process = message
                .strip_prefix("MAINPID=")?
                .strip_suffix("\nREADY=1")?;
            process.parse().ok()
        });
        (process, connection, Pid::from_raw(successor))
    }
}

#[track_caller]
fn answers(connection: &mut Connection, time: i64) {
    connection.send(Requests::new().keepalive(time));
    assert!(matches!(connection.receive(), Some(Message::Keepalive(it)) if it.time == time));
}

#[test]
fn a_passed_socket_is_served_and_left_in_its_place() {
    let manager = Manager::new();
    let mut process = manager.activate(&[]);
    assert_eq!(manager.message(), "READY=1");
    answers(&mut manager.connect(), 3);
    process.signal(Signal::SIGTERM);
    assert_eq!(manager.message(), "STOPPING=1");
    assert_eq!(process.wait(), Some(0));
    assert!(manager.path().exists());
}

#[test]
fn a_server_on_its_own_socket_says_that_it_is_ready_and_that_it_stops() {
    let manager = Manager::new();
    let own = manager.folder.path().join("own.sock");
    let (nothing, _end) = std::io::pipe().unwrap();
    let flags = ["--socket", own.to_str().unwrap()];
    let shell = "exec \"$0\" \"$@\"";
    let mut command = manager.command(shell, nothing.into(), Path::new(PROGRAM), &flags);
    let mut process = Process::spawn(&mut command);
    assert_eq!(manager.message(), "READY=1");
    UnixStream::connect(&own).unwrap();
    process.signal(Signal::SIGTERM);
    assert_eq!(manager.message(), "STOPPING=1");
    assert_eq!(process.wait(), Some(0));
}

#[test]
fn a_path_has_to_be_that_of_the_passed_socket() {
    let manager = Manager::new();
    let path = manager.path();
    let process = manager.activate(&["--socket", path.to_str().unwrap()]);
    assert_eq!(manager.message(), "READY=1");
    drop(process);
    let mut process = manager.activate(&["--socket", "/elsewhere/udf.sock"]);
    assert_eq!(process.wait(), Some(1));
    process.logs(&format!(
        "error: expected --socket {}, the socket that was passed, found /elsewhere/udf.sock; \
         help: leave --socket out",
        path.display()
    ));
}

#[test]
fn anything_but_one_listening_unix_socket_is_refused() {
    let manager = Manager::new();
    let listener = || manager.listener.try_clone().unwrap().into();
    let (connection, _peer) = UnixStream::pair().unwrap();
    let (pipe, _end) = std::io::pipe().unwrap();
    let two = ACTIVATE.replace("LISTEN_FDS=1", "LISTEN_FDS=2");
    let two = two.replace("3<&0", "3<&0 4<&0");
    for (shell, passed, found) in [
        (ACTIVATE, connection.into(), "found a connection; help: "),
        (ACTIVATE, pipe.into(), "found fd 3 is not a socket; help: "),
        (&two, listener(), "found 2 sockets; help: "),
    ] {
        let mut command = manager.command(shell, passed, Path::new(PROGRAM), &[]);
        let mut process = Process::spawn(&mut command);
        assert_eq!(process.wait(), Some(1), "{found}");
        process.logs("error: expected one listening Unix socket from the service manager, ");
        process.logs(found);
    }
}

/// As in a child of a service with a socket, and where the variables were left over.
#[test]
fn a_socket_for_another_process_is_not_taken() {
    let manager = Manager::new();
    for process in ["LISTEN_PID=1", ""] {
        let shell = ACTIVATE.replace("LISTEN_PID=$$", process);
        let passed = manager.listener.try_clone().unwrap().into();
        let mut command = manager.command(&shell, passed, Path::new(PROGRAM), &[]);
        // Serves standard input, which is empty.
        assert_eq!(Process::spawn(&mut command).wait(), Some(0), "{process:?}");
    }
}

#[test]
fn the_watchdog_gets_signs_of_life() {
    let manager = Manager::new();
    let passed = manager.listener.try_clone().unwrap().into();
    let mut command = manager.command(ACTIVATE, passed, Path::new(PROGRAM), &[]);
    let process = Process::spawn(command.env("WATCHDOG_USEC", "1000000"));
    assert_eq!(manager.message(), "READY=1");
    for _ in 0..3 {
        assert_eq!(manager.message(), "WATCHDOG=1");
    }
    process.signal(Signal::SIGTERM);
    let last = until("the stop", || {
        Some(manager.message()).filter(|message| message != "WATCHDOG=1")
    });
    assert_eq!(last, "STOPPING=1");
}

#[test]
fn a_reload_keeps_connections_and_gives_new_ones_to_the_new_process() {
    let manager = Manager::new();
    let (mut process, mut old, successor) = manager.reload(&[]);
    let mut new = manager.connect();
    answers(&mut old, 7);
    // The old process ends with its last connection, and the new one serves on.
    old.close_input();
    assert_eq!(old.receive(), None);
    until("the old process to end", || {
        (!process.is_running()).then_some(())
    });
    answers(&mut new, 8);
    answers(&mut manager.connect(), 9);
    kill(successor, Signal::SIGTERM).unwrap();
    assert_eq!(new.receive(), None);
    // The log, which both share, ends with the second of them.
    assert_eq!(process.wait(), Some(0));
}

#[test]
fn connections_that_outlast_the_drain_limit_end() {
    let manager = Manager::new();
    let (mut process, mut old, successor) = manager.reload(&["--drain-limit", "1ms"]);
    assert_eq!(old.receive(), None);
    process.logs("1 connections are still open 1ms after the reload, and end now");
    kill(successor, Signal::SIGTERM).unwrap();
    assert_eq!(process.wait(), Some(0));
}

#[test]
fn a_signal_stops_a_server_that_drains() {
    let manager = Manager::new();
    let (mut process, mut old, successor) = manager.reload(&[]);
    process.signal(Signal::SIGTERM);
    assert_eq!(old.receive(), None);
    kill(successor, Signal::SIGTERM).unwrap();
    assert_eq!(process.wait(), Some(0));
}

#[test]
fn a_program_that_does_not_start_fails_the_reload_and_costs_nothing() {
    let manager = Manager::new();
    let program = manager.folder.path().join("my_udf");
    symlink(PROGRAM, &program).unwrap();
    let process = manager.activate_program(&program, &[]);
    assert_eq!(manager.message(), "READY=1");
    let mut connection = manager.connect();
    fs::remove_file(&program).unwrap();
    for broken in ["/bin/false", "/bin/echo", "/nowhere"] {
        symlink(broken, &program).unwrap();
        process.signal(Signal::SIGHUP);
        assert!(manager.message().starts_with("RELOADING=1\n"));
        assert_eq!(manager.message(), "READY=1");
        fs::remove_file(&program).unwrap();
    }
    process.logs("my_udf did not start: exit status: 1");
    process.logs("the reload has failed, and this process serves on: No such file or directory");
    answers(&mut connection, 4);
    answers(&mut manager.connect(), 5);
}
