//! Validates a message and finds its parts, in one pass.
//!
//! This is what every point costs at least, so it is made for what Kapacitor sends: short names
//! and values in ASCII, and the entries of a map in an order that differs from point to point. A
//! branch on how long a name is would therefore be a guess that often fails. Each part is looked
//! at through a window of fixed size instead. Texts are cut out of it by a mask and gathered: one
//! look at the end says whether all of them were ASCII. A part that does not fit into its window
//! is read by the general way.

use super::part::{Kind, Part, Places, key};
use crate::protocol::varint;

/// Bytes of text in a window.
const TEXT: usize = 32;
/// Bytes before a plain text, or a value: the field's key, the length.
const TEXT_HEAD: usize = 2;
/// Bytes before an entry's key: those of the entry, and those of its key.
const ENTRY_HEAD: usize = 2 * TEXT_HEAD;
/// Bytes of an entry's value that is a float.
const FLOAT: usize = 9;
/// Bytes of an entry's value and its end: a text with its head.
const VALUE: usize = TEXT_HEAD + TEXT;

/// A part's first bytes: an entry of two texts fits in.
type Window = [u8; ENTRY_HEAD + TEXT + VALUE];

/// What a message needs behind itself: each part then has a window, and nothing else has.
pub(super) const PADDING: [u8; size_of::<Window>() - 1] = [0; size_of::<Window>() - 1];

/// The message has something that the index does not hold; prost has to read it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Irregular;

/// What of a message is not only found, but read.
#[derive(Debug)]
pub(super) struct Head<'a> {
    pub(super) time: &'a mut i64,
    pub(super) by_name: &'a mut bool,
    pub(super) places: &'a mut Places,
}

/// Validates a message that ends with the [`PADDING`]; fills an empty head, and replaces what is in
/// `parts` by the message's own.
pub(super) fn parse(
    padded: &[u8],
    parts: &mut Vec<Part>,
    mut head: Head<'_>,
) -> Result<(), Irregular> {
    let source = Source {
        padded,
        len: padded.len().saturating_sub(PADDING.len()),
    };
    let mut texts = Texts::default();
    let count = source.parts(parts, &mut head, &mut texts)?;
    parts.truncate(count);
    if !texts.are_ascii() {
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
    /// Writes the parts over what is in `parts`, and returns how many there are.
    #[inline(always)]
    fn parts(
        self,
        parts: &mut Vec<Part>,
        head: &mut Head<'_>,
        texts: &mut Texts,
    ) -> Result<usize, Irregular> {
        let (mut at, mut count) = (0, 0);
        while let Some(window) = self.window(at) {
            if count == parts.len() {
                parts.resize(2 * count.max(16), Part::number(Kind::Removed, 0));
            }
            let slots = &mut parts[count..];
            let read = match window[0] {
                key::FLOAT => self.entries(Kind::Float, at, slots, texts)?,
                key::TAG => self.entries(Kind::Tag, at, slots, texts)?,
                key::INT => self.entries(Kind::Int, at, slots, texts)?,
                key::STRING => self.entries(Kind::String, at, slots, texts)?,
                key::BOOL => self.entries(Kind::Bool, at, slots, texts)?,
                other => {
                    let kind = match other {
                        key::NAME => Kind::Name,
                        key::DATABASE => Kind::Database,
                        key::RETENTION_POLICY => Kind::RetentionPolicy,
                        key::GROUP => Kind::Group,
                        key::DIMENSION => Kind::Dimension,
                        key::TIME => Kind::Time,
                        key::BY_NAME => Kind::ByName,
                        _ => return Err(Irregular),
                    };
                    if !head.places.note(kind, count) {
                        return Err(Irregular);
                    }
                    let end = match kind {
                        Kind::Time | Kind::ByName => {
                            let (value, end) =
                                varint::read(self.padded, at + 1).ok_or(Irregular)?;
                            match kind {
                                Kind::Time => *head.time = value as i64,
                                _ => *head.by_name = value != 0,
                            }
                            slots[0] = Part::number(kind, end);
                            end
                        }
                        _ => self.text(kind, window, at, &mut slots[0], texts)?,
                    };
                    Read { count: 1, end }
                }
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

    /// What lies at `at`, where that is within the message.
    #[inline(always)]
    fn window(self, at: usize) -> Option<&'a Window> {
        self.padded.get(at..)?.first_chunk()
    }

    /// Reads a plain text, and returns its end.
    #[inline(always)]
    fn text(
        self,
        kind: Kind,
        window: &Window,
        at: usize,
        slot: &mut Part,
        texts: &mut Texts,
    ) -> Result<usize, Irregular> {
        let len = usize::from(window[1]);
        if len > TEXT {
            *slot = self.any_text(at, kind)?;
            return Ok(slot.end());
        }
        texts.add(&window[TEXT_HEAD..], len);
        let start = at + TEXT_HEAD;
        *slot = Part::text(kind, start, len, start + len);
        Ok(start + len)
    }

    /// Reads entries of one map that follow each other at `at`: the short ones, or another.
    #[inline(always)]
    fn entries(
        self,
        kind: Kind,
        at: usize,
        slots: &mut [Part],
        texts: &mut Texts,
    ) -> Result<Read, Irregular> {
        let read = self.short_entries(kind, at, slots, texts);
        if read.count > 0 {
            return Ok(read);
        }
        slots[0] = self.any_entry(at, kind)?;
        Ok(Read {
            count: 1,
            end: slots[0].end(),
        })
    }

    /// Reads the short entries of one map that follow each other at `at`, as many as there are slots.
    #[inline(always)]
    fn short_entries(self, kind: Kind, at: usize, slots: &mut [Part], texts: &mut Texts) -> Read {
        // In variables of this loop alone, which calls nothing, they stay in registers.
        let (mut rest, mut next, mut count) = (&self.padded[at..], at, 0);
        let mut names = Texts::default();
        for slot in slots {
            let Some(window) = rest.first_chunk() else {
                break;
            };
            let Some(entry) = ShortEntry::read(window, kind) else {
                break;
            };
            if !kind.has_plain_entries() {
                names.add(&window[ENTRY_HEAD..], entry.name_len);
            }
            *slot = Part::text(kind, next + ENTRY_HEAD, entry.name_len, next + entry.len);
            next += entry.len;
            rest = &rest[entry.len..];
            count += 1;
        }
        texts.merge(if kind.has_plain_entries() {
            Texts::of(&self.padded[at..next])
        } else {
            names
        });
        Read { count, end: next }
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

    /// Start and end of what a length at `at` announces, within `limit`.
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

    /// Checks the texts that were only gathered, of which one at least is not ASCII.
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
    /// Whether all bytes of a short entry are ASCII if its texts are: its lengths are, and a bool is.
    #[inline(always)]
    fn has_plain_entries(self) -> bool {
        matches!(self, Self::Tag | Self::String | Self::Bool)
    }
}

/// An entry with a name and a value, both so short that all of it is in the window and each length
/// in it takes one byte.
struct ShortEntry {
    name_len: usize,
    len: usize,
}

impl ShortEntry {
    #[inline(always)]
    fn read(window: &Window, kind: Kind) -> Option<Self> {
        let name_len = usize::from(window[3]);
        if window[0] != kind.key() || window[2] != key::ENTRY_KEY || name_len > TEXT {
            return None;
        }
        let value: &[u8; VALUE] = window[ENTRY_HEAD + name_len..].first_chunk()?;
        let announced = usize::from(window[1]);
        let (value_key, value_len) = match kind {
            Kind::Float => (key::ENTRY_FIXED64, FLOAT),
            Kind::Tag | Kind::String => {
                let len = usize::from(value[1]);
                if len > TEXT {
                    return None;
                }
                (key::ENTRY_BYTES, TEXT_HEAD + len)
            }
            Kind::Bool => (key::ENTRY_VARINT, 2),
            _ => (key::ENTRY_VARINT, 1 + short_varint_len(&value[1..])?),
        };
        // The next entry begins where this one says that it ends: to go on from there, before it is
        // known how long the value is, does not wait for that.
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
    // The highest bit of its last byte is the first of these that is not set.
    let ends = !word & 0x8080_8080_8080_8080;
    (ends != 0).then(|| (ends.trailing_zeros() as usize + 1) / 8)
}

/// What was read in one go.
struct Read {
    count: usize,
    end: usize,
}

/// The bytes of all short texts, laid over each other.
#[derive(Clone, Copy, Default)]
struct Texts([u8; TEXT]);

impl Texts {
    /// All of some bytes.
    #[inline(always)]
    fn of(bytes: &[u8]) -> Self {
        let mut texts = Self::default();
        let (chunks, _) = bytes.as_chunks();
        for chunk in chunks {
            texts.merge(Self(*chunk));
        }
        match bytes.last_chunk() {
            Some(last) => texts.merge(Self(*last)),
            None => texts.0[0] |= bytes.iter().fold(0, |sum, byte| sum | byte),
        }
        texts
    }

    /// Adds the text of so many bytes at the front of `bytes`.
    #[inline(always)]
    fn add(&mut self, bytes: &[u8], len: usize) {
        match (bytes.first_chunk::<TEXT>(), mask(len)) {
            (Some(text), Some(mask)) => {
                for index in 0..TEXT {
                    self.0[index] |= text[index] & mask[index];
                }
            }
            // No text is added that is longer than its window.
            _ => self.0[0] = u8::MAX,
        }
    }

    #[inline(always)]
    fn merge(&mut self, other: Self) {
        for index in 0..TEXT {
            self.0[index] |= other.0[index];
        }
    }

    #[inline(always)]
    fn are_ascii(&self) -> bool {
        self.0.iter().fold(0, |sum, byte| sum | byte) < 0x80
    }
}

/// The mask of a text of so many bytes: the highest bits of its bytes, which ASCII does not use.
#[inline(always)]
fn mask(len: usize) -> Option<&'static [u8; TEXT]> {
    static MASKS: [u8; 2 * TEXT] = {
        let mut masks = [0; 2 * TEXT];
        let mut at = 0;
        while at < TEXT {
            masks[at] = 0x80;
            at += 1;
        }
        masks
    };
    MASKS.get(TEXT.checked_sub(len)?..)?.first_chunk()
}
