//! Runs a program: feeds it, reads its output and measures its cost.

use std::fs;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{Usage, UsageWho, getrusage};

use crate::program::{Program, Transport};

/// The way in which the input is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// In blocks of 64 KiB.
    Blocks,
    /// As Kapacitor writes: the length of a message, then the message.
    HostLike,
}

/// The cost of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Seconds from the first byte written to the last one read.
    pub seconds: f64,
    /// Seconds of CPU, user and system, of the whole process.
    pub cpu: f64,
    /// Bytes of memory at its peak.
    pub memory: u64,
}

/// A running program.
pub struct Process {
    child: Child,
    socket: Option<PathBuf>,
    before: Usage,
    started: Instant,
}

/// The ends of a connection to a program.
pub enum Ends {
    /// Its stdin and stdout.
    Pipe(ChildStdin, ChildStdout),
    /// One connection to its socket.
    Socket(UnixStream),
}

/// Both directions, and a function that ends the first one.
pub type Split = (
    Box<dyn Input>,
    Box<dyn Read + Send>,
    Box<dyn FnOnce() + Send>,
);

/// The writable end of a program's input.
pub trait Input: Write + Send {}
impl<T: Write + Send> Input for T {}

impl Process {
    /// Starts a program.
    pub fn start(program: &Program) -> Self {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let socket =
            std::env::temp_dir().join(format!("udf-bench-{}-{number}.sock", std::process::id()));
        let before = getrusage(UsageWho::RUSAGE_CHILDREN)
            .expect("getrusage cannot fail with valid arguments");
        let started = Instant::now();
        let mut command = program.command(&socket);
        let on_pipe = program.transport == Transport::Pipe;
        let end = || {
            if on_pipe {
                Stdio::piped()
            } else {
                Stdio::null()
            }
        };
        let child = command
            .stdin(end())
            .stdout(end())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.name));
        Self {
            child,
            socket: (!on_pipe).then_some(socket),
            before,
            started,
        }
    }

    /// The time of the start.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Connects to it. A program on a pipe has only one connection.
    pub fn connect(&mut self) -> Ends {
        let Some(path) = &self.socket else {
            return Ends::Pipe(
                self.child.stdin.take().expect("it was piped"),
                self.child.stdout.take().expect("it was piped"),
            );
        };
        loop {
            match UnixStream::connect(path) {
                Ok(stream) => return Ends::Socket(stream),
                Err(error) if self.started.elapsed() > Duration::from_secs(20) => {
                    panic!("{}: {error}", path.display());
                }
                Err(_) => thread::sleep(Duration::from_micros(200)),
            }
        }
    }

    /// Peak memory so far, in bytes.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
    }

    /// Ends it and returns the seconds of CPU that it used, user and system.
    pub fn end(mut self) -> f64 {
        if let Some(path) = &self.socket {
            // A server runs until a signal.
            let _ = self.child.kill();
            let _ = fs::remove_file(path);
        }
        self.child.wait().expect("it was started");
        let after = getrusage(UsageWho::RUSAGE_CHILDREN)
            .expect("getrusage cannot fail with valid arguments");
        let seconds = |usage: &Usage| {
            [usage.user_time(), usage.system_time()]
                .iter()
                .map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6)
                .sum::<f64>()
        };
        seconds(&after) - seconds(&self.before)
    }
}

impl Ends {
    /// Splits the two directions, for two threads.
    pub fn split(self) -> Split {
        match self {
            Self::Pipe(input, output) => {
                // Dropping stdin closes it.
                (Box::new(input), Box::new(output), Box::new(|| {}))
            }
            Self::Socket(stream) => {
                let [input, end] = [(); 2].map(|()| stream.try_clone().expect("a descriptor"));
                let close = move || end.shutdown(Shutdown::Write).expect("it is open");
                (Box::new(input), Box::new(stream), Box::new(close))
            }
        }
    }
}

/// Starts a program, waits for its answer to `start`, then measures the cost of `data`.
pub fn run(program: &Program, start: &[u8], data: &[u8], feed: Feed) -> Cost {
    let mut process = Process::start(program);
    let (mut input, mut output, close) = process.connect().split();
    input.write_all(start).expect("it reads");
    // Any answer shows that it is working.
    let answered = output.read(&mut [0; 4096]).expect("it answers");
    assert!(answered > 0, "{} ended at once", program.name);
    let begin = Instant::now();
    let reader = thread::spawn(move || {
        let received = drain(&mut *output);
        (received, Instant::now())
    });
    write(&mut *input, data, feed);
    let memory = process.memory();
    drop(input);
    close();
    let (received, end) = reader.join().expect("reading does not fail");
    assert!(received > 0, "{} answered nothing", program.name);
    Cost {
        seconds: (end - begin).as_secs_f64(),
        cpu: process.end(),
        memory,
    }
}

/// Writes frames.
pub fn write(input: &mut dyn Input, data: &[u8], feed: Feed) {
    match feed {
        Feed::Blocks => {
            for block in data.chunks(64 * 1024) {
                input.write_all(block).expect("it reads");
            }
        }
        Feed::HostLike => {
            let mut rest = data;
            while !rest.is_empty() {
                let (size, head) = length(rest);
                let (length, message) = rest[..head + size].split_at(head);
                input.write_all(length).expect("it reads");
                input.write_all(message).expect("it reads");
                rest = &rest[head + size..];
            }
        }
    }
}

/// The length at the start of a frame, and the bytes that the length takes.
pub fn length(frame: &[u8]) -> (usize, usize) {
    let (mut size, mut head) = (0, 0);
    loop {
        let byte = frame[head];
        size |= usize::from(byte & 0x7f) << (7 * head);
        head += 1;
        if byte < 0x80 {
            return (size, head);
        }
    }
}

/// Reads to the end. Returns the number of bytes.
pub fn drain(output: &mut dyn Read) -> u64 {
    let mut buffer = vec![0; 64 * 1024];
    let mut received = 0;
    loop {
        match output.read(&mut buffer) {
            Ok(0) | Err(_) => return received,
            Ok(count) => received += count as u64,
        }
    }
}

/// Reads until this many bytes have come.
pub fn receive(output: &mut dyn Read, bytes: usize) {
    let mut buffer = vec![0; 64 * 1024];
    let mut received = 0;
    while received < bytes {
        match output.read(&mut buffer).expect("it answers") {
            0 => panic!("the output ended after {received} of {bytes} bytes"),
            count => received += count,
        }
    }
}
