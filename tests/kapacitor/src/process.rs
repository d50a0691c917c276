//! Child processes that do not outlive their handle.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;

use rustix::process::{Pid, kill_process, test_kill_process};

pub use rustix::process::Signal;

use crate::wait;

/// A running program whose output goes to a file. Dropping it kills it and its children.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a command. Its output is appended to the file `log`.
    pub(crate) fn start(command: &mut Command, log: PathBuf) -> Process {
        let program = PathBuf::from(command.get_program());
        let name = program
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let open = || -> io::Result<File> {
            let file = File::options().create(true).append(true).open(&log)?;
            Ok(file)
        };
        let child = open()
            .and_then(|file| {
                let second = file.try_clone()?;
                command
                    .stdin(Stdio::null())
                    .stdout(file)
                    .stderr(second)
                    .spawn()
            })
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
        Process { name, child, log }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its output so far.
    pub fn log(&self) -> String {
        read_log(&self.log)
    }

    /// Waits for a line of its output that contains `part`, and returns the line.
    #[track_caller]
    pub fn log_line(&self, part: &str) -> String {
        find_line(
            &format!("{:?} in the log of {}", part, self.name),
            part,
            || self.log(),
        )
    }

    /// Sends a signal. Does nothing after the process was waited for.
    pub fn signal(&mut self, signal: Signal) {
        if self.exited().is_none() {
            // The process is not reaped yet, so the id is still valid. We may signal all our children.
            let _ = kill_process(Pid::from_child(&self.child), signal);
        }
    }

    /// Its exit status, if it has exited.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        self.child
            .try_wait()
            .expect("waiting for a child does not fail")
    }

    /// Waits until it exits by itself.
    #[track_caller]
    pub fn wait(&mut self) -> ExitStatus {
        let name = self.name.clone();
        wait::until(&format!("{name} to exit"), || {
            self.exited().ok_or_else(|| "it still runs".into())
        })
    }

    /// The ids of all its running descendants.
    pub fn descendants(&self) -> Vec<u32> {
        descendants(self.id())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let left = descendants(self.id());
        // Fails only if it is already gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
        for pid in left {
            if let Some(pid) = pid.try_into().ok().and_then(Pid::from_raw) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        if thread::panicking() {
            print_end(&self.name, &self.log());
        }
    }
}

/// Whether there is a process with this id that has not ended. A zombie has ended.
pub fn is_running(pid: u32) -> bool {
    let raw = pid.try_into().ok().and_then(Pid::from_raw);
    raw.is_some_and(|pid| test_kill_process(pid).is_ok())
        && stat(pid).is_some_and(|(state, _)| state != "Z" && state != "X")
}

/// Sends a signal to a UDF that Kapacitor runs, which is not a child of this process.
///
/// # Panics
/// If there is no such process.
#[track_caller]
pub fn signal(pid: u32, signal: Signal) {
    let raw = pid.try_into().ok().and_then(Pid::from_raw);
    kill_process(raw.expect("the id of a process"), signal).expect("there is such a process");
}

/// All descendants of a process.
fn descendants(ancestor: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let all: Vec<(u32, u32)> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, stat(pid)?.1)))
        .collect();
    let mut found = vec![ancestor];
    let mut next = 0;
    while next < found.len() {
        let parent = found[next];
        found.extend(
            all.iter()
                .filter(|(_, of)| *of == parent)
                .map(|(pid, _)| *pid),
        );
        next += 1;
    }
    found.split_off(1)
}

/// A process's state and the id of its parent.
fn stat(pid: u32) -> Option<(String, u32)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command's name is in parentheses and may itself contain parentheses.
    let (_, rest) = text.rsplit_once(')')?;
    let mut words = rest.split_whitespace();
    Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
}

/// The current content of a log, which need not be UTF-8.
pub(crate) fn read_log(path: &Path) -> String {
    fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

/// Waits for a line of a log that contains `part`.
#[track_caller]
pub(crate) fn find_line(what: &str, part: &str, log: impl Fn() -> String) -> String {
    wait::until(what, || {
        let log = log();
        let line = log
            .lines()
            .find(|line| line.contains(part))
            .map(str::to_owned);
        line.ok_or_else(|| "no such line".into())
    })
}

/// Prints the end of a log after the failure of a test.
pub(crate) fn print_end(name: &str, log: &str) {
    const LINES: usize = 40;
    const WIDTH: usize = 400;
    let lines: Vec<&str> = log.lines().collect();
    let end = &lines[lines.len().saturating_sub(LINES)..];
    eprintln!("--- the last lines of {name}'s log:");
    for line in end {
        eprintln!("{}", line.chars().take(WIDTH).collect::<String>());
    }
    eprintln!("---");
}
