//! Runs programs, to their end or in the background of a test.

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use crate::wait::DEADLINE;

/// The outcome of a program.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub output: Vec<u8>,
    /// Its standard error.
    pub errors: String,
}

impl Ran {
    /// The standard output as text.
    ///
    /// # Panics
    /// If it is not text.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.output).expect("the output is text")
    }

    /// The exit code.
    ///
    /// # Panics
    /// If a signal ended the program.
    #[must_use]
    pub fn code(&self) -> i32 {
        self.status.code().expect("the program exited by itself")
    }
}

/// Runs a program on an input and waits for its end.
///
/// # Panics
/// If it cannot be run or does not end in time.
pub fn run<A: AsRef<OsStr>>(
    program: &str,
    arguments: impl IntoIterator<Item = A>,
    input: impl Into<Vec<u8>>,
) -> Ran {
    run_within(DEADLINE, program, arguments, input.into())
}

fn run_within<A: AsRef<OsStr>>(
    deadline: Duration,
    program: &str,
    arguments: impl IntoIterator<Item = A>,
    input: Vec<u8>,
) -> Ran {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    let mut stdout = child.stdout.take().expect("stdout is a pipe");
    let mut stderr = child.stderr.take().expect("stderr is a pipe");
    // Written in a thread, because otherwise both sides could wait for each other. A program may end
    // before it has read everything.
    let writing = thread::spawn(move || drop(stdin.write_all(&input)));
    let reading = thread::spawn(move || {
        let mut errors = Vec::new();
        stderr.read_to_end(&mut errors).map(|_| errors)
    });
    let (tell_end, end) = channel();
    let waiting = thread::spawn(move || {
        let in_time = end.recv_timeout(deadline).is_ok();
        if !in_time {
            // Fails only if it has just ended.
            let _ = child.kill();
        }
        (in_time, child.wait())
    });
    let mut output = Vec::new();
    stdout.read_to_end(&mut output).expect("stdout is read");
    // Fails only after the program was killed.
    let _ = tell_end.send(());
    let (in_time, status) = waiting.join().expect("waiting does not panic");
    writing.join().expect("writing does not panic");
    let errors = reading.join().expect("reading does not panic");
    assert!(in_time, "waited {deadline:?} for {program} to end");
    Ran {
        status: status.expect("it is our child"),
        output,
        errors: String::from_utf8_lossy(&errors.expect("stderr is read")).into_owned(),
    }
}

/// A program that runs in the background. Dropping it kills it.
#[derive(Debug)]
pub struct Started {
    /// The process.
    pub child: Child,
}

impl Started {
    /// Starts a program.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn new(command: &mut Command) -> Self {
        let child = command.spawn().expect("the program starts");
        Self { child }
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it does not end in time.
    #[track_caller]
    pub fn wait(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                return status;
            }
            let waited = began.elapsed();
            assert!(waited < DEADLINE, "waited {waited:?} for a program to end");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // Both fail only if it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic = "waited 50ms for sh to end"]
    fn waiting_for_a_program_without_end_fails() {
        let endless = "while :; do echo x; done";
        run_within(Duration::from_millis(50), "sh", ["-c", endless], Vec::new());
    }
}
