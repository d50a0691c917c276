//! Programs, run to their end.

use std::ffi::OsStr;
use std::io::Write as _;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

/// What came of a program.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to its standard output.
    pub output: Vec<u8>,
    /// What it wrote to its standard error.
    pub errors: String,
}

impl Ran {
    /// The standard output as text.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.output).expect("the output is text")
    }

    /// The exit code.
    ///
    /// # Panics
    /// When a signal ended the program.
    #[must_use]
    pub fn code(&self) -> i32 {
        self.status.code().expect("no signal ended it")
    }
}

/// Runs a program on an input and waits for its end.
///
/// # Panics
/// When it cannot be run.
pub fn run<A: AsRef<OsStr>>(
    program: &str,
    arguments: impl IntoIterator<Item = A>,
    input: impl Into<Vec<u8>>,
) -> Ran {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    let input = input.into();
    // Beside the output, or both sides could wait for each other. A program may end without
    // reading all.
    let writing = thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("the program ends");
    writing.join().expect("writing does not panic");
    Ran {
        status: output.status,
        output: output.stdout,
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
