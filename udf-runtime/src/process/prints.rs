//! Relays a UDF's prints to Kapacitor's log.
//!
//! Kapacitor and Telegraf stop reading a UDF's standard error at a line of 64 KiB. A UDF that keeps
//! printing would then block for ever. A batch printed with `{:?}` can be such a line, so prints are cut
//! like log records.

use std::io::{self, PipeReader, Read, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use log::Level;

use crate::process::text::MAX_TEXT;
use crate::process::threads::{self, Spawned};
use crate::process::{logging, stderr};

/// How long to wait for the last prints. A child process may keep its standard output open.
const PATIENCE: Duration = Duration::from_millis(500);

/// The thread that relays prints until their end.
static RELAY: Mutex<Option<Spawned>> = Mutex::new(None);

/// Redirects standard output to standard error, line by line.
pub(crate) fn relay() -> io::Result<()> {
    let (printed, stdout) = io::pipe()?;
    let relay = threads::spawn("udf-prints", Box::new(|| pass_on(printed)))?;
    rustix::stdio::dup2_stdout(stdout)?;
    *lock() = Some(relay);
    Ok(())
}

/// Relays the last prints and ends the relay.
pub(crate) fn finish() {
    let Some(relay) = lock().take() else {
        return;
    };
    // In a thread, because a stuck callback may hold the lock of standard output for ever. There is no
    // other place to report a failed print.
    let flush = || drop(io::stdout().flush());
    if let Ok(flush) = threads::spawn("udf-flush", Box::new(flush)) {
        flush.ends_within(PATIENCE);
    }
    if rustix::stdio::dup2_stdout(io::stderr()).is_ok() {
        relay.ends_within(PATIENCE);
    }
}

fn lock() -> MutexGuard<'static, Option<Spawned>> {
    // No code panics while holding this lock.
    RELAY.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pass_on(mut printed: PipeReader) {
    let mut buffer = [0; 8 * 1024];
    let mut line = 0;
    while let Ok(count @ 1..) = printed.read(&mut buffer) {
        let mut passed = Vec::with_capacity(count);
        let prefix = logging::telegraf_prefix(Level::Info).unwrap_or_default();
        pass(&buffer[..count], &mut line, prefix, &mut passed);
        // The UDF continues even if its prints are not read.
        let _ = stderr::write_all(&passed);
    }
}

/// Appends prints to `to`, each line with a prefix, and cuts lines that are too long. `line` counts the
/// bytes of the current line so far.
fn pass(printed: &[u8], line: &mut usize, prefix: &str, to: &mut Vec<u8>) {
    for piece in printed.split_inclusive(|byte| *byte == b'\n') {
        if *line == 0 {
            to.extend_from_slice(prefix.as_bytes());
        }
        let text = piece.strip_suffix(b"\n").unwrap_or(piece);
        let room = MAX_TEXT.saturating_sub(*line);
        to.extend_from_slice(&text[..text.len().min(room)]);
        *line += text.len();
        if text.len() < piece.len() {
            if *line > MAX_TEXT {
                to.extend_from_slice(format!("… ({line} bytes in all)").as_bytes());
            }
            to.push(b'\n');
            *line = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(printed: &[&[u8]]) -> Vec<u8> {
        let (mut line, mut log) = (0, Vec::new());
        for piece in printed {
            pass(piece, &mut line, "", &mut log);
        }
        log
    }

    #[test]
    fn each_line_gets_its_prefix_once() {
        let (mut line, mut log) = (0, Vec::new());
        for piece in [&b"one\ntw"[..], b"o\n", b"\nthree"] {
            pass(piece, &mut line, "I! ", &mut log);
        }
        assert_eq!(log, b"I! one\nI! two\nI! \nI! three");
    }

    #[test]
    fn lines_within_the_limit_pass_unchanged() {
        for printed in [&b"\n"[..], b"one\ntwo\n", b"no end", b"\xff\n\n\nx"] {
            assert_eq!(passed(&[printed]), printed);
        }
        let longest = [&[b'x'; MAX_TEXT][..], b"\n"].concat();
        assert_eq!(passed(&[&longest, b"y\n"]), [&longest[..], b"y\n"].concat());
    }

    #[test]
    fn a_line_above_the_limit_is_cut_in_pieces_of_any_size() {
        let printed = [b"before\n", &[b'x'; 1 << 20][..], b"\nafter\n"].concat();
        let expected = [
            b"before\n",
            &[b'x'; MAX_TEXT][..],
            "… (1048576 bytes in all)\nafter\n".as_bytes(),
        ]
        .concat();
        for size in [1, 1000, 8 * 1024, printed.len()] {
            let pieces: Vec<_> = printed.chunks(size).collect();
            assert!(passed(&pieces) == expected, "in pieces of {size}");
        }
    }
}
