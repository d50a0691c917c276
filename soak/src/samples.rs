//! Samples a process's resources over time.

use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

/// A process's resources at one moment.
#[derive(Clone, Copy, Debug)]
struct Sample {
    /// In KiB.
    memory: u64,
    descriptors: u64,
    threads: u64,
}

/// Prints a process's resources periodically, and checks at the end that they did not grow.
pub(crate) struct Samples {
    pid: u32,
    name: &'static str,
    began: Instant,
    last: Option<Instant>,
    all: Vec<Sample>,
}

/// The interval between samples.
const EVERY: Duration = Duration::from_millis(250);
/// The number of samples that are printed.
const PRINTED: usize = 40;
/// KiB by which memory may grow after the first quarter. This covers the read-ahead buffer, which may grow
/// at any time while the output is not read, and the allocator.
const SLACK: u64 = 6 * 1024;

impl Samples {
    pub(crate) fn of(pid: u32, name: &'static str) -> Self {
        println!(
            "{name}\n{:>8} {:>12} {:>10} {:>12} {:>8}",
            "seconds", "done", "KiB", "descriptors", "threads"
        );
        Self {
            pid,
            name,
            began: Instant::now(),
            last: None,
            all: Vec::new(),
        }
    }

    /// Takes a sample if it is due. Takes none before any work is done, as the process may still start.
    pub(crate) fn look(&mut self, done: u64) -> Result<(), Box<dyn Error>> {
        if done == 0 || self.last.is_some_and(|last| last.elapsed() < EVERY) {
            return Ok(());
        }
        self.look_now(done)
    }

    /// Takes a sample, and prints some of them.
    pub(crate) fn look_now(&mut self, done: u64) -> Result<(), Box<dyn Error>> {
        self.last = Some(Instant::now());
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let value = |key: &str| {
            let line = status.lines().find(|line| line.starts_with(key))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        let sample = Sample {
            memory: value("VmRSS:").ok_or("no memory in the process's status")?,
            threads: value("Threads:").ok_or("no threads in the process's status")?,
            descriptors: fs::read_dir(format!("/proc/{}/fd", self.pid))?.count() as u64,
        };
        self.all.push(sample);
        let seconds = self.began.elapsed().as_secs_f64();
        // Prints the first ones, then fewer and fewer.
        let count = self.all.len();
        if count <= PRINTED / 4 || count.is_multiple_of(count.ilog2() as usize * 4) {
            let Sample {
                memory,
                descriptors,
                threads,
            } = sample;
            println!("{seconds:>8.1} {done:>12} {memory:>10} {descriptors:>12} {threads:>8}");
        }
        Ok(())
    }

    /// Checks that the process uses no more at the end than after a quarter of the time.
    pub(crate) fn are_flat(&mut self, done: u64) -> Result<(), Box<dyn Error>> {
        self.look_now(done)?;
        let seconds = self.began.elapsed().as_secs_f64();
        let early = &self.all[..self.all.len().div_ceil(4)];
        let most = |of: fn(&Sample) -> u64| early.iter().map(of).max().unwrap_or_default();
        let last = self.all.last().copied().ok_or("nothing was seen")?;
        let name = self.name;
        for (what, last, before, slack) in [
            (
                "KiB",
                last.memory,
                most(|it| it.memory),
                SLACK + most(|it| it.memory) / 10,
            ),
            (
                "descriptors",
                last.descriptors,
                most(|it| it.descriptors),
                0,
            ),
            ("threads", last.threads, most(|it| it.threads), 2),
        ] {
            if last > before + slack {
                return Err(format!("{name}: {last} {what} at the end, {before} before").into());
            }
        }
        println!(
            "  {done} in {seconds:.1} s: {:.0} a second\n",
            done as f64 / seconds
        );
        Ok(())
    }
}
