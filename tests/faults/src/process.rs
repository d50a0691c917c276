//! UDFs in separate processes, which do not outlive the test.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use nix::sys::signal::kill;
use nix::unistd::Pid;
use support::requests::Requests;
use tempfile::TempDir;
use udf_runtime::proto::response::Message;

use crate::{Connection, until};

pub use nix::sys::signal::Signal;

/// A running program. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: Arc<Mutex<Vec<u8>>>,
    /// The thread that reads the log.
    logging: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts a program as Kapacitor does, as its child.
    ///
    /// # Panics
    /// If it cannot be started.
    #[track_caller]
    pub fn on_pipes(program: &str, arguments: &[&str]) -> (Self, Connection) {
        Self::start(Command::new(program).args(arguments))
    }

    /// Starts a command with pipes to its stdin, stdout and stderr.
    ///
    /// # Panics
    /// If it cannot be started.
    #[track_caller]
    pub fn start(command: &mut Command) -> (Self, Connection) {
        Self::start_with(command, Stdio::piped())
    }

    /// Starts a command with pipes to its stdin and stdout.
    ///
    /// # Panics
    /// If it cannot be started.
    #[track_caller]
    pub fn start_with(command: &mut Command, stderr: Stdio) -> (Self, Connection) {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Self::spawn(command.stderr(stderr));
        let (input, output) = (process.child.stdin.take(), process.child.stdout.take());
        let connection = Connection::over_pipes(
            input.expect("it is piped").into(),
            output.expect("it is piped").into(),
        );
        (process, connection)
    }

    /// Starts a command with the stdin, stdout and stderr that it has.
    ///
    /// # Panics
    /// If it cannot be started.
    #[track_caller]
    pub fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
        let log = Arc::<Mutex<Vec<u8>>>::default();
        let logging = child.stderr.take().map(|mut stderr| {
            let log = log.clone();
            thread::spawn(move || {
                let mut buffer = [0; 16 * 1024];
                while let Ok(count @ 1..) = stderr.read(&mut buffer) {
                    log.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .extend_from_slice(&buffer[..count]);
                }
            })
        });
        Self {
            child,
            log,
            logging,
        }
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Waits until its log contains `part`.
    #[track_caller]
    pub fn logs(&self, part: &str) {
        // A failed test shows the log.
        until(&format!("{part:?} in the log"), || {
            self.log().contains(part).then_some(())
        });
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// If the process has ended.
    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).expect("it was not waited for yet");
    }

    /// The process's id.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Waits for the end of the process and of its log. Returns the exit code, or `None` after a signal.
    ///
    /// # Panics
    /// If one of them does not end in time.
    #[track_caller]
    pub fn wait(&mut self) -> Option<i32> {
        let status = until("the process to end", || {
            self.child.try_wait().expect("it is our child")
        });
        until("the log to end", || {
            let is_read = self.logging.as_ref().is_none_or(JoinHandle::is_finished);
            is_read.then_some(())
        });
        status.code()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Its peak memory so far, in bytes.
    ///
    /// # Panics
    /// If it has ended.
    #[track_caller]
    pub fn peak_memory(&self) -> u64 {
        self.status("VmHWM:") * 1024
    }

    /// The number of its threads.
    ///
    /// # Panics
    /// If it has ended.
    #[track_caller]
    pub fn threads(&self) -> u64 {
        self.status("Threads:")
    }

    /// The number of its open descriptors.
    ///
    /// # Panics
    /// If it has ended.
    #[track_caller]
    pub fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.child.id()))
            .expect("it runs")
            .count()
    }

    /// The number that the next descriptor it opens will have.
    ///
    /// # Panics
    /// If it has ended.
    #[track_caller]
    pub fn next_descriptor(&self) -> u64 {
        let path = format!("/proc/{}/fd", self.child.id());
        let is_free = |number: &u64| !Path::new(&format!("{path}/{number}")).is_symlink();
        assert!(Path::new(&path).exists(), "it runs");
        (0..).find(is_free).expect("some number is free")
    }

    #[track_caller]
    fn status(&self, key: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .expect("Linux says it of a process that runs");
        let line = status.lines().find(|line| line.starts_with(key));
        let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        number.unwrap_or_else(|| panic!("no {key} in {status}"))
    }

    /// Waits until the process is idle: until all of its threads sleep and stay asleep.
    ///
    /// # Panics
    /// If they do not, or if the process ends.
    #[track_caller]
    pub fn sleeps(&self) {
        let mut before = None;
        let mut still = 0;
        until("all threads to sleep", || {
            let now = self.switches();
            still = if now.is_some() && now == before {
                still + 1
            } else {
                0
            };
            before = now;
            (still > 4).then_some(())
        });
    }

    /// How often each thread has begun to wait. `None` if some thread does not wait.
    fn switches(&self) -> Option<Vec<String>> {
        let threads = format!("/proc/{}/task", self.child.id());
        let switches = |status: String| {
            let value = |key| {
                let line = status.lines().find(|line| line.starts_with(key))?;
                line.split_whitespace().nth(1)
            };
            assert_ne!(
                value("State:"),
                Some("Z"),
                "the process has ended unexpectedly"
            );
            let sleeps = value("State:") == Some("S");
            // The watch wakes periodically.
            if value("Name:") == Some("udf-watch") {
                return sleeps.then(String::new);
            }
            sleeps.then(|| value("voluntary_ctxt_switches:").map(str::to_owned))?
        };
        fs::read_dir(&threads)
            .expect("it was not waited for yet")
            .map(|thread| {
                let status = thread.ok()?.path().join("status");
                fs::read_to_string(status).ok().and_then(switches)
            })
            .collect()
    }

    /// Waits until the process has only the descriptors and threads that it needs when idle. Returns the
    /// number of descriptors. Those of a connection are closed just after its end.
    #[track_caller]
    pub fn settles(&self, descriptors: usize) -> usize {
        until(
            "the descriptors and threads of ended connections to go",
            || {
                let open = self.descriptors();
                (open <= descriptors && self.threads() <= 2).then_some(open)
            },
        )
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            let log = self.log();
            let end = log.len().saturating_sub(4_000);
            eprintln!("--- its log:\n{}\n---", log.get(end..).unwrap_or_default());
        }
    }
}

/// The socket of a server.
#[derive(Debug)]
pub struct SocketServer {
    _folder: TempDir,
    path: PathBuf,
}

impl SocketServer {
    /// Starts a program as a server on a new socket, and waits until it listens.
    ///
    /// # Panics
    /// If it cannot be started.
    #[track_caller]
    pub fn start(program: &str, arguments: &[&str]) -> (Process, Self) {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("udf.sock");
        let mut command = Command::new(program);
        command.args(arguments).arg("--socket").arg(&path);
        let process = Self::spawn(&mut command);
        process.logs("listening on");
        let server = Self {
            _folder: folder,
            path,
        };
        (process, server)
    }

    /// Starts a server's command without waiting until it listens.
    #[track_caller]
    pub fn spawn(command: &mut Command) -> Process {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Process::spawn(command.stderr(Stdio::piped()))
    }

    /// The path of the socket.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Connects, as Kapacitor does.
    ///
    /// # Panics
    /// If no server listens.
    #[track_caller]
    pub fn connect(&self) -> Connection {
        let stream = UnixStream::connect(&self.path).expect("the server listens");
        Connection::over_socket(stream)
    }

    /// Checks that a new connection is served.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn is_alive(&self) {
        let mut connection = self.connect();
        connection.send(Requests::new().info().keepalive(3));
        assert!(matches!(connection.receive(), Some(Message::Info(_))));
        assert!(matches!(connection.receive(), Some(Message::Keepalive(it)) if it.time == 3));
        connection.close_input();
        assert_eq!(connection.receive(), None);
    }
}

/// Opens a device for writing.
///
/// # Panics
/// If it does not exist.
#[track_caller]
pub fn device(path: &str) -> File {
    File::options()
        .write(true)
        .open(path)
        .expect("every Linux has it")
}
