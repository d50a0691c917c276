//! From the text of a line to the parts of a point.
//!
//! One pass over the bytes writes down where each part lies. Parts are touched again only to
//! remove their escapes, which few have.

use std::collections::HashSet;

use memchr::{memchr, memchr_iter};

use super::Precision;
use super::error::{LineError, Reason, cite};
use super::habit::Habit;
use super::number::{self, Number, every};
use super::split::string_end;
use super::unique::Keys;
use crate::data::FieldValue;

/// Longer texts are refused: offsets are kept in 31 bits.
const LONGEST: usize = 1 << 30;

/// Reads lines, one after the other, into buffers that it keeps.
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
    name: Span,
    tags: Vec<Tag>,
    fields: Vec<Field>,
    time: Option<i64>,
    /// Name and tags as they stand in the line.
    head: Span,
    usual_tags: Habit,
    usual_fields: Habit,
    /// Whether fields were dropped since others of their names followed.
    repeated: bool,
    /// Whether a part has escapes.
    escaped: bool,
    /// Text of the parts that had escapes.
    unescaped: String,
}

/// A line that was read: the parts of one point.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    parts: &'a Parser,
    text: &'a str,
}

/// What a text begins with, and where that ends: at its line break, or with the text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scanned<'a> {
    /// A blank line or a comment.
    Nothing { end: usize },
    /// The line of a point.
    Point { line: Line<'a>, end: usize },
}

impl Parser {
    /// A parser of lines whose times are in the given unit.
    #[must_use]
    pub fn new(precision: Precision) -> Self {
        Parser {
            precision,
            ..Parser::default()
        }
    }

    /// Reads the line that `text` begins with; what follows its line break is not looked at.
    /// `None` for a blank line and for a comment.
    ///
    /// # Errors
    /// The first thing that is wrong with the line.
    pub fn parse<'a>(&'a mut self, text: &'a [u8]) -> Result<Option<Line<'a>>, LineError> {
        Ok(match self.scan(text)? {
            Scanned::Nothing { .. } => None,
            Scanned::Point { line, .. } => Some(line),
        })
    }

    /// Like [`parse`](Self::parse), and says where the line ends.
    pub(crate) fn scan<'a>(&'a mut self, text: &'a [u8]) -> Result<Scanned<'a>, LineError> {
        if text.len() > LONGEST {
            return Err(error(LONGEST, Reason::TooLong(LONGEST)));
        }
        self.tags.clear();
        self.fields.clear();
        self.time = None;
        self.repeated = false;
        self.unescaped.clear();

        let start = skip_blanks(text, 0);
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
        if self.escaped {
            self.unescape(line);
        }
        Ok(Scanned::Point {
            line: Line {
                parts: self,
                text: line,
            },
            end,
        })
    }

    /// Reads the name; returns where the comma or the space behind it is.
    #[inline]
    fn name(&mut self, text: &[u8], start: usize) -> Result<usize, LineError> {
        if text[start] == b',' {
            return Err(error(start, Reason::MissingName));
        }
        self.name = word(text, start, &ENDS_NAME, in_name);
        self.escaped = self.name.is_escaped();
        match text.get(self.name.end()) {
            Some(b',' | b' ') => Ok(self.name.end()),
            _ => Err(error(self.name.end(), Reason::MissingFields)),
        }
    }

    /// Reads the tags, each behind its comma; returns where the space behind them is.
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

    /// Reads a tag key that is not the usual one.
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

    /// Reads the fields; returns where the space or the line break behind them is.
    #[inline]
    fn fields(&mut self, text: &[u8], at: usize) -> Result<usize, LineError> {
        let mut at = skip_blanks(text, at);
        if line_break(text, at).is_some() {
            return Err(error(at, Reason::MissingFields));
        }
        let mut keys = None;
        loop {
            let key = match self.usual_fields.expected(self.fields.len(), &text[at..]) {
                Some(length) if keys.is_none() => Span::new(at, at + length, false),
                _ => self.field_key(text, at, &mut keys)?,
            };
            let (value, end) = value(text, key, key.end() + 1)?;
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

    /// Reads a field key that is not the usual one. A field of this key that came before is
    /// dropped.
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
        if text.get(key.end()) != Some(&b'=') {
            return Err(error(key.end(), Reason::MissingFieldValue(cite(bytes))));
        }
        if keys.is_repeated(bytes, earlier()) {
            self.fields.retain(|field| field.key.bytes(text) != bytes);
            self.repeated = true;
        } else if !self.repeated {
            self.usual_fields.learn(index, bytes);
        }
        Ok(key)
    }

    /// Reads the time, if there is one; returns where the line ends.
    #[inline]
    fn time(&mut self, text: &[u8], at: usize) -> Result<usize, LineError> {
        let start = skip_blanks(text, at);
        if let Some(end) = line_break(text, start) {
            return Ok(end);
        }
        let cited = || cite(&text[start..]);
        let (number, at) = number::read_integer(text, start);
        let after = skip_blanks(text, at);
        let end = line_break(text, after);
        if !text[at - 1].is_ascii_digit() || (after == at && end.is_none()) {
            return Err(error(start, Reason::InvalidTime(cited())));
        }
        let time = number.and_then(|time| time.checked_mul(self.precision.nanoseconds()));
        self.time = Some(time.ok_or_else(|| error(start, Reason::TimeOutOfRange(cited())))?);
        end.ok_or_else(|| error(after, Reason::AfterTime(cite(&text[after..]))))
    }

    /// Writes the parts with escapes anew, without them.
    #[cold]
    fn unescape(&mut self, line: &str) {
        let own = &mut self.unescaped;
        self.name.unescape(line, own, in_name);
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
        if keys_changed {
            self.drop_repeated_fields(line);
        }
    }

    /// Keys can turn out to be the same only now: `a"` and `a\"` are.
    #[cold]
    fn drop_repeated_fields(&mut self, line: &str) {
        let own = &self.unescaped;
        let before = self.fields.len();
        let mut seen = HashSet::new();
        let mut last: Vec<bool> = self
            .fields
            .iter()
            .rev()
            .map(|field| seen.insert(field.key.text(line, own)))
            .collect();
        self.fields.retain(|_| last.pop().unwrap_or(true));
        self.repeated |= self.fields.len() < before;
    }
}

impl<'a> Line<'a> {
    /// Name of the measurement.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.part(self.parts.name)
    }

    /// The tags, keys and values, as they came.
    #[inline]
    pub fn tags(&self) -> impl ExactSizeIterator<Item = (&'a str, &'a str)> + use<'a> {
        let line = *self;
        line.parts
            .tags
            .iter()
            .map(move |tag| (line.part(tag.key), line.part(tag.value)))
    }

    /// The fields, at least one, keys and values, as they came.
    #[inline]
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&'a str, FieldValue<'a>)> + use<'a> {
        let line = *self;
        line.parts
            .fields
            .iter()
            .map(move |field| (line.part(field.key), line.value(field)))
    }

    /// Time in nanoseconds since the epoch, UTC, if the line has one.
    #[must_use]
    pub fn time(&self) -> Option<i64> {
        self.parts.time
    }

    /// The whole line, without its line break.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// Name and tags as they stand in the line.
    pub(crate) fn head(&self) -> &'a str {
        self.part(self.parts.head)
    }

    /// The field of an index: its key, its value, and both as they stand in the line.
    #[inline]
    pub(crate) fn field(&self, index: usize) -> Option<(&'a str, FieldValue<'a>, Raw<'a>)> {
        let field = self.parts.fields.get(index)?;
        let raw = Raw {
            line: self.text,
            span: field.raw,
        };
        Some((self.part(field.key), self.value(field), raw))
    }

    /// All fields as they stand in the line, unless some of them do not count, because others of
    /// their names follow.
    pub(crate) fn all_fields(&self) -> Option<Raw<'a>> {
        let (first, last) = (self.parts.fields.first()?, self.parts.fields.last()?);
        let span = Span::new(first.raw.start(), last.raw.end(), false);
        (!self.parts.repeated).then_some(Raw {
            line: self.text,
            span,
        })
    }

    /// How many line breaks its strings hold.
    pub(crate) fn breaks(&self) -> u64 {
        let is_string = |field: &Field| matches!(field.value, Value::String(_));
        if !self.parts.fields.iter().any(is_string) {
            return 0;
        }
        memchr_iter(b'\n', self.text.as_bytes()).count() as u64
    }

    #[inline]
    fn part(self, span: Span) -> &'a str {
        span.text(self.text, &self.parts.unescaped)
    }

    #[inline]
    fn value(self, field: &Field) -> FieldValue<'a> {
        match field.value {
            Value::Float(value) => FieldValue::Float(value),
            Value::Int(value) => FieldValue::Int(value),
            Value::Bool(value) => FieldValue::Bool(value),
            Value::String(span) => FieldValue::String(self.part(span)),
        }
    }
}

/// A piece of a line as it stands there: what need not be written anew can be copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'a> {
    line: &'a str,
    span: Span,
}

impl<'a> Raw<'a> {
    #[inline]
    pub(crate) fn text(self) -> &'a str {
        self.span.text(self.line, "")
    }

    /// This piece and the next one together, with the comma between them, if they lie so.
    #[inline]
    pub(crate) fn with(self, next: Self) -> Option<Self> {
        let adjacent = self.span.end() + 1 == next.span.start();
        adjacent.then(|| Raw {
            line: self.line,
            span: Span::new(self.span.start(), next.span.end(), false),
        })
    }
}

#[derive(Clone, Copy, Debug)]
struct Tag {
    key: Span,
    value: Span,
}

#[derive(Clone, Copy, Debug)]
struct Field {
    key: Span,
    value: Value,
    /// Key and value as they stand in the line.
    raw: Span,
}

#[derive(Clone, Copy, Debug)]
enum Value {
    Float(f64),
    Int(i64),
    Bool(bool),
    String(Span),
}

/// A piece of text: of the line, or, once its escapes are removed, of the parser.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u32,
    end_and_escaped: u32,
}

impl Span {
    const ESCAPED: u32 = 1 << 31;

    /// Both offsets are at most [`LONGEST`], so they fit.
    #[inline]
    fn new(start: usize, end: usize, escaped: bool) -> Self {
        let flag = if escaped { Self::ESCAPED } else { 0 };
        Span {
            start: start as u32,
            end_and_escaped: end as u32 | flag,
        }
    }

    #[inline]
    fn start(self) -> usize {
        self.start as usize
    }

    #[inline]
    fn end(self) -> usize {
        (self.end_and_escaped & !Self::ESCAPED) as usize
    }

    #[inline]
    fn is_escaped(self) -> bool {
        self.end_and_escaped & Self::ESCAPED != 0
    }

    #[inline]
    fn is_empty(self) -> bool {
        self.start() == self.end()
    }

    /// The text as it stands in the line.
    #[inline]
    fn bytes(self, line: &[u8]) -> &[u8] {
        &line[self.start()..self.end()]
    }

    /// The text without escapes. The offsets stand beside ASCII bytes, so `get` finds it.
    #[inline]
    fn text<'a>(self, line: &'a str, unescaped: &'a str) -> &'a str {
        let text = if self.is_escaped() { unescaped } else { line };
        text.get(self.start()..self.end()).unwrap_or_default()
    }

    /// Copies the text without its escapes to `own`, if it has any; says whether it has.
    fn unescape(&mut self, line: &str, own: &mut String, is_escape: fn(u8) -> bool) -> bool {
        if !self.is_escaped() {
            return false;
        }
        let start = own.len();
        let mut rest = line.get(self.start()..self.end()).unwrap_or_default();
        while let Some(at) = memchr(b'\\', rest.as_bytes()) {
            let (before, after) = rest.split_at(at);
            own.push_str(before);
            // The backslash goes, or it stays as a character; what follows it always stays, and
            // is an ASCII byte wherever it is passed over here.
            if after.as_bytes().get(1).copied().is_some_and(is_escape) {
                own.push_str(&after[1..2]);
                rest = &after[2..];
            } else {
                own.push('\\');
                rest = &after[1..];
            }
        }
        own.push_str(rest);
        *self = Span::new(start, own.len(), true);
        true
    }
}

/// The text up to the first byte that ends it and is not escaped.
#[inline]
fn word(text: &[u8], start: usize, ends: &[bool; 256], is_escape: fn(u8) -> bool) -> Span {
    let end = find_end(text, start, ends);
    if text.get(end) == Some(&b'\\') {
        return word_with_backslash(text, start, end, ends, is_escape);
    }
    Span::new(start, end, false)
}

/// The same of a text that has its first backslash at `at`.
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

/// The first of the bytes `ends`, all of which are `=`, a backslash or below `-`.
#[inline]
fn find_end(text: &[u8], mut at: usize, ends: &[bool; 256]) -> usize {
    // Eight bytes at a time: the highest bit of a byte in `hits` says that it may be an end. Of
    // the lowest such byte it is the truth but for characters like `(`; above it, borrows lie.
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

/// Reads the value of a field; returns it and where its text ends.
#[inline]
fn value(text: &[u8], key: Span, start: usize) -> Result<(Value, usize), LineError> {
    let (value, end) = match text.get(start) {
        Some(b'0'..=b'9' | b'-' | b'.') => {
            let (number, end) = number::read(text, start).map_err(|why| error(start, why))?;
            let value = match number {
                Number::Float(value) => Value::Float(value),
                Number::Int(value) => Value::Int(value),
            };
            (value, end)
        }
        Some(b'"') => {
            let end =
                string_end(text, start + 1).ok_or_else(|| error(start, Reason::UnclosedString))?;
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

/// Why nothing that begins at `start` is a value.
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

/// Where the line ends, if it does at `at`: at its `\n`, or with the text.
fn line_break(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at) {
        None | Some(b'\n') => Some(at),
        Some(b'\r') => matches!(text.get(at + 1), None | Some(b'\n')).then_some(at + 1),
        Some(_) => None,
    }
}

fn skip_blanks(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    at
}

const ENDS_NAME: [bool; 256] = super::byte_table(b", \n\\");
const ENDS_KEY: [bool; 256] = super::byte_table(b",= \n\\");

fn in_name(byte: u8) -> bool {
    matches!(byte, b',' | b' ')
}

fn in_tag(byte: u8) -> bool {
    matches!(byte, b',' | b' ' | b'=')
}

fn in_field_key(byte: u8) -> bool {
    matches!(byte, b',' | b' ' | b'=' | b'"')
}

fn in_string(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\')
}
