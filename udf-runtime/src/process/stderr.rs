//! Writes to standard error without waiting for its reader for long.
//!
//! At a line of 64 KiB, Kapacitor and Telegraf stop reading a UDF's standard error for good. A library
//! or a child process can write such a line directly. A plain write then blocks for ever. A write through
//! this module fails after a second without progress. Later writes fail at once until the reader takes
//! something again.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileTypeExt as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::io::{Errno, retry_on_intr, write};

use crate::process::poll::{reopen_without_waiting, wait};

/// How long a write waits for its reader.
const PATIENCE: Duration = Duration::from_secs(1);
/// Bytes of one write. A pipe takes this many as a whole or not at all.
const PIECE: usize = 4096;

/// Locked during a write, so that lines stay whole. The standard library's own lock is not used, because
/// a blocked thread may hold it.
static STDERR: Mutex<Stderr> = Mutex::new(Stderr {
    to: None,
    is_stuck: false,
});

struct Stderr {
    /// Opened at the first write.
    to: Option<File>,
    /// The reader has stopped reading.
    is_stuck: bool,
}

/// Writes a text.
///
/// # Errors
/// If the reader does not take all of it in time.
pub(crate) fn write_all(text: &[u8]) -> io::Result<()> {
    // No code panics while holding this lock.
    let mut stderr = STDERR.lock().unwrap_or_else(PoisonError::into_inner);
    if stderr.is_stuck {
        // The failed write may have left an unfinished line.
        stderr.write(b"\n")?;
    }
    stderr.write(text)
}

impl Stderr {
    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        let to = match &mut self.to {
            Some(to) => to,
            to => to.insert(open()?),
        };
        for mut piece in text.chunks(PIECE) {
            while !piece.is_empty() {
                let patience = if self.is_stuck {
                    Duration::ZERO
                } else {
                    PATIENCE
                };
                self.is_stuck = !is_ready_within(to, patience)?;
                if self.is_stuck {
                    return Err(ErrorKind::TimedOut.into());
                }
                match retry_on_intr(|| write(&*to, piece)) {
                    Ok(taken) => piece = &piece[taken..],
                    // Another process has filled the pipe in the meantime.
                    Err(Errno::AGAIN) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }
}

/// Opens standard error so that a write to a pipe does not block. Files and terminals have no reader to
/// wait for.
fn open() -> io::Result<File> {
    let stderr = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    if stderr.metadata()?.file_type().is_fifo() {
        // If that fails, only the check before each write keeps it from blocking.
        return Ok(reopen_without_waiting(&stderr).unwrap_or(stderr));
    }
    Ok(stderr)
}

fn is_ready_within(to: &File, time: Duration) -> io::Result<bool> {
    let end = Instant::now() + time;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let mut ready = [PollFd::new(to, PollFlags::OUT)];
        if wait(&mut ready, Some(left))? {
            return Ok(true);
        }
        if left.is_zero() {
            return Ok(false);
        }
    }
}
