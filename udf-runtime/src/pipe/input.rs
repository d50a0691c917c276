//! The bytes of a file or a stream, as whole lines.

use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use memchr::{memchr, memchr_iter, memrchr};

use crate::line::{LineError, Reason, line_end};

/// Size of a buffer of usual lines.
const USUAL: usize = 64 * 1024;
/// The longest line that is read.
pub(super) const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// A file or a stream that is being read.
pub(super) struct Input {
    /// `-` for the standard input.
    pub(super) path: PathBuf,
    pub(super) file: File,
    buffer: Vec<u8>,
    /// What was read and not yet taken.
    pending: Range<usize>,
    /// Where the last line break in the buffer is, or the end of the buffer at the end of the
    /// input: up to here, lines can be taken.
    complete: usize,
    /// No line is whole before a double quote comes: the pending one is inside of a string.
    in_string: bool,
    /// The pending line was too long: up to its end, all is dropped.
    dropping: bool,
    at_end: bool,
}

/// What is to be done about a line that is bad.
pub(super) enum BadLine {
    /// It ends there.
    Ends(usize),
    /// It may be no bad line: more of it is to be read first.
    Unfinished,
}

impl Input {
    /// Finds out whether a file is there and can be opened. Only a regular file is opened: who
    /// writes into a FIFO would take a reader that goes away at once for its end.
    pub(super) fn check(path: &Path) -> io::Result<()> {
        let metadata = fs::metadata(path)?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if metadata.is_file() {
            File::open(path)?;
        }
        Ok(())
    }

    /// Opens a file without waiting for anything: what nobody writes into yet, as a FIFO, can be
    /// waited for like any other input.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        let file = options
            .read(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(path)?;
        rustix::io::ioctl_fionbio(&file, false)?;
        Ok(Self::new(path, file))
    }

    pub(super) fn new(path: &Path, file: File) -> Self {
        Input {
            path: path.to_owned(),
            file,
            buffer: Vec::new(),
            pending: 0..0,
            complete: 0,
            in_string: false,
            dropping: false,
            at_end: false,
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// Whole lines that wait to be taken; the last one may be the beginning of a longer one.
    pub(super) fn lines(&self) -> &[u8] {
        if self.in_string || self.dropping {
            return &[];
        }
        self.buffer
            .get(self.pending.start..self.complete)
            .unwrap_or_default()
    }

    /// Takes a line of so many bytes, and its line break.
    #[inline]
    pub(super) fn take(&mut self, length: usize) {
        self.pending.start = (self.pending.start + length + 1).min(self.pending.end);
    }

    /// What `error` means for the line that waits.
    #[cold]
    pub(super) fn bad_line(&mut self, error: &LineError) -> BadLine {
        let lines = self.lines();
        let end = line_end(lines).or_else(|| {
            // Only at the end of the input a line may end with it.
            let is_last = self.at_end && error.reason != Reason::UnclosedString;
            is_last.then(|| memchr(b'\n', lines).unwrap_or(lines.len()))
        });
        match end {
            Some(end) => BadLine::Ends(end),
            // A string that is never closed costs only the line that it begins in.
            None if self.at_end || self.pending.len() >= LONGEST_LINE => {
                BadLine::Ends(memchr(b'\n', lines).unwrap_or(lines.len()))
            }
            None => {
                self.in_string = true;
                BadLine::Unfinished
            }
        }
    }

    /// Reads once. Says whether a line was too long to be read.
    ///
    /// What was not waited for before may be taken for the end: a FIFO that nobody writes into yet
    /// reads like one whose writer has gone.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        self.make_room();
        let start = self.pending.end;
        let read = loop {
            match self.file.read(&mut self.buffer[start..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.pending.end += read;
        self.at_end = read == 0;
        let new = &self.buffer[start..self.pending.end];
        if self.in_string && (self.at_end || new.contains(&b'"')) {
            self.in_string = false;
        }
        if self.at_end {
            self.complete = self.pending.end;
        } else if let Some(last) = memrchr(b'\n', new) {
            self.complete = start + last + 1;
        }
        if self.dropping {
            self.drop_line();
            return Ok(false);
        }
        let is_full = self.pending.len() >= LONGEST_LINE;
        if is_full && self.in_string {
            // To be tried again, and given up then.
            self.in_string = false;
        } else if is_full && self.complete <= self.pending.start {
            self.drop_line();
            return Ok(true);
        }
        Ok(false)
    }

    /// Drops what belongs to a line that is too long, and what will still come of it.
    fn drop_line(&mut self) {
        let pending = &self.buffer[self.pending.clone()];
        match memchr(b'\n', pending) {
            Some(end) => {
                self.dropping = false;
                self.take(end);
            }
            None => {
                self.pending = 0..0;
                self.dropping = !self.at_end;
            }
        }
    }

    /// Moves what is pending to the front where it must, and grows the buffer where that is not
    /// enough.
    fn make_room(&mut self) {
        if self.pending.start > 0 {
            self.buffer.copy_within(self.pending.clone(), 0);
            self.complete = self.complete.saturating_sub(self.pending.start);
            self.pending = 0..self.pending.len();
        }
        if self.pending.end == self.buffer.len() {
            let size = (2 * self.buffer.len()).clamp(USUAL, LONGEST_LINE + USUAL);
            self.buffer.resize(size, 0);
        } else if self.buffer.len() > 2 * USUAL && self.pending.is_empty() {
            self.buffer.truncate(USUAL);
            self.buffer.shrink_to_fit();
        }
    }

    /// The line breaks in the first bytes of what waits.
    pub(super) fn breaks(&self, length: usize) -> u64 {
        let lines = self.lines();
        memchr_iter(b'\n', &lines[..length.min(lines.len())]).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use std::io::{PipeWriter, Write, pipe};
    use std::os::fd::OwnedFd;

    use super::*;
    use crate::line::Parser;

    /// An input, and the end to write into.
    fn input() -> (Input, PipeWriter) {
        let (reader, writer) = pipe().unwrap();
        (
            Input::new(Path::new("-"), OwnedFd::from(reader).into()),
            writer,
        )
    }

    /// Lets one piece come.
    fn feed(input: &mut Input, writer: &mut PipeWriter, piece: &str) {
        writer.write_all(piece.as_bytes()).unwrap();
        assert!(!input.fill().unwrap());
    }

    #[test]
    fn only_whole_lines_are_handed_out() {
        let (mut input, mut writer) = input();
        for (piece, lines) in [("m a", ""), ("=1", ""), ("\nm a=2\nm", "m a=1\nm a=2\n")] {
            feed(&mut input, &mut writer, piece);
            assert_eq!(input.lines(), lines.as_bytes());
        }
        input.take(5);
        assert_eq!(input.lines(), b"m a=2\n");
        input.take(5);
        assert_eq!(input.lines(), b"");
        // The last line may end with the input.
        drop(writer);
        assert!(!input.fill().unwrap() && input.is_at_end());
        assert_eq!(input.lines(), b"m");
    }

    #[test]
    fn the_rest_of_a_string_is_waited_for() {
        let (mut input, mut writer) = input();
        feed(&mut input, &mut writer, "m a=\"x\n");
        let error = Parser::default().parse(input.lines()).unwrap_err();
        assert!(matches!(input.bad_line(&error), BadLine::Unfinished));
        // Not tried again before it can have ended.
        assert_eq!(input.lines(), b"");
        feed(&mut input, &mut writer, "y\n");
        assert_eq!(input.lines(), b"");
        feed(&mut input, &mut writer, "z\" 1\n");
        assert_eq!(input.lines(), b"m a=\"x\ny\nz\" 1\n");
    }

    #[test]
    fn at_the_end_an_open_string_ends_with_its_line() {
        let (mut input, mut writer) = input();
        feed(&mut input, &mut writer, "m a=\"x\nm a=2");
        let error = Parser::default().parse(input.lines()).unwrap_err();
        assert!(matches!(input.bad_line(&error), BadLine::Unfinished));
        drop(writer);
        input.fill().unwrap();
        assert!(matches!(input.bad_line(&error), BadLine::Ends(6)));
    }
}
