//! Standard error, as what nobody has to wait for.
//!
//! At a line of 64 KiB Kapacitor stops reading a UDF's standard error for good, and a library or a child
//! process can write such a line past us. Whoever then writes more waits for ever. So what goes through
//! here is given up when it is not taken for a while; from then on nothing is waited for at all,
//! until it is taken again.

use std::io::{self, ErrorKind};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::io::{retry_on_intr, write};

use crate::ends::wait;

/// How long nothing may be taken.
const PATIENCE: Duration = Duration::from_secs(1);
/// What a pipe that is ready takes without waiting.
const PIECE: usize = 4096;

/// Whether nobody seems to read it; held while something is written, so that lines stay whole.
static DEAF: Mutex<bool> = Mutex::new(false);

/// Writes a text.
///
/// # Errors
/// Where it is not taken; a part of it may have been.
pub(crate) fn write_all(text: &[u8]) -> io::Result<()> {
    // Nothing panics while it is held. The standard library's own lock may be held by somebody who waits.
    let mut deaf = DEAF.lock().unwrap_or_else(PoisonError::into_inner);
    if *deaf {
        // What was given up has left a line open.
        write_pieces(b"\n", &mut deaf)?;
    }
    write_pieces(text, &mut deaf)
}

fn write_pieces(text: &[u8], deaf: &mut bool) -> io::Result<()> {
    for mut piece in text.chunks(PIECE) {
        while !piece.is_empty() {
            let patience = if *deaf { Duration::ZERO } else { PATIENCE };
            *deaf = !is_ready_within(patience)?;
            if *deaf {
                return Err(ErrorKind::TimedOut.into());
            }
            let taken = retry_on_intr(|| write(io::stderr(), piece))?;
            piece = &piece[taken..];
        }
    }
    Ok(())
}

fn is_ready_within(time: Duration) -> io::Result<bool> {
    let end = Instant::now() + time;
    let stderr = io::stderr();
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let mut ready = [PollFd::new(&stderr, PollFlags::OUT)];
        if wait(&mut ready, Some(left))? {
            return Ok(true);
        }
        if left.is_zero() {
            return Ok(false);
        }
    }
}
