//! From the parts of a point to the text of a line.

use std::ops::AddAssign;

use super::{Line, Raw};
use crate::data::FieldValue;

/// Appends one line to a buffer, part by part: the name, then tags, then fields, then the time.
///
/// Floats are written in the fewest digits that give the same float again, whole ones without a
/// point. Tags and fields stand in the order in which they are given.
///
/// ```
/// use udf_runtime::line::LineWriter;
///
/// let mut text = Vec::new();
/// let mut line = LineWriter::new(&mut text, "disk usage");
/// line.tag("path", "/var");
/// line.field("free", 12);
/// line.field("ratio", 0.25);
/// line.finish(Some(1_700_000_000_000_000_000));
/// assert_eq!(text, b"disk\\ usage,path=/var free=12i,ratio=0.25 1700000000000000000\n");
/// ```
#[derive(Debug)]
pub struct LineWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Where the line begins in `out`.
    start: usize,
    /// What stands before the next field: the first one's is the space.
    separator: u8,
    omitted: Omitted,
}

/// What could not be written, because line protocol has no way to write it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Omitted {
    /// Points of which nothing was written: their name cannot be, or no field was left.
    pub points: u64,
    /// Tags that were left out of points that were written.
    pub tags: u64,
    /// Fields that were left out of points that were written.
    pub fields: u64,
}

impl Omitted {
    /// Whether all was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Omitted::default()
    }
}

impl AddAssign for Omitted {
    fn add_assign(&mut self, other: Self) {
        self.points += other.points;
        self.tags += other.tags;
        self.fields += other.fields;
    }
}

impl<'a> LineWriter<'a> {
    /// Begins a line.
    #[must_use]
    pub fn new(out: &'a mut Vec<u8>, name: &str) -> Self {
        let start = out.len();
        let mut writer = LineWriter {
            out,
            start,
            separator: b' ',
            omitted: Omitted::default(),
        };
        let name = name.as_bytes();
        let kinds = kinds(name);
        if is_writable(name, kinds) && !matches!(name[0], b'#' | b'\t') {
            writer.escaped(name, kinds, COMMA_SPACE);
        } else {
            writer.omitted.points = 1;
        }
        writer
    }

    /// Appends a tag. One without a value is the same as none.
    ///
    /// Tags come before fields: one that is given after a field is left out.
    pub fn tag(&mut self, key: &str, value: &str) {
        self.tag_bytes(key.as_bytes(), value.as_bytes());
    }

    /// Appends a field.
    pub fn field<'v>(&mut self, key: &str, value: impl Into<FieldValue<'v>>) {
        self.field_bytes(key.as_bytes(), value.into());
    }

    /// Ends the line with a time in nanoseconds since the epoch, UTC, or without one; says what
    /// had to be left out. A point without a field is no line: then nothing was appended.
    pub fn finish(mut self, time: Option<i64>) -> Omitted {
        if self.omitted.points != 0 || self.separator == b' ' {
            self.out.truncate(self.start);
            return Omitted {
                points: 1,
                ..Omitted::default()
            };
        }
        if let Some(time) = time {
            self.out.push(b' ');
            self.integer(time);
        }
        self.out.push(b'\n');
        self.omitted
    }

    pub(crate) fn tag_bytes(&mut self, key: &[u8], value: &[u8]) {
        if value.is_empty() {
            return;
        }
        let (key_kinds, value_kinds) = (kinds(key), kinds(value));
        let writable = is_writable(key, key_kinds) && is_writable(value, value_kinds);
        if !writable || self.separator != b' ' {
            self.omitted.tags += 1;
            return;
        }
        self.out.push(b',');
        self.escaped(key, key_kinds, COMMA_SPACE | EQUALS);
        self.out.push(b'=');
        self.escaped(value, value_kinds, COMMA_SPACE | EQUALS);
    }

    pub(crate) fn field_bytes(&mut self, key: &[u8], value: FieldValue<'_>) {
        match value {
            FieldValue::Float(value) => self.float(key, value),
            FieldValue::Int(value) => self.int(key, value),
            FieldValue::Bool(value) => self.bool(key, value),
            FieldValue::String(value) => self.string(key, value.as_bytes()),
        }
    }

    fn float(&mut self, key: &[u8], value: f64) {
        if !value.is_finite() {
            self.omitted.fields += 1;
        } else if self.key(key) {
            let whole = value as i64;
            // Up to 2^53 all whole numbers are floats. Zero has a sign, which an integer has not.
            if whole as f64 == value && whole.unsigned_abs() <= 1 << 53 && whole != 0 {
                self.integer(whole);
            } else {
                let mut buffer = zmij::Buffer::new();
                let digits = buffer.format_finite(value);
                let digits = digits.strip_suffix(".0").unwrap_or(digits);
                self.out.extend_from_slice(digits.as_bytes());
            }
        }
    }

    fn int(&mut self, key: &[u8], value: i64) {
        if self.key(key) {
            self.integer(value);
            self.out.push(b'i');
        }
    }

    fn bool(&mut self, key: &[u8], value: bool) {
        if self.key(key) {
            self.out
                .extend_from_slice(if value { b"true" } else { b"false" });
        }
    }

    fn string(&mut self, key: &[u8], value: &[u8]) {
        if self.key(key) {
            self.out.push(b'"');
            self.escaped(value, kinds(value), QUOTE | BACKSLASH);
            self.out.push(b'"');
        }
    }

    /// Begins a line with the name and the tags of another, as they stand there.
    pub(crate) fn with_head_of(out: &'a mut Vec<u8>, line: &Line<'_>) -> Self {
        let start = out.len();
        out.extend_from_slice(line.head().as_bytes());
        LineWriter {
            out,
            start,
            separator: b' ',
            omitted: Omitted::default(),
        }
    }

    /// Appends fields of another line, as they stand there.
    pub(crate) fn raw(&mut self, fields: Raw<'_>) {
        self.out.push(self.separator);
        self.separator = b',';
        self.out.extend_from_slice(fields.text().as_bytes());
    }

    /// Appends the key of a field and `=`, or counts the field as one that cannot be written.
    fn key(&mut self, key: &[u8]) -> bool {
        let kinds = kinds(key);
        // A tab is taken for a blank where the first field begins.
        if !is_writable(key, kinds) || key[0] == b'\t' {
            self.omitted.fields += 1;
            return false;
        }
        self.out.push(self.separator);
        self.separator = b',';
        if kinds & QUOTE == 0 {
            self.escaped(key, kinds, COMMA_SPACE | EQUALS);
        } else {
            self.key_with_quotes(key);
        }
        self.out.push(b'=');
        true
    }

    /// A quote needs its escape only behind a backslash, which would escape it otherwise; not
    /// every reader of line protocol knows that escape.
    #[cold]
    fn key_with_quotes(&mut self, key: &[u8]) {
        let mut before = 0;
        for &byte in key {
            let kind = KINDS[usize::from(byte)];
            if kind & (COMMA_SPACE | EQUALS) != 0 || (byte == b'"' && before == b'\\') {
                self.out.push(b'\\');
            }
            self.out.push(byte);
            before = byte;
        }
    }

    /// Appends a text that has bytes of these kinds, with a backslash before some of them.
    #[inline]
    fn escaped(&mut self, mut text: &[u8], kinds: u8, escapes: u8) {
        if kinds & escapes != 0 {
            let is_escaped = |byte: &u8| KINDS[usize::from(*byte)] & escapes != 0;
            while let Some(at) = text.iter().position(is_escaped) {
                self.out.extend_from_slice(&text[..at]);
                self.out.extend_from_slice(&[b'\\', text[at]]);
                text = &text[at + 1..];
            }
        }
        self.out.extend_from_slice(text);
    }

    fn integer(&mut self, value: i64) {
        self.out
            .extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }
}

/// Whether a name, a key or a tag's value can be written: it is not empty, its end would not
/// escape what follows, and it would not end the line.
#[inline]
fn is_writable(text: &[u8], kinds: u8) -> bool {
    kinds & BREAK == 0 && !matches!(text.last(), None | Some(b'\\'))
}

/// Kinds of bytes that matter when a line is written.
const COMMA_SPACE: u8 = 1;
const EQUALS: u8 = 2;
const QUOTE: u8 = 4;
const BACKSLASH: u8 = 8;
const BREAK: u8 = 16;

const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    kinds[b',' as usize] = COMMA_SPACE;
    kinds[b' ' as usize] = COMMA_SPACE;
    kinds[b'=' as usize] = EQUALS;
    kinds[b'"' as usize] = QUOTE;
    kinds[b'\\' as usize] = BACKSLASH;
    kinds[b'\n' as usize] = BREAK;
    kinds
};

/// The kinds of all bytes of a text.
#[inline]
fn kinds(text: &[u8]) -> u8 {
    text.iter()
        .fold(0, |kinds, byte| kinds | KINDS[usize::from(*byte)])
}
