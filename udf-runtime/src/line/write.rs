//! Writes the text of a line.

use std::ops::Range;

use super::error::show;
use super::loss::{Loss, Omitted};
use super::spell::{Place, Spelled, spell};
use super::{Line, Raw};
use crate::data::FieldValue;

/// Appends one line to a buffer, part by part: the name, then tags, then fields, then the time.
///
/// Floats have the fewest digits that are read back as the same float, and no point if they are whole. Tags and fields
/// keep the order in which they are added.
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
    /// The offset of the line in `out`.
    start: usize,
    /// The byte before the next field: a space before the first, then a comma.
    separator: u8,
    /// Whether a tag key was changed when it was written, so that it may equal the key of another tag.
    respelled_tag: bool,
    omitted: Omitted,
}

impl<'a> LineWriter<'a> {
    /// Begins a line.
    #[must_use]
    pub fn new(out: &'a mut Vec<u8>, name: &str) -> Self {
        let mut writer = LineWriter::empty(out);
        if name.starts_with('#') || !writer.text(name.as_bytes(), Place::Name) {
            writer.omitted.points = 1;
            writer
                .omitted
                .note(Loss::in_key(name.as_bytes(), Place::Name));
        }
        writer
    }

    fn empty(out: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        LineWriter {
            out,
            start,
            separator: b' ',
            respelled_tag: false,
            omitted: Omitted::default(),
        }
    }

    /// Appends a tag. A tag without a value is the same as a missing one.
    ///
    /// Tags come before fields. A tag that is added after a field is left out.
    pub fn tag(&mut self, key: &str, value: &str) {
        self.tag_bytes(key.as_bytes(), value.as_bytes());
    }

    /// Appends a field.
    pub fn field<'v>(&mut self, key: &str, value: impl Into<FieldValue<'v>>) {
        self.field_bytes(key.as_bytes(), value.into());
    }

    /// Ends the line, with a time in nanoseconds since the epoch, UTC, or without one. Returns what the line does not
    /// hold. A point without a field has no line: then nothing is appended.
    pub fn finish(mut self, time: Option<i64>) -> Omitted {
        if self.omitted.points != 0 || self.separator == b' ' {
            return self.abandon();
        }
        if let Some(time) = time {
            self.out.push(b' ');
            self.integer(time);
            if !INFLUXDB_1_TIMES.contains(&time) {
                self.omitted.unportable += 1;
                self.omitted.note(Loss::Time(time));
            }
        }
        self.out.push(b'\n');
        self.omitted
    }

    #[cold]
    fn abandon(mut self) -> Omitted {
        self.out.truncate(self.start);
        if self.omitted.losses().is_empty() {
            self.omitted.note(Loss::NoField);
        }
        (self.omitted.points, self.omitted.tags) = (1, 0);
        (self.omitted.fields, self.omitted.unportable) = (0, 0);
        self.omitted
    }

    #[inline]
    pub(crate) fn tag_bytes(&mut self, key: &[u8], value: &[u8]) {
        if value.is_empty() {
            return;
        }
        let start = self.out.len();
        self.out.push(b',');
        let before = self.omitted.unportable;
        let mut written = self.separator == b' ' && self.text(key, Place::Tag);
        self.respelled_tag |= self.omitted.unportable != before;
        if self.respelled_tag && written {
            written = !self.has_tag(start);
        }
        self.out.push(b'=');
        if !(written && self.text(value, Place::Tag)) {
            self.leave_out_tag(start, key);
        }
    }

    #[cold]
    fn leave_out_tag(&mut self, start: usize, key: &[u8]) {
        self.out.truncate(start);
        self.omitted.tags += 1;
        self.omitted.note(Loss::in_key(key, Place::Tag));
    }

    /// Whether the key at `start`, after its comma, is that of an earlier tag.
    #[cold]
    fn has_tag(&self, start: usize) -> bool {
        let (head, key) = (&self.out[self.start..start], &self.out[start..]);
        memchr::memmem::find_iter(head, key)
            // A comma after a backslash is part of a text.
            .any(|at| head.get(at + key.len()) == Some(&b'=') && at > 0 && head[at - 1] != b'\\')
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
            self.leave_out_not_finite(key, value);
        } else if self.key(key) {
            let whole = value as i64;
            // All integers up to 2^53 are floats. Zero is excluded, because a float zero has a sign.
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

    #[cold]
    fn leave_out_not_finite(&mut self, key: &[u8], value: f64) {
        self.omitted.fields += 1;
        let (field, value) = (show(key), value.to_string());
        self.omitted.note(Loss::NotFinite { field, value });
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

    /// Begins a line with the name and the tags of another line, as that one spells them.
    pub(crate) fn with_head_of(out: &'a mut Vec<u8>, line: &Line<'_>) -> Self {
        let writer = LineWriter::empty(out);
        writer.out.extend_from_slice(line.head().as_bytes());
        writer
    }

    /// Appends fields of another line, as that one spells them.
    pub(crate) fn raw(&mut self, fields: Raw<'_>) {
        self.out.push(self.separator);
        self.separator = b',';
        self.out.extend_from_slice(fields.text().as_bytes());
    }

    /// Appends the key of a field and `=`, or leaves the field out.
    fn key(&mut self, key: &[u8]) -> bool {
        let start = self.out.len();
        self.out.push(self.separator);
        if !self.text(key, Place::FieldKey) {
            self.leave_out_field(start, key);
            return false;
        }
        self.separator = b',';
        self.out.push(b'=');
        true
    }

    #[cold]
    fn leave_out_field(&mut self, start: usize, key: &[u8]) {
        self.out.truncate(start);
        self.omitted.fields += 1;
        self.omitted.note(Loss::in_key(key, Place::FieldKey));
    }

    /// Appends a name, a key or a tag's value. Returns `false` if it has no spelling.
    #[inline]
    fn text(&mut self, text: &[u8], place: Place) -> bool {
        let kinds = kinds(text);
        if kinds & (BACKSLASH | CONTROL) != 0 {
            return self.awkward_text(text, place);
        }
        let escapes = if place == Place::Name {
            COMMA_SPACE
        } else {
            COMMA_SPACE | EQUALS
        };
        self.escaped(text, kinds, escapes);
        !text.is_empty()
    }

    #[cold]
    fn awkward_text(&mut self, text: &[u8], place: Place) -> bool {
        let start = self.out.len();
        let spelled = spell(text, place, self.out);
        if spelled == Spelled::Unlike {
            self.omitted.unportable += 1;
            self.omitted.note(Loss::Unportable {
                text: show(text),
                written: show(&self.out[start..]),
            });
        }
        spelled != Spelled::Not
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

/// The times that InfluxDB 1.x accepts, in nanoseconds. It uses the extreme values for another purpose.
const INFLUXDB_1_TIMES: Range<i64> = i64::MIN + 2..i64::MAX;

/// Kinds of bytes that matter when a line is written.
const COMMA_SPACE: u8 = 1;
const EQUALS: u8 = 2;
const QUOTE: u8 = 4;
const BACKSLASH: u8 = 8;
const CONTROL: u8 = 16;

const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut control = 0;
    while control < b' ' {
        kinds[control as usize] = CONTROL;
        control += 1;
    }
    kinds[0x7f] = CONTROL;
    kinds[b',' as usize] = COMMA_SPACE;
    kinds[b' ' as usize] = COMMA_SPACE;
    kinds[b'=' as usize] = EQUALS;
    kinds[b'"' as usize] = QUOTE;
    kinds[b'\\' as usize] = BACKSLASH;
    kinds
};

/// The kinds of all bytes of a text.
#[inline]
fn kinds(text: &[u8]) -> u8 {
    text.iter()
        .fold(0, |kinds, byte| kinds | KINDS[usize::from(*byte)])
}
