//! What a UDF prints, on its way into Kapacitor's log.
//!
//! Kapacitor stops reading a UDF's standard error at a line of 64 KiB, and a UDF that prints on
//! would wait for ever. A batch printed with `{:?}` is such a line, so prints are cut like log
//! records.

use std::fs::File;
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::AsFd as _;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::panics::MAX_TEXT;

/// How long the end of what was printed is waited for: a child process may keep its standard
/// output open.
const PATIENCE: Duration = Duration::from_millis(200);

/// Ends when everything has been passed on.
static PASSED: Mutex<Option<Receiver<()>>> = Mutex::new(None);

/// Leads standard output into standard error, line by line.
pub(super) fn relay() -> io::Result<()> {
    let (printed, stdout) = io::pipe()?;
    // Not by way of the standard library's lock, which whoever prints may hold.
    let log = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    let (passing, passed) = channel();
    thread::Builder::new()
        .name("udf-prints".to_owned())
        .spawn(move || {
            pass_on(printed, log);
            drop(passing);
        })?;
    rustix::stdio::dup2_stdout(stdout)?;
    *lock() = Some(passed);
    Ok(())
}

/// Passes on what was printed last. What has no end of line yet follows when the process exits; a flush
/// would wait for whoever is stuck in a print.
pub(super) fn finish() {
    if let Some(passed) = lock().take()
        && rustix::stdio::dup2_stdout(io::stderr()).is_ok()
    {
        let _ = passed.recv_timeout(PATIENCE);
    }
}

fn lock() -> MutexGuard<'static, Option<Receiver<()>>> {
    // Nothing panics while it is held.
    PASSED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pass_on(mut printed: PipeReader, mut log: File) {
    let mut buffer = [0; 8 * 1024];
    let mut line = 0;
    while let Ok(count @ 1..) = printed.read(&mut buffer) {
        // Who prints goes on, whether somebody reads it or not.
        let _ = pass(&buffer[..count], &mut line, &mut log);
    }
}

/// Passes on what was printed, and cuts lines that are too long. `line` is how many bytes of the
/// current one have come.
fn pass(printed: &[u8], line: &mut usize, log: &mut impl Write) -> io::Result<()> {
    for piece in printed.split_inclusive(|byte| *byte == b'\n') {
        let text = piece.strip_suffix(b"\n").unwrap_or(piece);
        let room = MAX_TEXT.saturating_sub(*line);
        log.write_all(&text[..text.len().min(room)])?;
        *line += text.len();
        if text.len() < piece.len() {
            if *line > MAX_TEXT {
                write!(log, "… ({line} bytes in all)")?;
            }
            log.write_all(b"\n")?;
            *line = 0;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(printed: &[&[u8]]) -> Vec<u8> {
        let (mut line, mut log) = (0, Vec::new());
        for piece in printed {
            pass(piece, &mut line, &mut log).unwrap();
        }
        log
    }

    #[test]
    fn what_is_no_line_too_long_is_passed_on_as_it_is() {
        for printed in [&b"\n"[..], b"one\ntwo\n", b"no end", b"\xff\n\n\nx"] {
            assert_eq!(passed(&[printed]), printed);
        }
        let longest = [&[b'x'; MAX_TEXT][..], b"\n"].concat();
        assert_eq!(passed(&[&longest, b"y\n"]), [&longest[..], b"y\n"].concat());
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_however_it_comes() {
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
