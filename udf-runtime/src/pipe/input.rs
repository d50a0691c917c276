//! The bytes of a file or a stream, as whole lines.

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use memchr::{memchr, memchr_iter, memrchr};

use super::stream::Stream;
use crate::line::{LineEnd, LineError, Parser, Scanned, line_end};

/// Size of a buffer of usual lines.
const USUAL: usize = 64 * 1024;
/// The longest line that is read.
pub(super) const LONGEST_LINE: usize = 16 * 1024 * 1024;
/// How long the end of a string is waited for, and how much of it is read, before a whole line behind
/// its first line break counts as one.
const PATIENCE: Duration = Duration::from_secs(1);
const ENOUGH: usize = 1024 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A file or a stream that is being read.
pub(super) struct Input {
    /// `-` for the standard input.
    pub(super) path: PathBuf,
    pub(super) stream: Stream,
    buffer: Vec<u8>,
    /// What was read and not yet taken.
    pending: Range<usize>,
    /// Where the last line break in the buffer is, or the end of the buffer at the end of the
    /// input: up to here, lines can be taken.
    complete: usize,
    has_begun: bool,
    /// The pending line is inside of a string.
    open_string: Option<OpenString>,
    /// The pending line was too long. It is dropped up to its end.
    dropping: bool,
    at_end: bool,
}

/// A string whose end is waited for.
struct OpenString {
    since: Instant,
    /// It is not tried again before something has changed: a double quote came, or it has taken too
    /// long or too much.
    is_resting: bool,
    has_taken_long: bool,
    has_taken_much: bool,
}

impl OpenString {
    fn new() -> Self {
        OpenString {
            since: Instant::now(),
            is_resting: true,
            has_taken_long: false,
            has_taken_much: false,
        }
    }
}

/// What is to be done about a bad line.
pub(super) enum BadLine {
    /// It ends there.
    Ends(usize),
    /// It may be a good line, of which more is to be read.
    Unfinished,
}

impl Input {
    /// Checks that a file exists and can be opened. Only a regular file is opened: the writer of a
    /// FIFO would take a reader that goes away at once for the end.
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

    /// Opens a file without a wait. A FIFO without a writer is waited for later, like other input.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::new(path, Stream::open(path)?))
    }

    pub(super) fn new(path: &Path, stream: Stream) -> Self {
        Input {
            path: path.to_owned(),
            stream,
            buffer: Vec::new(),
            pending: 0..0,
            complete: 0,
            has_begun: false,
            open_string: None,
            dropping: false,
            at_end: false,
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// Skips a byte order mark at the beginning of the input; says whether there was one.
    pub(super) fn take_byte_order_mark(&mut self) -> bool {
        if self.has_begun || self.lines().is_empty() {
            return false;
        }
        self.has_begun = true;
        let has_mark = self.lines().starts_with(BYTE_ORDER_MARK);
        if has_mark {
            self.pending.start += BYTE_ORDER_MARK.len();
        }
        has_mark
    }

    /// Whole lines that wait to be taken; the last one may be the beginning of a longer one.
    pub(super) fn lines(&self) -> &[u8] {
        let is_resting = |string: &OpenString| string.is_resting;
        if self.open_string.as_ref().is_some_and(is_resting) || self.dropping {
            return &[];
        }
        self.buffer
            .get(self.pending.start..self.complete)
            .unwrap_or_default()
    }

    /// Takes a line of so many bytes, and its line break.
    #[inline]
    pub(super) fn take(&mut self, length: usize) {
        self.open_string = None;
        self.pending.start = (self.pending.start + length + 1).min(self.pending.end);
    }

    /// What `error` means for the line that waits. The parser tries lines.
    ///
    /// A line whose string holds a line break may have been cut off there. It was, as far as that can be
    /// known, if it is wrong from that break on, or if its string does not end for a while, and
    /// a whole line follows the break. Then only the part before the break is lost.
    #[cold]
    pub(super) fn bad_line(&mut self, error: &LineError, parser: &mut Parser) -> BadLine {
        let lines = self.lines();
        let Some(first_break) = memchr(b'\n', lines) else {
            // Only at the end of the input a line may end with it.
            return BadLine::Ends(lines.len());
        };
        match line_end(lines) {
            Some(LineEnd { at, .. }) if at == first_break => BadLine::Ends(at),
            Some(LineEnd { at, is_doubtful }) => {
                let is_wrong_before = error.column <= first_break + 1;
                if (is_wrong_before && !is_doubtful) || !is_line(&lines[first_break + 1..], parser)
                {
                    BadLine::Ends(at)
                } else {
                    BadLine::Ends(first_break)
                }
            }
            // A string that is never closed costs only the line that it begins in.
            None if self.at_end || self.pending.len() >= LONGEST_LINE => BadLine::Ends(first_break),
            None => {
                let string = self.open_string.as_ref();
                let is_late = string.is_some_and(|it| it.has_taken_long || it.has_taken_much);
                if is_late && is_line(&lines[first_break + 1..], parser) {
                    return BadLine::Ends(first_break);
                }
                let string = self.open_string.get_or_insert_with(OpenString::new);
                string.is_resting = true;
                BadLine::Unfinished
            }
        }
    }

    /// When the end of a string has been waited for long enough.
    pub(super) fn waits_until(&self) -> Option<Instant> {
        let string = self.open_string.as_ref()?;
        (!string.has_taken_long).then(|| string.since + PATIENCE)
    }

    /// Notes that the end of a string has not come in time. Returns whether it is still waited for
    /// after that.
    pub(super) fn give_up_waiting(&mut self, parser: &mut Parser) -> bool {
        let Some(string) = &mut self.open_string else {
            return false;
        };
        string.has_taken_long = true;
        string.is_resting = false;
        let lines = self.lines();
        let next = memchr(b'\n', lines).map_or(lines.len(), |first_break| first_break + 1);
        let is_cut_off = is_line(&lines[next..], parser);
        if let Some(string) = &mut self.open_string {
            string.is_resting = !is_cut_off;
        }
        !is_cut_off
    }

    /// Reads once. Says whether a line was too long to be read.
    ///
    /// Call it only when the file is readable: a FIFO without a writer yet reads like one whose writer
    /// has gone.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        self.make_room();
        let start = self.pending.end;
        let read = loop {
            match self.stream.read(&mut self.buffer[start..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.pending.end += read;
        self.at_end = read == 0;
        let new = &self.buffer[start..self.pending.end];
        if let Some(string) = &mut self.open_string {
            let has_taken_much = self.pending.len() >= ENOUGH && !string.has_taken_much;
            string.has_taken_much |= has_taken_much;
            if self.at_end || has_taken_much || new.contains(&b'"') {
                string.is_resting = false;
            }
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
        if let Some(string) = self.open_string.as_mut().filter(|_| is_full) {
            // It is tried once more, and given up then.
            string.is_resting = false;
        } else if is_full && self.complete <= self.pending.start {
            self.drop_line();
            return Ok(true);
        }
        Ok(false)
    }

    /// Drops what is there of a line that is too long.
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

    /// Moves what is pending to the front, and grows the buffer where that does not make room.
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

/// Whether a text begins with a whole line of a point, up to its line break.
fn is_line(text: &[u8], parser: &mut Parser) -> bool {
    matches!(parser.scan(text), Ok(Scanned::Point { end, .. }) if end < text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{PipeWriter, Write, pipe};

    /// An input, and the end to write into.
    fn input() -> (Input, PipeWriter) {
        let (reader, writer) = pipe().unwrap();
        (
            Input::new(Path::new("-"), Stream::of(reader.into()).unwrap()),
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
        assert!(matches!(
            input.bad_line(&error, &mut Parser::default()),
            BadLine::Unfinished
        ));
        // Not tried again before it can have ended.
        assert_eq!(input.lines(), b"");
        feed(&mut input, &mut writer, "y\n");
        assert_eq!(input.lines(), b"");
        feed(&mut input, &mut writer, "z\" 1\n");
        assert_eq!(input.lines(), b"m a=\"x\ny\nz\" 1\n");
    }

    #[test]
    fn after_much_of_a_string_a_whole_line_in_it_counts_without_more_waiting() {
        let (mut input, mut writer) = input();
        let mut parser = Parser::default();
        feed(&mut input, &mut writer, "m a=\"x\n");
        let error = parser.parse(input.lines()).unwrap_err();
        assert!(matches!(
            input.bad_line(&error, &mut parser),
            BadLine::Unfinished
        ));
        let line = "m a=1 1\n".repeat(1024);
        while input.lines().is_empty() {
            assert!(input.pending.len() < ENOUGH + line.len(), "it still waits");
            feed(&mut input, &mut writer, &line);
        }
        assert!(input.pending.len() >= ENOUGH);
        assert!(matches!(
            input.bad_line(&error, &mut parser),
            BadLine::Ends(6)
        ));
    }

    #[test]
    fn at_the_end_an_open_string_ends_with_its_line() {
        let (mut input, mut writer) = input();
        feed(&mut input, &mut writer, "m a=\"x\nm a=2");
        let error = Parser::default().parse(input.lines()).unwrap_err();
        assert!(matches!(
            input.bad_line(&error, &mut Parser::default()),
            BadLine::Unfinished
        ));
        drop(writer);
        input.fill().unwrap();
        assert!(matches!(
            input.bad_line(&error, &mut Parser::default()),
            BadLine::Ends(6)
        ));
    }
}
