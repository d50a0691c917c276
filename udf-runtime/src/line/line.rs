//! A line that was read.

use memchr::memchr_iter;

use super::parse::{Field, Parser, Value};
use super::span::Span;
use crate::data::FieldValue;

/// A line that was read: the parts of one point.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pub(super) parts: &'a Parser,
    pub(super) text: &'a str,
}

impl<'a> Line<'a> {
    /// Name of the measurement.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.part(self.parts.name)
    }

    /// The tags, keys and values, in the order of the line.
    #[inline]
    pub fn tags(&self) -> impl ExactSizeIterator<Item = (&'a str, &'a str)> + use<'a> {
        let line = *self;
        line.parts
            .tags
            .iter()
            .map(move |tag| (line.part(tag.key), line.part(tag.value)))
    }

    /// The tag of an index. The index must be below the number of tags.
    #[inline]
    pub(crate) fn tag(&self, index: usize) -> (&'a str, &'a str) {
        let tag = &self.parts.tags[index];
        (self.part(tag.key), self.part(tag.value))
    }

    /// The fields, at least one, keys and values, in the order of the line.
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

    /// The whole line, without its line break. Strings in it may have line breaks, so that the next line
    /// begins behind this text.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Name and tags, as the line spells them.
    pub(crate) fn head(&self) -> &'a str {
        self.part(self.parts.head)
    }

    /// The field of an index: its key, its value, and both as the line spells them.
    #[inline]
    pub(crate) fn field(&self, index: usize) -> Option<(&'a str, FieldValue<'a>, Raw<'a>)> {
        let field = self.parts.fields.get(index)?;
        Some((self.part(field.key), self.value(field), self.raw(field.raw)))
    }

    /// All fields, as the line spells them. `None` if the text differs from the fields, because a field is repeated or
    /// has an unsigned value, which becomes an integer.
    pub(crate) fn all_fields(&self) -> Option<Raw<'a>> {
        let (first, last) = (self.parts.fields.first()?, self.parts.fields.last()?);
        let span = Span::new(first.raw.start(), last.raw.end(), false);
        (!self.parts.repeated && !self.parts.unsigned).then(|| self.raw(span))
    }

    /// Whether NUL bytes before the name, the fields or the time were skipped.
    pub(crate) fn has_skipped_nul(&self) -> bool {
        self.parts.skipped_nul
    }

    fn raw(&self, span: Span) -> Raw<'a> {
        Raw {
            line: self.text,
            span,
        }
    }

    /// The number of line breaks in its strings.
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

/// A piece of a line, to be copied as it is.
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

    /// Whether it ends with an unsigned integer.
    pub(crate) fn is_unsigned(self) -> bool {
        self.text().ends_with('u')
    }

    /// This piece and the next one as one piece, if only a comma is between them.
    #[inline]
    pub(crate) fn with(self, next: Self) -> Option<Self> {
        let adjacent = self.span.end() + 1 == next.span.start();
        adjacent.then(|| Raw {
            line: self.line,
            span: Span::new(self.span.start(), next.span.end(), false),
        })
    }
}
