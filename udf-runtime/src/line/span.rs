//! Pieces of a line's text.

use memchr::memchr;

/// A piece of text: of the line or, once its escapes are removed, of the parser's own buffer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    start: u32,
    end_and_escaped: u32,
}

impl Span {
    const ESCAPED: u32 = 1 << 31;

    /// Both offsets must be below 2^31.
    #[inline]
    pub(super) fn new(start: usize, end: usize, escaped: bool) -> Self {
        let flag = if escaped { Self::ESCAPED } else { 0 };
        Span {
            start: start as u32,
            end_and_escaped: end as u32 | flag,
        }
    }

    #[inline]
    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    #[inline]
    pub(super) fn end(self) -> usize {
        (self.end_and_escaped & !Self::ESCAPED) as usize
    }

    #[inline]
    pub(super) fn is_escaped(self) -> bool {
        self.end_and_escaped & Self::ESCAPED != 0
    }

    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.start() == self.end()
    }

    /// The text as it stands in the line.
    #[inline]
    pub(super) fn bytes(self, line: &[u8]) -> &[u8] {
        &line[self.start()..self.end()]
    }

    /// The text without escapes. The offsets stand beside ASCII bytes, so `get` finds it.
    #[inline]
    pub(super) fn text<'a>(self, line: &'a str, unescaped: &'a str) -> &'a str {
        let text = if self.is_escaped() { unescaped } else { line };
        text.get(self.start()..self.end()).unwrap_or_default()
    }

    /// Copies the text without its escapes to `own`, if it has any; says whether it has.
    pub(super) fn unescape(
        &mut self,
        line: &str,
        own: &mut String,
        is_escape: fn(u8) -> bool,
    ) -> bool {
        if !self.is_escaped() {
            return false;
        }
        let start = own.len();
        let mut rest = line.get(self.start()..self.end()).unwrap_or_default();
        while let Some(at) = memchr(b'\\', rest.as_bytes()) {
            let (before, after) = rest.split_at(at);
            own.push_str(before);
            // The backslash of an escape goes, any other is a character. The byte behind it stays,
            // and is ASCII where it is copied here.
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
