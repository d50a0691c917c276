//! Reads the text of a line.
//!
//! One pass over the bytes finds the position of each part. A second step removes escapes, which few parts
//! have.

use std::collections::HashSet;

use memchr::memchr;

use super::error::{LineError, Reason, cite};
use super::habit::Habit;
use super::number::{self, Number, every};
use super::span::Span;
use super::split::string_end;
use super::unique::Keys;
use super::{Line, Precision};

/// Longer texts are refused, because offsets have 31 bits.
const LONGEST: usize = 1 << 30;

/// Reads lines, and reuses its buffers from line to line.
///
/// ```
/// use udf_runtime::line::{Parser, Precision};
///
/// let mut parser = Parser::new(Precision::Seconds);
/// let line = parser.parse(br#"disk,path=C:\temp free=12i,label="a b" 1700000000"#)?;
/// # let line = line.expect("it is neither blank nor a comment");
/// assert_eq!(line.name(), "disk");
/// assert_eq!(line.time(), Some(1_700_000_000_000_000_000));
/// # Ok::<(), udf_runtime::line::LineError>(())
/// ```
#[derive(Debug, Default)]
pub struct Parser {
    precision: Precision,
    pub(super) name: Span,
    pub(super) tags: Vec<Tag>,
    pub(super) fields: Vec<Field>,
    pub(super) time: Option<i64>,
    /// Name and tags, as the line spells them.
    pub(super) head: Span,
    usual_tags: Habit,
    usual_fields: Habit,
    /// Whether a field is repeated. Its last value is used.
    pub(super) repeated: bool,
    /// Whether a field is an unsigned integer.
    pub(super) unsigned: bool,
    /// Whether NUL bytes were skipped as blanks.
    pub(super) skipped_nul: bool,
    /// Whether a part has escapes.
    escaped: bool,
    /// Text of the parts that had escapes.
    pub(super) unescaped: String,
}

/// The first line of a text, and the offset of its end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scanned<'a> {
    /// A blank line or a comment.
    Nothing { end: usize },
    /// The line of a point.
    Point { line: Line<'a>, end: usize },
}

impl Parser {
    /// Creates a parser for lines with times in the given unit.
    #[must_use]
    pub fn new(precision: Precision) -> Self {
        Parser {
            precision,
            ..Parser::default()
        }
    }

    /// Reads the first line of `text`, and ignores what follows its line break. Returns `None` for a blank line or a
    /// comment.
    ///
    /// # Errors
    /// The first mistake in the line.
    pub fn parse<'a>(&'a mut self, text: &'a [u8]) -> Result<Option<Line<'a>>, LineError> {
        Ok(match self.scan(text)? {
            Scanned::Nothing { .. } => None,
            Scanned::Point { line, .. } => Some(line),
        })
    }

    /// Like [`parse`](Self::parse), and returns the offset of the line's end as well.
    pub(crate) fn scan<'a>(&'a mut self, text: &'a [u8]) -> Result<Scanned<'a>, LineError> {
        if text.len() > LONGEST {
            return Err(error(LONGEST, Reason::TooLong(LONGEST)));
        }
        self.tags.clear();
        self.fields.clear();
        self.time = None;
        self.repeated = false;
        self.unsigned = false;
        self.skipped_nul = false;
        self.unescaped.clear();

        let start = self.skip_blanks(text, 0);
        if let Some(end) = line_break(text, start) {
            return Ok(Scanned::Nothing { end });
        }
        if text[start] == b'#' {
            let end = memchr(b'\n', &text[start..]).map_or(text.len(), |length| start + length);
            return Ok(Scanned::Nothing { end });
        }
        let at = self.name(text, start)?;
        let at = self.tags(text, at)?;
        self.head = Span::new(start, at, false);
        let at = self.fields(text, at)?;
        let end = self.time(text, at)?;

        let line = std::str::from_utf8(&text[..end])
            .map_err(|invalid| error(invalid.valid_up_to(), Reason::NotUtf8))?;
        let keys_changed = self.escaped && self.unescape(line);
        if self.repeated || keys_changed {
            self.drop_repeated_fields(line);
        }
        Ok(Scanned::Point {
            line: Line {
                parts: self,
                text: line,
            },
            end,
        })
    }

    /// Reads the name. Returns the offset of the comma or the space after it.
    #[inline]
    fn name(&mut self, text: &[u8], start: usize) -> Result<usize, LineError> {
        if text[start] == b',' {
            return Err(error(start, Reason::MissingName));
        }
        self.name = word(text, start, &ENDS_NAME, in_field_key);
        self.escaped = self.name.is_escaped();
        match text.get(self.name.end()) {
            Some(b',' | b' ') => Ok(self.name.end()),
            _ => Err(error(self.name.end(), Reason::MissingFields)),
        }
    }

    /// Reads the tags. Returns the offset of the space after them.
    #[inline]
    fn tags(&mut self, text: &[u8], mut at: usize) -> Result<usize, LineError> {
        let mut keys = None;
        while text.get(at) == Some(&b',') {
            at += 1;
            let key = match self.usual_tags.expected(self.tags.len(), &text[at..]) {
                Some(length) if keys.is_none() => Span::new(at, at + length, false),
                _ => self.tag_key(text, at, &mut keys)?,
            };
            let value = word(text, key.end() + 1, &ENDS_KEY, in_tag);
            let after = text.get(value.end());
            if value.is_empty() && after != Some(&b'=') {
                let reason = Reason::MissingTagValue(cite(key.bytes(text)));
                return Err(error(value.end(), reason));
            }
            at = value.end();
            self.escaped |= key.is_escaped() | value.is_escaped();
            match after {
                Some(b',' | b' ') => self.tags.push(Tag { key, value }),
                Some(b'=') => {
                    return Err(error(at, Reason::EqualsInTagValue(cite(key.bytes(text)))));
                }
                _ => return Err(error(at, Reason::MissingFields)),
            }
        }
        Ok(at)
    }

    /// Reads a tag key that is not the expected one.
    fn tag_key<'a>(
        &mut self,
        text: &'a [u8],
        at: usize,
        keys: &mut Option<Keys<'a>>,
    ) -> Result<Span, LineError> {
        let index = self.tags.len();
        let earlier = || self.tags.iter().map(|tag| tag.key.bytes(text));
        if keys.is_none() {
            self.usual_tags.depart(index);
        }
        let keys = keys.get_or_insert_with(|| earlier().collect());
        let key = word(text, at, &ENDS_KEY, in_tag);
        if key.is_empty() {
            return Err(error(at, Reason::MissingTagKey));
        }
        let bytes = key.bytes(text);
        if text.get(key.end()) != Some(&b'=') {
            return Err(error(key.end(), Reason::MissingTagValue(cite(bytes))));
        }
        if keys.is_repeated(bytes, earlier()) {
            return Err(error(at, Reason::DuplicateTag(cite(bytes))));
        }
        self.usual_tags.learn(index, bytes);
        Ok(key)
    }

    /// Reads the fields. Returns the offset of the space or the line break after them.
    #[inline]
    fn fields(&mut self, text: &[u8], at: usize) -> Result<usize, LineError> {
        let mut at = self.skip_blanks(text, at);
        if line_break(text, at).is_some() {
            return Err(error(at, Reason::MissingFields));
        }
        let mut keys = None;
        loop {
            let key = match self.usual_fields.expected(self.fields.len(), &text[at..]) {
                Some(length) if keys.is_none() => Span::new(at, at + length, false),
                _ => self.field_key(text, at, &mut keys)?,
            };
            let (value, end) = self.value(text, key, key.end() + 1)?;
            self.escaped |=
                key.is_escaped() | matches!(value, Value::String(text) if text.is_escaped());
            self.fields.push(Field {
                key,
                value,
                raw: Span::new(key.start(), end, false),
            });
            at = end;
            if text.get(at) != Some(&b',') {
                return Ok(at);
            }
            at += 1;
        }
    }

    /// Reads a field key that is not the expected one.
    fn field_key<'a>(
        &mut self,
        text: &'a [u8],
        at: usize,
        keys: &mut Option<Keys<'a>>,
    ) -> Result<Span, LineError> {
        let index = self.fields.len();
        let earlier = || self.fields.iter().map(|field| field.key.bytes(text));
        if keys.is_none() {
            self.usual_fields.depart(index);
        }
        let keys = keys.get_or_insert_with(|| earlier().collect());
        let key = word(text, at, &ENDS_KEY, in_field_key);
        if key.is_empty() {
            return Err(error(at, Reason::MissingFieldKey));
        }
        let bytes = key.bytes(text);
        if key.is_escaped()
            && let Some(wrong) = even_backslashes(bytes)
        {
            return Err(error(at + wrong, Reason::EvenBackslashes(cite(bytes))));
        }
        if text.get(key.end()) != Some(&b'=') {
            return Err(error(key.end(), Reason::MissingFieldValue(cite(bytes))));
        }
        // After the first repeated key, all keys are compared at the end of the line.
        if !self.repeated {
            self.repeated = keys.is_repeated(bytes, earlier());
        }
        if !self.repeated {
            self.usual_fields.learn(index, bytes);
        }
        Ok(key)
    }

    /// Reads the time, if there is one. Returns the offset of the line's end.
    #[inline]
    fn time(&mut self, text: &[u8], at: usize) -> Result<usize, LineError> {
        let start = self.skip_blanks(text, at);
        if let Some(end) = line_break(text, start) {
            return Ok(end);
        }
        let cited = || cite(&text[start..]);
        let (number, at) = number::read_integer(text, start);
        // Only spaces, because InfluxDB reads a tab here as part of the time.
        let spaces = text[at..].iter().take_while(|byte| **byte == b' ').count();
        let after = at + spaces;
        let end = line_break(text, after);
        if !text[at - 1].is_ascii_digit() || (after == at && end.is_none()) {
            return Err(error(start, Reason::InvalidTime(cited())));
        }
        let time = number.and_then(|time| time.checked_mul(self.precision.nanoseconds()));
        self.time = Some(time.ok_or_else(|| error(start, Reason::TimeOutOfRange(cited())))?);
        end.ok_or_else(|| error(after, Reason::AfterTime(cite(&text[after..]))))
    }

    /// Copies parts that have escapes to `unescaped`, without the escapes. Returns whether one of them is a field key.
    #[cold]
    fn unescape(&mut self, line: &str) -> bool {
        let own = &mut self.unescaped;
        // InfluxDB removes all these escapes from names, though names need only two of them.
        self.name.unescape(line, own, in_field_key);
        for tag in &mut self.tags {
            tag.key.unescape(line, own, in_tag);
            tag.value.unescape(line, own, in_tag);
        }
        let mut keys_changed = false;
        for field in &mut self.fields {
            keys_changed |= field.key.unescape(line, own, in_field_key);
            if let Value::String(text) = &mut field.value {
                text.unescape(line, own, in_string);
            }
        }
        keys_changed
    }

    /// Keeps only the last value of each field. Without escapes, `a"` and `a\"` are the same key.
    #[cold]
    fn drop_repeated_fields(&mut self, line: &str) {
        let own = &self.unescaped;
        let before = self.fields.len();
        let mut seen = HashSet::with_capacity(before);
        let mut last: Vec<bool> = self
            .fields
            .iter()
            .rev()
            .map(|field| seen.insert(field.key.text(line, own)))
            .collect();
        self.fields.retain(|_| last.pop().unwrap_or(true));
        self.repeated = self.fields.len() < before;
    }

    /// Reads the value of a field. Returns it and the offset of its end.
    #[inline]
    fn value(&mut self, text: &[u8], key: Span, start: usize) -> Result<(Value, usize), LineError> {
        let (value, end) = match text.get(start) {
            Some(b'0'..=b'9' | b'-' | b'.') => {
                let (number, end) = number::read(text, start).map_err(|why| error(start, why))?;
                let value = match number {
                    Number::Float(value) => Value::Float(value),
                    Number::Int(value) => Value::Int(value),
                    Number::Unsigned(value) => {
                        self.unsigned = true;
                        Value::Int(value)
                    }
                };
                (value, end)
            }
            Some(b'"') => {
                let end = string_end(text, start + 1)
                    .ok_or_else(|| error(start, Reason::UnclosedString))?;
                let escaped = memchr(b'\\', &text[start + 1..end]).is_some();
                (Value::String(Span::new(start + 1, end, escaped)), end + 1)
            }
            _ => boolean(text, start).ok_or_else(|| no_value(text, key, start))?,
        };
        match text.get(end) {
            None | Some(b',' | b' ' | b'\n') => Ok((value, end)),
            _ if line_break(text, end).is_some() => Ok((value, end)),
            Some(_) => Err(match value {
                Value::String(_) => error(end, Reason::AfterString(cite(&text[end..]))),
                _ => no_value(text, key, start),
            }),
        }
    }

    /// The offset of the first byte from `at` on that is not a blank. For InfluxDB, a NUL is a blank.
    #[inline]
    fn skip_blanks(&mut self, text: &[u8], mut at: usize) -> usize {
        while let Some(b' ' | b'\t' | 0) = text.get(at) {
            self.skipped_nul |= text[at] == 0;
            at += 1;
        }
        at
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    pub(super) key: Span,
    pub(super) value: Span,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) key: Span,
    pub(super) value: Value,
    /// Key and value, as the line spells them.
    pub(super) raw: Span,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    Float(f64),
    Int(i64),
    Bool(bool),
    String(Span),
}

/// The text up to the first byte of `ends` that is not escaped.
#[inline]
fn word(text: &[u8], start: usize, ends: &[bool; 256], is_escape: fn(u8) -> bool) -> Span {
    let end = find_end(text, start, ends);
    if text.get(end) == Some(&b'\\') {
        return word_with_backslash(text, start, end, ends, is_escape);
    }
    Span::new(start, end, false)
}

/// The same for a text with its first backslash at `at`.
#[cold]
fn word_with_backslash(
    text: &[u8],
    start: usize,
    mut at: usize,
    ends: &[bool; 256],
    is_escape: fn(u8) -> bool,
) -> Span {
    let mut escaped = false;
    while text.get(at) == Some(&b'\\') {
        at += 1;
        if text.get(at).copied().is_some_and(is_escape) {
            escaped = true;
            at += 1;
        }
        at = find_end(text, at, ends);
    }
    Span::new(start, at, escaped)
}

/// The offset of the first of the bytes `ends`. Each of them is `=`, a backslash or below `-`.
#[inline]
fn find_end(text: &[u8], mut at: usize, ends: &[bool; 256]) -> usize {
    // Eight bytes at a time. The highest bit of a byte in `hits` marks a possible end. The lowest mark is reliable,
    // except for characters such as `(`, which `ends` excludes. Higher marks may come from a borrow.
    while let Some(bytes) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let bytes = u64::from_le_bytes(*bytes);
        let below_minus = bytes.wrapping_sub(every(b'-')) & !bytes;
        let equals = bytes ^ every(b'=');
        let equals = equals.wrapping_sub(every(1)) & !equals;
        let backslash = bytes ^ every(b'\\');
        let backslash = backslash.wrapping_sub(every(1)) & !backslash;
        let hits = (below_minus | equals | backslash) & every(0x80);
        at += (hits.trailing_zeros() / 8) as usize;
        if hits != 0 {
            if ends[usize::from(text[at])] {
                return at;
            }
            at += 1;
        }
    }
    while text.get(at).is_some_and(|byte| !ends[usize::from(*byte)]) {
        at += 1;
    }
    at
}

fn boolean(text: &[u8], start: usize) -> Option<(Value, usize)> {
    const WORDS: [(&[u8], bool); 10] = [
        (b"true", true),
        (b"false", false),
        (b"True", true),
        (b"False", false),
        (b"TRUE", true),
        (b"FALSE", false),
        (b"t", true),
        (b"f", false),
        (b"T", true),
        (b"F", false),
    ];
    let rest = &text[start..];
    let (word, value) = WORDS.iter().find(|(word, _)| rest.starts_with(word))?;
    Some((Value::Bool(*value), start + word.len()))
}

/// Explains why no value begins at `start`.
#[cold]
fn no_value(text: &[u8], key: Span, start: usize) -> LineError {
    let cited = cite(&text[start..]);
    let reason = if cited.is_empty() {
        Reason::MissingFieldValue(cite(key.bytes(text)))
    } else if number::is_not_finite(&cited) {
        Reason::NotFinite(cited)
    } else {
        Reason::InvalidValue(cited)
    };
    error(start, reason)
}

#[cold]
fn error(at: usize, reason: Reason) -> LineError {
    LineError {
        column: at + 1,
        reason,
    }
}

/// The offset of the line's end (its `\n`, or the end of the text), if the line ends at `at`.
fn line_break(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at) {
        None | Some(b'\n') => Some(at),
        Some(b'\r') => matches!(text.get(at + 1), None | Some(b'\n')).then_some(at + 1),
        Some(_) => None,
    }
}

/// Where a backslash stands that is escaped by another one, and yet would escape the delimiter behind
/// it. InfluxDB 1.x and Telegraf refuse such a field key, other readers take it.
#[cold]
fn even_backslashes(key: &[u8]) -> Option<usize> {
    let mut run = 0;
    for (at, byte) in key.iter().enumerate() {
        match byte {
            b'\\' => run += 1,
            b',' | b'=' | b' ' if run > 0 && run % 2 == 0 => return Some(at - 1),
            _ => run = 0,
        }
    }
    None
}

const ENDS_NAME: [bool; 256] = super::byte_table(b", \n\\");
const ENDS_KEY: [bool; 256] = super::byte_table(b",= \n\\");

fn in_tag(byte: u8) -> bool {
    matches!(byte, b',' | b' ' | b'=')
}

fn in_field_key(byte: u8) -> bool {
    matches!(byte, b',' | b' ' | b'=' | b'"')
}

fn in_string(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\')
}
