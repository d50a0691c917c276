//! Validates a message and finds its parts, in one pass.
//!
//! This is what every point costs at least, so it is made for what Kapacitor sends: short names
//! and values in ASCII, and the entries of a map in an order that differs from point to point. A
//! branch on how long a name is would therefore be a guess that often fails. Each part is looked
//! at through a window of fixed size instead, with the text in it cut out by a mask; whatever does
//! not fit into its window is read once more, by the general way.

use super::body::{Kind, Part, key};
use crate::protocol::varint;

/// Bytes of text in a window.
const TEXT: usize = 16;
/// Bytes before a plain text, or a value: the field's key, the length.
const TEXT_HEAD: usize = 2;
/// Bytes before an entry's key: those of the entry, and those of its key.
const ENTRY_HEAD: usize = 2 * TEXT_HEAD;
/// Bytes of an entry's value that is a float.
const FLOAT: usize = 9;

/// A part's first bytes: an entry of two texts fits in.
type Window = [u8; ENTRY_HEAD + TEXT + TEXT_HEAD + TEXT];

/// What a message needs behind itself: each part then has a window, and nothing else has.
pub(super) const PADDING: [u8; size_of::<Window>() - 1] = [0; size_of::<Window>() - 1];

/// The message has something that the index does not hold; prost has to read it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Irregular;

/// What of a message is not only found, but read.
pub(super) struct Scalars {
    pub(super) time: i64,
    pub(super) by_name: bool,
}

/// A message, and the padding behind it.
pub(super) struct Message<'a> {
    padded: &'a [u8],
    len: usize,
}

impl<'a> Message<'a> {
    /// A message that ends with the [`PADDING`].
    pub(super) fn new(padded: &'a [u8]) -> Self {
        Self {
            padded,
            len: padded.len().saturating_sub(PADDING.len()),
        }
    }

    /// Validates the message and appends its parts.
    pub(super) fn index(&self, parts: &mut Vec<Part>) -> Result<Scalars, Irregular> {
        let (mut time, mut by_name) = (0, false);
        let mut at = 0;
        while let Some(window) = self.window(at) {
            let part = match window[0] {
                key::FLOAT => self.entry(window, at, Kind::Float)?,
                key::TAG => self.entry(window, at, Kind::Tag)?,
                key::INT => self.entry(window, at, Kind::Int)?,
                key::STRING => self.entry(window, at, Kind::String)?,
                key::BOOL => self.entry(window, at, Kind::Bool)?,
                key::DIMENSION => self.text(window, at, Kind::Dimension)?,
                key::GROUP => self.text(window, at, Kind::Group)?,
                key::NAME => self.text(window, at, Kind::Name)?,
                key::DATABASE => self.text(window, at, Kind::Database)?,
                key::RETENTION_POLICY => self.text(window, at, Kind::RetentionPolicy)?,
                key::TIME => {
                    let (value, end) = varint::read(self.padded, at + 1).ok_or(Irregular)?;
                    time = value as i64;
                    Part::number(Kind::Time, end)
                }
                key::BY_NAME => {
                    let (value, end) = varint::read(self.padded, at + 1).ok_or(Irregular)?;
                    by_name = value != 0;
                    Part::number(Kind::ByName, end)
                }
                _ => return Err(Irregular),
            };
            at = part.end();
            parts.push(part);
        }
        // The last part may have reached into the padding.
        if at != self.len {
            return Err(Irregular);
        }
        Ok(Scalars { time, by_name })
    }

    /// What lies at `at`, where that is within the message.
    #[inline(always)]
    fn window(&self, at: usize) -> Option<&'a Window> {
        self.padded.get(at..)?.first_chunk()
    }

    /// The plain text at `at`.
    #[inline(always)]
    fn text(&self, window: &Window, at: usize, kind: Kind) -> Result<Part, Irregular> {
        match ascii(&window[1..]) {
            Some(len) => {
                let start = at + TEXT_HEAD;
                Ok(Part::text(kind, start, len, start + len))
            }
            None => self.any_text(at, kind),
        }
    }

    /// The entry of a map at `at`: its key, then its value or nothing, which is the default.
    #[inline(always)]
    fn entry(&self, window: &Window, at: usize, kind: Kind) -> Result<Part, Irregular> {
        match self.short_entry(window, at, kind) {
            Some(part) => Ok(part),
            None => self.any_entry(at, kind),
        }
    }

    #[inline(always)]
    fn short_entry(&self, window: &Window, at: usize, kind: Kind) -> Option<Part> {
        let text_len = ascii(&window[ENTRY_HEAD - 1..])?;
        let value = &window[ENTRY_HEAD + text_len..];
        let (value_key, value_len) = match kind {
            Kind::Float => (key::ENTRY_FIXED64, FLOAT),
            Kind::Tag | Kind::String => (key::ENTRY_BYTES, TEXT_HEAD + ascii(&value[1..])?),
            _ => (key::ENTRY_VARINT, varint::read(value, 1)?.1),
        };
        let entry_len = TEXT_HEAD + text_len + value_len;
        // All of these lengths are so short that they take one byte.
        if window[2] != key::ENTRY_KEY
            || value[0] != value_key
            || usize::from(window[1]) != entry_len
        {
            return None;
        }
        let end = at + TEXT_HEAD + entry_len;
        Some(Part::text(kind, at + ENTRY_HEAD, text_len, end))
    }

    #[inline(never)]
    fn any_text(&self, at: usize, kind: Kind) -> Result<Part, Irregular> {
        let (start, end) = self.delimited(at + 1, self.len)?;
        self.check_utf8(start, end)?;
        Ok(Part::text(kind, start, end - start, end))
    }

    #[inline(never)]
    fn any_entry(&self, at: usize, kind: Kind) -> Result<Part, Irregular> {
        let (start, end) = self.delimited(at + 1, self.len)?;
        if start == end || self.padded[start] != key::ENTRY_KEY {
            return Err(Irregular);
        }
        let (text_start, text_end) = self.delimited(start + 1, end)?;
        self.check_utf8(text_start, text_end)?;
        let value_end = match (kind, &self.padded[text_end..end]) {
            (_, []) => text_end,
            (Kind::Float, [key::ENTRY_FIXED64, ..]) => text_end + FLOAT,
            (Kind::Int | Kind::Bool, [key::ENTRY_VARINT, ..]) => {
                varint::read(self.padded, text_end + 1).ok_or(Irregular)?.1
            }
            (Kind::Tag | Kind::String, [key::ENTRY_BYTES, ..]) => {
                let (value_start, value_end) = self.delimited(text_end + 1, end)?;
                self.check_utf8(value_start, value_end)?;
                value_end
            }
            _ => return Err(Irregular),
        };
        if value_end != end {
            return Err(Irregular);
        }
        Ok(Part::text(kind, text_start, text_end - text_start, end))
    }

    /// Start and end of what a length at `at` announces, within `limit`.
    fn delimited(&self, at: usize, limit: usize) -> Result<(usize, usize), Irregular> {
        let (len, start) = varint::read(self.padded, at).ok_or(Irregular)?;
        if start > limit || len > (limit - start) as u64 {
            return Err(Irregular);
        }
        Ok((start, start + len as usize))
    }

    fn check_utf8(&self, start: usize, end: usize) -> Result<(), Irregular> {
        match std::str::from_utf8(&self.padded[start..end]) {
            Ok(_) => Ok(()),
            Err(_) => Err(Irregular),
        }
    }
}

/// The length of the text that follows with it, where it is short and ASCII.
#[inline(always)]
fn ascii(window: &[u8]) -> Option<usize> {
    let (len, text) = window.split_first()?;
    let len = usize::from(*len);
    let mask = HIGH_BITS.get(len)?;
    (u128::from_le_bytes(*text.first_chunk()?) & mask == 0).then_some(len)
}

/// For each length of a text the highest bits of its bytes, which ASCII does not use.
const HIGH_BITS: [u128; TEXT + 1] = {
    let mut masks = [0; TEXT + 1];
    let mut len = 1;
    while len < masks.len() {
        masks[len] = masks[len - 1] << 8 | 0x80;
        len += 1;
    }
    masks
};
