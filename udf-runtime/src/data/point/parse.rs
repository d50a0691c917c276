//! Validates a message and finds its parts, in one pass.
//!
//! Every point costs at least this pass, so it is made for what Kapacitor sends: short ASCII names and
//! values, and the entries of a map in an order that differs from point to point. A branch on the length of
//! a name would often be predicted wrongly, so the checks do not branch on it. Each entry is examined through
//! a window of fixed size. The bytes of all texts are combined, and one check at the end shows whether all
//! texts are ASCII. A general function reads any part that is longer.

use super::part::{Kind, Part, Places, key};
use crate::protocol::varint;

/// Bytes before a plain text or an entry's value of text: a key and a length.
const TEXT_HEAD: usize = 2;
/// Bytes before the name of an entry: the key and length of the entry, then those of the name.
const ENTRY_HEAD: usize = 2 * TEXT_HEAD;
/// Most bytes of an entry's name in a window.
const NAME: usize = 64;
/// Most bytes of a name that [`Names`] can add.
const ADDED_NAME: usize = 32;
/// Bytes of the value of an entry that is a float: a key and the float. No short varint takes more.
const FLOAT: usize = 9;

/// The first bytes of an entry: its head, its name, and the beginning of its value.
type Window = [u8; ENTRY_HEAD + NAME + FLOAT];

/// The bytes that must follow a message, so that each entry has a window.
pub(super) const PADDING: [u8; size_of::<Window>() - 1] = [0; size_of::<Window>() - 1];

/// The message has something that the index cannot represent. Prost reads such a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Irregular;

/// The parts of a message that are decoded, not only found.
#[derive(Debug)]
pub(super) struct Head<'a> {
    pub(super) time: &'a mut i64,
    pub(super) by_name: &'a mut bool,
    pub(super) places: &'a mut Places,
}

/// Validates a message that ends with the [`PADDING`]. Fills an empty head, and replaces the content of
/// `parts` by the message's parts.
pub(super) fn parse(
    padded: &[u8],
    parts: &mut Vec<Part>,
    mut head: Head<'_>,
) -> Result<(), Irregular> {
    let source = Source {
        padded,
        len: padded.len().saturating_sub(PADDING.len()),
    };
    let mut ascii = true;
    let count = source.parts(parts, &mut head, &mut ascii)?;
    parts.truncate(count);
    if !ascii {
        source.check_short_texts(parts)?;
    }
    Ok(())
}

/// A message, and the padding behind it.
#[derive(Clone, Copy)]
struct Source<'a> {
    padded: &'a [u8],
    len: usize,
}

impl<'a> Source<'a> {
    /// Overwrites the content of `parts`. Returns the number of parts. Clears `ascii` if a short text is not
    /// ASCII.
    #[inline(always)]
    fn parts(
        self,
        parts: &mut Vec<Part>,
        head: &mut Head<'_>,
        ascii: &mut bool,
    ) -> Result<usize, Irregular> {
        let (mut at, mut count) = (0, 0);
        while at < self.len {
            if count == parts.len() {
                parts.resize(2 * count.max(16), Part::number(Kind::Removed, 0));
            }
            let slots = &mut parts[count..];
            let read = match self.padded[at] {
                key::FLOAT => self.entries(Kind::Float, at, slots, ascii)?,
                key::TAG => self.entries(Kind::Tag, at, slots, ascii)?,
                key::INT => self.entries(Kind::Int, at, slots, ascii)?,
                key::STRING => self.entries(Kind::String, at, slots, ascii)?,
                key::BOOL => self.entries(Kind::Bool, at, slots, ascii)?,
                key::TIME => {
                    let (time, end) = self.number(Kind::Time, at, count, slots, head.places)?;
                    *head.time = time as i64;
                    Read { count: 1, end }
                }
                key::BY_NAME => {
                    let (by_name, end) =
                        self.number(Kind::ByName, at, count, slots, head.places)?;
                    *head.by_name = by_name != 0;
                    Read { count: 1, end }
                }
                _ => self.texts(at, count, slots, head.places, ascii)?,
            };
            (at, count) = (read.end, count + read.count);
        }
        // The last part may have reached into the padding.
        if at == self.len {
            Ok(count)
        } else {
            Err(Irregular)
        }
    }

    /// Reads a number that is not an entry. Returns it and its end.
    #[inline(always)]
    fn number(
        self,
        kind: Kind,
        at: usize,
        index: usize,
        slots: &mut [Part],
        places: &mut Places,
    ) -> Result<(u64, usize), Irregular> {
        let (value, end) = varint::read_long(self.padded, at + 1).ok_or(Irregular)?;
        if !places.note(kind, index) {
            return Err(Irregular);
        }
        slots[0] = Part::number(kind, end);
        Ok((value, end))
    }

    /// Reads the consecutive plain texts at `at`: at most as many as there are slots, and a long one only
    /// alone.
    #[inline(always)]
    fn texts(
        self,
        at: usize,
        index: usize,
        slots: &mut [Part],
        places: &mut Places,
        ascii: &mut bool,
    ) -> Result<Read, Irregular> {
        let (mut next, mut count) = (at, 0);
        for slot in slots {
            let Some(&[key, len]) = self.padded.get(next..).and_then(<[u8]>::first_chunk) else {
                break;
            };
            let Some(kind) = Kind::of_text(key) else {
                break;
            };
            let is_long = len >= 0x80;
            if is_long && count > 0 {
                break;
            }
            if !places.note(kind, index + count) {
                return Err(Irregular);
            }
            if is_long {
                *slot = self.any_text(at, kind)?;
                let end = slot.end();
                return Ok(Read { count: 1, end });
            }
            let (start, len) = (next + TEXT_HEAD, usize::from(len));
            next = start + len;
            *slot = Part::text(kind, start, len, next);
            count += 1;
        }
        // Keys and short lengths are ASCII as well.
        *ascii &= is_ascii(self.padded.get(at..next).ok_or(Irregular)?);
        if count == 0 {
            return Err(Irregular);
        }
        Ok(Read { count, end: next })
    }

    /// Reads the consecutive entries of one map at `at`: either short ones or one of any length.
    #[inline(always)]
    fn entries(
        self,
        kind: Kind,
        at: usize,
        slots: &mut [Part],
        ascii: &mut bool,
    ) -> Result<Read, Irregular> {
        let read = self.short_entries(kind, at, slots, ascii);
        if read.count > 0 {
            return Ok(read);
        }
        slots[0] = self.any_entry(at, kind)?;
        Ok(Read {
            count: 1,
            end: slots[0].end(),
        })
    }

    /// Reads the consecutive short entries of one map at `at`, at most as many as there are slots.
    #[inline(always)]
    fn short_entries(self, kind: Kind, at: usize, slots: &mut [Part], ascii: &mut bool) -> Read {
        // Local variables, so that they stay in registers.
        let (mut next, mut count) = (at, 0);
        let mut names = Names::default();
        for slot in slots {
            let Some(window) = self.window(next) else {
                break;
            };
            let Some(entry) = ShortEntry::read(window, kind) else {
                break;
            };
            if !kind.has_plain_entries() {
                names.add(&window[ENTRY_HEAD..], entry.name_len);
            }
            let name = next + ENTRY_HEAD;
            next += entry.len;
            *slot = Part::text(kind, name, entry.name_len, next);
            count += 1;
        }
        if kind.has_plain_entries() {
            match self.padded.get(at..next) {
                Some(entries) => *ascii &= is_ascii(entries),
                // The last entry exceeds the padding. The general function refuses it.
                None => return Read { count: 0, end: at },
            }
        } else {
            *ascii &= names.are_ascii();
        }
        Read { count, end: next }
    }

    /// The bytes from `at` on, if that is within the message.
    #[inline(always)]
    fn window(self, at: usize) -> Option<&'a Window> {
        self.padded.get(at..)?.first_chunk()
    }

    #[inline(never)]
    fn any_text(self, at: usize, kind: Kind) -> Result<Part, Irregular> {
        let (start, end) = self.delimited(at + 1, self.len)?;
        self.check_utf8(start, end)?;
        Ok(Part::text(kind, start, end - start, end))
    }

    #[inline(never)]
    fn any_entry(self, at: usize, kind: Kind) -> Result<Part, Irregular> {
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

    /// The range of bytes that a length at `at` announces, within `limit`.
    fn delimited(self, at: usize, limit: usize) -> Result<(usize, usize), Irregular> {
        let (len, start) = varint::read(self.padded, at).ok_or(Irregular)?;
        if start > limit || len > (limit - start) as u64 {
            return Err(Irregular);
        }
        Ok((start, start + len as usize))
    }

    fn check_utf8(self, start: usize, end: usize) -> Result<(), Irregular> {
        match std::str::from_utf8(&self.padded[start..end]) {
            Ok(_) => Ok(()),
            Err(_) => Err(Irregular),
        }
    }

    /// Checks all texts, when at least one short text is not ASCII.
    #[inline(never)]
    fn check_short_texts(self, parts: &[Part]) -> Result<(), Irregular> {
        for part in parts {
            self.check_utf8(part.text_start(), part.text_end())?;
            let has_text = matches!(part.kind, Kind::Tag | Kind::String);
            if has_text && part.text_end() < part.end() {
                let (start, end) = self.delimited(part.text_end() + 1, part.end())?;
                self.check_utf8(start, end)?;
            }
        }
        Ok(())
    }
}

impl Kind {
    /// The kind of a plain text with a key.
    #[inline(always)]
    fn of_text(key: u8) -> Option<Self> {
        const KINDS: [Kind; 5] = [
            Kind::Name,
            Kind::Database,
            Kind::RetentionPolicy,
            Kind::Group,
            Kind::Dimension,
        ];
        // A key is the field's number, then the wire type in three bits.
        let index = key.rotate_right(3).wrapping_sub(key::NAME.rotate_right(3));
        KINDS.get(usize::from(index)).copied()
    }

    /// Whether all bytes of a short entry are ASCII if its texts are: its lengths are, and a bool is.
    #[inline(always)]
    fn has_plain_entries(self) -> bool {
        matches!(self, Self::Tag | Self::String | Self::Bool)
    }
}

/// An entry whose name fits into the window, and each of whose lengths takes one byte.
struct ShortEntry {
    name_len: usize,
    len: usize,
}

impl ShortEntry {
    #[inline(always)]
    fn read(window: &Window, kind: Kind) -> Option<Self> {
        // Both keys, and the highest bits of both lengths.
        const KEYS: u32 = u32::from_le_bytes([0xff, 0x80, 0xff, 0x80]);
        let head = u32::from_le_bytes(*window.first_chunk()?);
        if head & KEYS != u32::from_le_bytes([kind.key(), 0, key::ENTRY_KEY, 0]) {
            return None;
        }
        let announced = usize::from((head >> 8) as u8);
        let name_len = (head >> 24) as usize;
        let longest_name = if kind.has_plain_entries() {
            NAME
        } else {
            ADDED_NAME
        };
        if name_len > longest_name {
            return None;
        }
        let value: &[u8; FLOAT] = window[ENTRY_HEAD + name_len..].first_chunk()?;
        let (value_key, value_len) = match kind {
            Kind::Float => (key::ENTRY_FIXED64, FLOAT),
            Kind::Tag | Kind::String => (key::ENTRY_BYTES, TEXT_HEAD + usize::from(value[1])),
            Kind::Bool => (key::ENTRY_VARINT, 2),
            _ => (key::ENTRY_VARINT, 1 + short_varint_len(&value[1..])?),
        };
        // The next entry begins where this one says that it ends. Going on from there does not wait for the
        // length of the value.
        (value[0] == value_key && announced.wrapping_sub(name_len) == TEXT_HEAD + value_len)
            .then_some(Self {
                name_len,
                len: TEXT_HEAD + announced,
            })
    }
}

/// The length of a varint of up to eight bytes.
#[inline(always)]
fn short_varint_len(bytes: &[u8]) -> Option<usize> {
    let word = u64::from_le_bytes(*bytes.first_chunk()?);
    // The last byte is the first one whose highest bit is not set.
    let ends = !word & 0x8080_8080_8080_8080;
    (ends != 0).then(|| (ends.trailing_zeros() as usize + 1) / 8)
}

/// Parts that were read together.
struct Read {
    count: usize,
    end: usize,
}

/// The same as [`<[u8]>::is_ascii`], which is slow for lengths that are not a multiple of its word.
#[inline(always)]
fn is_ascii(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk() else {
        return bytes.is_ascii();
    };
    let (words, _) = bytes.as_chunks();
    // The last word overlaps the one before it.
    let all = words.iter().fold(u128::from_ne_bytes(*last), |all, word| {
        all | u128::from_ne_bytes(*word)
    });
    all & u128::from_ne_bytes([0x80; 16]) == 0
}

/// The bytes of names between numbers, combined by a bitwise OR.
#[derive(Clone, Copy, Default)]
struct Names([u8; ADDED_NAME]);

impl Names {
    /// Adds the name of `len` bytes at the front of `bytes`.
    #[inline(always)]
    fn add(&mut self, bytes: &[u8], len: usize) {
        match (bytes.first_chunk::<ADDED_NAME>(), mask(len)) {
            (Some(name), Some(mask)) => {
                for index in 0..ADDED_NAME {
                    self.0[index] |= name[index] & mask[index];
                }
            }
            // Not reached: a short entry's name is not longer than that.
            _ => self.0[0] = u8::MAX,
        }
    }

    #[inline(always)]
    fn are_ascii(&self) -> bool {
        self.0.iter().fold(0, |sum, byte| sum | byte) < 0x80
    }
}

/// The mask of a name of `len` bytes: the highest bit of each of its bytes, which ASCII does not use.
#[inline(always)]
fn mask(len: usize) -> Option<&'static [u8; ADDED_NAME]> {
    static MASKS: [u8; 2 * ADDED_NAME] = {
        let mut masks = [0; 2 * ADDED_NAME];
        let mut at = 0;
        while at < ADDED_NAME {
            masks[at] = 0x80;
            at += 1;
        }
        masks
    };
    MASKS.get(ADDED_NAME.checked_sub(len)?..)?.first_chunk()
}
