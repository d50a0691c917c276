//! Standard error, written without waiting for a reader that does not read.
//!
//! At a line of 64 KiB Kapacitor stops reading a UDF's standard error for good, and a library or a child
//! process can write such a line past the SDK. Any thread that then writes more waits for ever. So what goes through
//! here is given up when it is not taken for a while; from then on nothing is waited for at all,
//! until it is taken again.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileTypeExt as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::io::{Errno, retry_on_intr, write};

use crate::process::poll::{reopen_without_waiting, wait};

/// How long nothing may be taken.
const PATIENCE: Duration = Duration::from_secs(1);
/// Bytes that are written at once: a pipe takes so many whole, or says that it does not.
const PIECE: usize = 4096;

/// Locked while something is written, so that lines stay whole. The standard library's own lock may be
/// held by somebody who waits.
static STDERR: Mutex<Stderr> = Mutex::new(Stderr {
    to: None,
    is_deaf: false,
});

struct Stderr {
    /// Where to write, known from the first text on.
    to: Option<File>,
    /// The last text was not taken in time.
    is_deaf: bool,
}

/// Writes a text.
///
/// # Errors
/// Where it is not taken; a part of it may have been.
pub(crate) fn write_all(text: &[u8]) -> io::Result<()> {
    // Nothing panics while it is held.
    let mut stderr = STDERR.lock().unwrap_or_else(PoisonError::into_inner);
    if stderr.is_deaf {
        // What was given up has left a line open.
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
                let patience = if self.is_deaf {
                    Duration::ZERO
                } else {
                    PATIENCE
                };
                self.is_deaf = !is_ready_within(to, patience)?;
                if self.is_deaf {
                    return Err(ErrorKind::TimedOut.into());
                }
                match retry_on_intr(|| write(&*to, piece)) {
                    Ok(taken) => piece = &piece[taken..],
                    // Somebody else has written meanwhile.
                    Err(Errno::AGAIN) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }
}

/// Standard error, so that it does not wait if it is a pipe; all else waits for no reader.
fn open() -> io::Result<File> {
    let stderr = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    if stderr.metadata()?.file_type().is_fifo() {
        // Where that cannot be done, to look before each write has to do.
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
