//! A point as the bytes of its message, with an index of their parts.
//!
//! The bytes are always a valid `Point` message that means what the point means. They come from
//! a frame and are validated and indexed in one pass; a change takes the parts that it replaces
//! out (marks them, for they may lie anywhere) and appends new ones, since protobuf does not
//! mind the order. To send a point is to copy its bytes, less what was marked.

use std::collections::HashMap;

use udf_proto::{self as proto, prost, prost::Message as _};

use super::{FieldValue, pool};
use crate::codec::varint;

/// No message may be larger: protobuf's own limit, and offsets fit into 32 bits with ease.
const MAX_BYTES: usize = i32::MAX as usize;
/// Marked bytes below this are not worth clearing out.
const COMPACT_FROM: usize = 4 * 1024;

/// From so many parts on, a map of names is quicker than looking at each pair.
const MANY_PARTS: usize = 64;

/// What a part of the message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
#[repr(u8)]
pub(super) enum Kind {
    Time,
    Name,
    Database,
    RetentionPolicy,
    Group,
    Dimension,
    Tag,
    // In the order in which Kapacitor looks for a field that has several types, last first.
    String,
    Int,
    Float,
    Bool,
    ByName,
    /// Taken out: the bytes are skipped when the point is written.
    Removed,
}

/// Keys of the fields of `Point`: number and wire type.
mod key {
    pub(super) const TIME: u8 = 1 << 3;
    pub(super) const NAME: u8 = 2 << 3 | 2;
    pub(super) const DATABASE: u8 = 3 << 3 | 2;
    pub(super) const RETENTION_POLICY: u8 = 4 << 3 | 2;
    pub(super) const GROUP: u8 = 5 << 3 | 2;
    pub(super) const DIMENSION: u8 = 6 << 3 | 2;
    pub(super) const TAG: u8 = 7 << 3 | 2;
    pub(super) const FLOAT: u8 = 8 << 3 | 2;
    pub(super) const INT: u8 = 9 << 3 | 2;
    pub(super) const STRING: u8 = 10 << 3 | 2;
    pub(super) const BY_NAME: u8 = 11 << 3;
    pub(super) const BOOL: u8 = 12 << 3 | 2;

    /// Inside of a map's entry.
    pub(super) const ENTRY_KEY: u8 = 1 << 3 | 2;
    pub(super) const ENTRY_VARINT: u8 = 2 << 3;
    pub(super) const ENTRY_FIXED64: u8 = 2 << 3 | 1;
    pub(super) const ENTRY_BYTES: u8 = 2 << 3 | 2;
}

impl Kind {
    fn key(self) -> u8 {
        match self {
            Self::Time => key::TIME,
            Self::Name => key::NAME,
            Self::Database => key::DATABASE,
            Self::RetentionPolicy => key::RETENTION_POLICY,
            Self::Group => key::GROUP,
            Self::Dimension => key::DIMENSION,
            Self::Tag => key::TAG,
            Self::String => key::STRING,
            Self::Int => key::INT,
            Self::Float => key::FLOAT,
            Self::Bool => key::BOOL,
            // A removed part is never written.
            Self::ByName | Self::Removed => key::BY_NAME,
        }
    }

    pub(super) fn is_field(self) -> bool {
        matches!(self, Self::String | Self::Int | Self::Float | Self::Bool)
    }
}

/// A field of the message. Parts lie one behind the other and cover all of the bytes, so a part
/// begins where the one before it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) kind: Kind,
    end: u32,
    /// Of an entry, its key; of a plain string, all of it.
    text_start: u32,
    text_len: u32,
    /// A number's bits, or where a string's value lies: start and length.
    value: u64,
}

impl Part {
    fn value_span(&self) -> (usize, usize) {
        (
            (self.value >> 32) as usize,
            (self.value & 0xffff_ffff) as usize,
        )
    }
}

fn span_value(start: usize, len: usize) -> u64 {
    (start as u64) << 32 | len as u64
}

#[derive(Debug, Default)]
pub(super) struct Body {
    bytes: Vec<u8>,
    parts: Vec<Part>,
    time: i64,
    by_name: bool,
    /// Bytes of the parts that were taken out.
    removed: usize,
    /// Something was left out because the message would have been too large.
    oversize: bool,
    source: Source,
}

/// What a point was made from, as far as it is still true.
#[derive(Clone, Copy, Debug, Default)]
struct Source {
    /// Whatever tells sources apart; 0 for none, or when something was changed or taken out.
    id: u64,
    /// The number of parts that came from it; all others were appended later.
    parts: usize,
}

/// The message has something that the index does not hold; prost has to read it.
struct Irregular;

impl Body {
    pub(super) fn new() -> Self {
        let (bytes, parts) = pool::take();
        Self {
            bytes,
            parts,
            ..Self::default()
        }
    }

    /// Gives the buffers to the next point.
    pub(super) fn recycle(&mut self) {
        pool::give(
            std::mem::take(&mut self.bytes),
            std::mem::take(&mut self.parts),
        );
    }

    /// Reads a message: everything that prost accepts, with the same meaning.
    ///
    /// # Errors
    /// What prost refuses.
    pub(super) fn read(message: &[u8]) -> Result<Self, prost::DecodeError> {
        let mut body = Self::new();
        body.bytes.extend_from_slice(message);
        match body.index() {
            Ok(()) => Ok(body),
            Err(Irregular) => {
                body.clear();
                body.rewrite(&proto::Point::decode(message)?);
                Ok(body)
            }
        }
    }

    /// Writes a point anew from prost's reading of it.
    #[cold]
    fn rewrite(&mut self, point: &proto::Point) {
        self.set_time(point.time);
        for (kind, text) in [
            (Kind::Name, &point.name),
            (Kind::Database, &point.database),
            (Kind::RetentionPolicy, &point.retention_policy),
            (Kind::Group, &point.group),
        ] {
            self.set_text(kind, text);
        }
        for dimension in &point.dimensions {
            self.push_text(Kind::Dimension, dimension);
        }
        self.set_by_name(point.by_name);
        for (name, value) in &point.tags {
            self.push_entry_text(Kind::Tag, name, value);
        }
        for (name, value) in &point.fields_double {
            self.push_field(name, FieldValue::Float(*value));
        }
        for (name, value) in &point.fields_int {
            self.push_field(name, FieldValue::Int(*value));
        }
        for (name, value) in &point.fields_string {
            self.push_field(name, FieldValue::String(value));
        }
        for (name, value) in &point.fields_bool {
            self.push_field(name, FieldValue::Bool(*value));
        }
    }

    /// Validates the bytes and indexes their parts, in one pass.
    ///
    /// What the host really sends is read here. Whatever else protobuf allows (fields that we do
    /// not know, an entry without its key or with a value twice) and whatever is wrong is left
    /// to prost.
    fn index(&mut self) -> Result<(), Irregular> {
        let Self {
            bytes,
            parts,
            time,
            by_name,
            ..
        } = self;
        if bytes.len() > MAX_BYTES {
            return Err(Irregular);
        }
        let mut at = 0;
        while let Some(&key) = bytes.get(at) {
            let part = match key {
                key::FLOAT => entry(bytes, at, Kind::Float)?,
                key::TAG => entry(bytes, at, Kind::Tag)?,
                key::INT => entry(bytes, at, Kind::Int)?,
                key::STRING => entry(bytes, at, Kind::String)?,
                key::BOOL => entry(bytes, at, Kind::Bool)?,
                key::TIME => {
                    let (value, end) = varint::read(bytes, at + 1).ok_or(Irregular)?;
                    *time = value as i64;
                    Part {
                        kind: Kind::Time,
                        end: end as u32,
                        text_start: 0,
                        text_len: 0,
                        value,
                    }
                }
                key::BY_NAME => {
                    let (value, end) = varint::read(bytes, at + 1).ok_or(Irregular)?;
                    *by_name = value != 0;
                    Part {
                        kind: Kind::ByName,
                        end: end as u32,
                        text_start: 0,
                        text_len: 0,
                        value,
                    }
                }
                key::DIMENSION => text(bytes, at, Kind::Dimension)?,
                key::NAME => text(bytes, at, Kind::Name)?,
                key::GROUP => text(bytes, at, Kind::Group)?,
                key::DATABASE => text(bytes, at, Kind::Database)?,
                key::RETENTION_POLICY => text(bytes, at, Kind::RetentionPolicy)?,
                _ => return Err(Irregular),
            };
            at = part.end as usize;
            parts.push(part);
        }
        Ok(())
    }

    // ---- reading ----

    pub(super) fn time(&self) -> i64 {
        self.time
    }

    pub(super) fn by_name(&self) -> bool {
        self.by_name
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(super) fn text_bytes(&self, part: &Part) -> &[u8] {
        let start = part.text_start as usize;
        &self.bytes[start..start + part.text_len as usize]
    }

    /// A part's text: the key of an entry, or all of a plain string.
    pub(super) fn text(&self, part: &Part) -> &str {
        utf8(self.text_bytes(part))
    }

    /// The value of an entry of strings.
    pub(super) fn value_text(&self, part: &Part) -> &str {
        utf8(self.value_bytes(part))
    }

    pub(super) fn value_bytes(&self, part: &Part) -> &[u8] {
        let (start, len) = part.value_span();
        &self.bytes[start..start + len]
    }

    pub(super) fn field_value(&self, part: &Part) -> FieldValue<'_> {
        match part.kind {
            Kind::Float => FieldValue::Float(f64::from_bits(part.value)),
            Kind::Int => FieldValue::Int(part.value as i64),
            Kind::Bool => FieldValue::Bool(part.value != 0),
            _ => FieldValue::String(self.value_text(part)),
        }
    }

    /// The last part of a kind, which is the one that counts.
    pub(super) fn last(&self, kind: Kind) -> Option<&Part> {
        self.parts.iter().rev().find(|part| part.kind == kind)
    }

    /// The tag of a name; of several, the last.
    pub(super) fn tag(&self, name: &str) -> Option<&Part> {
        self.parts
            .iter()
            .rev()
            .find(|part| part.kind == Kind::Tag && self.is(part, name))
    }

    /// The field of a name. Of several types, the one that Kapacitor takes; of several of one
    /// type, the last.
    pub(super) fn field(&self, name: &str) -> Option<&Part> {
        let mut found: Option<&Part> = None;
        for part in self.parts.iter().rev() {
            if part.kind.is_field()
                && self.is(part, name)
                && found.is_none_or(|other| other.kind < part.kind)
            {
                found = Some(part);
            }
        }
        found
    }

    /// The parts of some kinds, each only where it is the one that counts of its name.
    pub(super) fn unique(&self, is: impl Fn(Kind) -> bool) -> impl Iterator<Item = &Part> {
        let winners = (self.parts.len() > MANY_PARTS).then(|| self.winners(&is));
        self.parts
            .iter()
            .enumerate()
            .filter_map(move |(index, part)| {
                let counts = is(part.kind)
                    && match &winners {
                        Some(winners) => winners.get(self.text_bytes(part)) == Some(&index),
                        None => self.wins(index, part, &is),
                    };
                counts.then_some(part)
            })
    }

    /// Whether no other part of its name counts in place of this one.
    fn wins(&self, index: usize, part: &Part, is: impl Fn(Kind) -> bool) -> bool {
        let name = self.text_bytes(part);
        !self.parts.iter().enumerate().any(|(other_index, other)| {
            other.text_len == part.text_len
                && (other.kind > part.kind || (other.kind == part.kind && other_index > index))
                && is(other.kind)
                && self.text_bytes(other) == name
        })
    }

    /// For each name the index of the part that counts: [`wins`](Self::wins) for many parts, in
    /// linear time.
    fn winners(&self, is: impl Fn(Kind) -> bool) -> HashMap<&[u8], usize> {
        let mut winners = HashMap::new();
        for (index, part) in self
            .parts
            .iter()
            .enumerate()
            .filter(|(_, part)| is(part.kind))
        {
            let winner = winners.entry(self.text_bytes(part)).or_insert(index);
            if self.parts[*winner].kind <= part.kind {
                *winner = index;
            }
        }
        winners
    }

    fn is(&self, part: &Part, name: &str) -> bool {
        part.text_len as usize == name.len() && self.text_bytes(part) == name.as_bytes()
    }

    /// The parts that were appended since [`set_source`](Self::set_source), if it was of the same
    /// source and nothing else has changed.
    pub(super) fn appended_to(&self, source: u64) -> Option<&[Part]> {
        (self.source.id == source && source != 0).then(|| &self.parts[self.source.parts..])
    }

    // ---- writing ----

    /// Bytes of the message as [`write`](Self::write) writes it.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.removed
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity() + self.parts.capacity() * size_of::<Part>()
    }

    pub(super) fn is_oversize(&self) -> bool {
        self.oversize
    }

    /// Appends the message.
    pub(super) fn write(&self, to: &mut Vec<u8>) {
        if self.removed == 0 {
            to.extend_from_slice(&self.bytes);
        } else {
            self.write_runs(to);
        }
    }

    fn write_runs(&self, to: &mut Vec<u8>) {
        let (mut start, mut run) = (0, 0);
        for part in &self.parts {
            let end = part.end as usize;
            if part.kind == Kind::Removed {
                to.extend_from_slice(&self.bytes[run..start]);
                run = end;
            }
            start = end;
        }
        to.extend_from_slice(&self.bytes[run..]);
    }

    // ---- changing ----

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.parts.clear();
        self.time = 0;
        self.by_name = false;
        self.removed = 0;
        self.oversize = false;
        self.source = Source::default();
    }

    /// Says what the point was made from, up to now.
    pub(super) fn set_source(&mut self, id: u64) {
        self.source = Source {
            id,
            parts: self.parts.len(),
        };
    }

    pub(super) fn copy_from(&mut self, other: &Self) {
        self.bytes.extend_from_slice(&other.bytes);
        self.parts.extend_from_slice(&other.parts);
        self.time = other.time;
        self.by_name = other.by_name;
        self.removed = other.removed;
        self.oversize = other.oversize;
        self.source = other.source;
    }

    /// Takes out every part that `which` says; returns whether there was one.
    pub(super) fn remove(&mut self, mut which: impl FnMut(&Self, &Part) -> bool) -> bool {
        let (mut start, mut found) = (0, false);
        for index in 0..self.parts.len() {
            let part = self.parts[index];
            if part.kind != Kind::Removed && which(self, &part) {
                self.parts[index].kind = Kind::Removed;
                self.removed += part.end as usize - start;
                self.source = Source::default();
                found = true;
            }
            start = part.end as usize;
        }
        if self.removed > COMPACT_FROM && self.removed > self.bytes.len() / 2 {
            self.compact();
        }
        found
    }

    pub(super) fn remove_kind(&mut self, kind: Kind) {
        self.remove(|_, part| part.kind == kind);
    }

    pub(super) fn remove_tag(&mut self, name: &str) -> bool {
        self.remove(|body, part| part.kind == Kind::Tag && body.is(part, name))
    }

    pub(super) fn remove_field(&mut self, name: &str) -> bool {
        self.remove(|body, part| part.kind.is_field() && body.is(part, name))
    }

    pub(super) fn set_time(&mut self, time: i64) {
        self.remove_kind(Kind::Time);
        self.time = time;
        self.push_varint(Kind::Time, time as u64);
    }

    pub(super) fn set_by_name(&mut self, by_name: bool) {
        if self.by_name != by_name {
            self.remove_kind(Kind::ByName);
            self.by_name = by_name;
            self.push_varint(Kind::ByName, u64::from(by_name));
        }
    }

    /// Sets a plain string.
    pub(super) fn set_text(&mut self, kind: Kind, text: &str) {
        self.remove_kind(kind);
        self.push_text(kind, text);
    }

    pub(super) fn set_field(&mut self, name: &str, value: FieldValue<'_>) {
        if !self.replace_float(name, value) {
            self.remove_field(name);
            self.push_field(name, value);
        }
    }

    pub(super) fn rename_field(&mut self, from: &str, to: &str) -> bool {
        if self.field(from).is_none() {
            return false;
        }
        self.remove_field(to);
        // Taking `to` out may have moved what is left.
        let Some(&part) = self.field(from) else {
            return false;
        };
        match part.kind {
            Kind::Float => self.push_field(to, FieldValue::Float(f64::from_bits(part.value))),
            Kind::String => {
                let (start, len) = part.value_span();
                self.push_entry_bytes(Kind::String, to, len, |bytes| {
                    bytes.extend_from_within(start..start + len);
                });
            }
            kind => self.push_entry_varint(kind, to, part.value),
        }
        self.remove_field(from);
        true
    }

    /// Writes a float over another, where the field is there once and has its eight bytes.
    fn replace_float(&mut self, name: &str, value: FieldValue<'_>) -> bool {
        let FieldValue::Float(value) = value else {
            return false;
        };
        let mut found = None;
        for (index, part) in self.parts.iter().enumerate() {
            if part.kind.is_field() && self.is(part, name) {
                if found.is_some() || part.kind != Kind::Float {
                    return false;
                }
                found = Some(index);
            }
        }
        let Some(part) = found.and_then(|index| self.parts.get_mut(index)) else {
            return false;
        };
        let (start, end) = (
            (part.text_start + part.text_len + 1) as usize,
            part.end as usize,
        );
        if start + 8 != end {
            return false;
        }
        part.value = value.to_bits();
        self.source = Source::default();
        self.bytes[start..end].copy_from_slice(&value.to_le_bytes());
        true
    }

    /// Appends a plain string, an empty one only where it means something.
    pub(super) fn push_text(&mut self, kind: Kind, text: &str) {
        if (text.is_empty() && kind != Kind::Dimension) || !self.fits(text.len()) {
            return;
        }
        self.bytes.push(kind.key());
        varint::write(text.len() as u64, &mut self.bytes);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text.as_bytes());
        self.push_part(kind, start, text.len(), 0);
    }

    /// Appends an entry of a map of strings.
    pub(super) fn push_entry_text(&mut self, kind: Kind, name: &str, value: &str) {
        self.push_entry_bytes(kind, name, value.len(), |bytes| {
            bytes.extend_from_slice(value.as_bytes());
        });
    }

    /// Appends an entry whose value has `len` bytes, which `value` appends.
    fn push_entry_bytes(
        &mut self,
        kind: Kind,
        name: &str,
        len: usize,
        value: impl FnOnce(&mut Vec<u8>),
    ) {
        let size = 1 + varint::len(len as u64) + len;
        let Some(start) = self.begin_entry(kind, name, size) else {
            return;
        };
        self.bytes.push(key::ENTRY_BYTES);
        varint::write(len as u64, &mut self.bytes);
        let value_start = self.bytes.len();
        value(&mut self.bytes);
        self.push_part(kind, start, name.len(), span_value(value_start, len));
    }

    /// Appends a field, whether there is one of that name or not.
    pub(super) fn push_field(&mut self, name: &str, value: FieldValue<'_>) {
        match value {
            FieldValue::Float(value) => {
                let Some(start) = self.begin_entry(Kind::Float, name, 9) else {
                    return;
                };
                let mut tail = [key::ENTRY_FIXED64; 9];
                tail[1..].copy_from_slice(&value.to_le_bytes());
                self.bytes.extend_from_slice(&tail);
                self.push_part(Kind::Float, start, name.len(), value.to_bits());
            }
            FieldValue::Int(value) => self.push_entry_varint(Kind::Int, name, value as u64),
            FieldValue::Bool(value) => self.push_entry_varint(Kind::Bool, name, u64::from(value)),
            FieldValue::String(value) => self.push_entry_text(Kind::String, name, value),
        }
    }

    fn push_entry_varint(&mut self, kind: Kind, name: &str, value: u64) {
        let Some(start) = self.begin_entry(kind, name, 1 + varint::len(value)) else {
            return;
        };
        self.bytes.push(key::ENTRY_VARINT);
        varint::write(value, &mut self.bytes);
        self.push_part(kind, start, name.len(), value);
    }

    fn push_varint(&mut self, kind: Kind, value: u64) {
        if value != 0 && self.fits(0) {
            self.bytes.push(kind.key());
            varint::write(value, &mut self.bytes);
            self.push_part(kind, 0, 0, value);
        }
    }

    /// Appends an entry's head and key; returns where the key's text starts.
    #[inline]
    fn begin_entry(&mut self, kind: Kind, name: &str, value_size: usize) -> Option<usize> {
        if !self.fits(name.len() + value_size) {
            return None;
        }
        let size = 1 + varint::len(name.len() as u64) + name.len() + value_size;
        if size < 0x80 {
            // Both lengths are varints of one byte: written at once, as nearly all are.
            let head = [kind.key(), size as u8, key::ENTRY_KEY, name.len() as u8];
            self.bytes.extend_from_slice(&head);
        } else {
            self.bytes.push(kind.key());
            varint::write(size as u64, &mut self.bytes);
            self.bytes.push(key::ENTRY_KEY);
            varint::write(name.len() as u64, &mut self.bytes);
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(name.as_bytes());
        Some(start)
    }

    #[inline]
    fn push_part(&mut self, kind: Kind, text_start: usize, text_len: usize, value: u64) {
        // `fits` keeps all offsets within 31 bits.
        self.parts.push(Part {
            kind,
            end: self.bytes.len() as u32,
            text_start: text_start as u32,
            text_len: text_len as u32,
            value,
        });
    }

    /// Whether so many more bytes, and a part's head of at most 32, leave the message legal.
    fn fits(&mut self, more: usize) -> bool {
        let fits = more < MAX_BYTES && self.bytes.len() + more + 32 <= MAX_BYTES;
        self.oversize |= !fits;
        fits
    }

    /// Clears out what was marked.
    fn compact(&mut self) {
        let old = std::mem::take(self);
        let mut start = 0;
        for part in &old.parts {
            let end = part.end as usize;
            if part.kind != Kind::Removed {
                let shift = (start - self.bytes.len()) as u32;
                self.bytes.extend_from_slice(&old.bytes[start..end]);
                let holds_text = matches!(part.kind, Kind::Tag | Kind::String);
                self.parts.push(Part {
                    end: part.end - shift,
                    text_start: part.text_start.saturating_sub(shift),
                    value: part.value
                        - if holds_text {
                            u64::from(shift) << 32
                        } else {
                            0
                        },
                    ..*part
                });
            }
            start = end;
        }
        (self.time, self.by_name, self.oversize) = (old.time, old.by_name, old.oversize);
    }
}

/// Indexes a plain string at `at`.
#[inline]
fn text(bytes: &[u8], at: usize, kind: Kind) -> Result<Part, Irregular> {
    let (start, end) = delimited(bytes, at + 1)?;
    if !is_utf8(&bytes[start..end]) {
        return Err(Irregular);
    }
    let (text_start, text_len) = (start as u32, (end - start) as u32);
    Ok(Part {
        kind,
        end: end as u32,
        text_start,
        text_len,
        value: 0,
    })
}

/// Indexes a map's entry at `at`: its key, then its value or nothing, which is the default.
#[inline(always)]
fn entry(bytes: &[u8], at: usize, kind: Kind) -> Result<Part, Irregular> {
    let (start, end) = delimited(bytes, at + 1)?;
    let entry = &bytes[..end];
    if entry.get(start) != Some(&key::ENTRY_KEY) || start >= end {
        return Err(Irregular);
    }
    let (text_start, text_end) = delimited(entry, start + 1)?;
    if !is_utf8(&entry[text_start..text_end]) {
        return Err(Irregular);
    }
    let value = match (kind, &entry[text_end..]) {
        (_, []) => 0,
        (Kind::Float, [key::ENTRY_FIXED64, value @ ..]) => {
            u64::from_le_bytes(value.try_into().map_err(|_| Irregular)?)
        }
        (Kind::Int | Kind::Bool, [key::ENTRY_VARINT, ..]) => {
            let (value, value_end) = varint::read(entry, text_end + 1).ok_or(Irregular)?;
            if value_end != end {
                return Err(Irregular);
            }
            value
        }
        (Kind::Tag | Kind::String, [key::ENTRY_BYTES, ..]) => {
            let (value_start, value_end) = delimited(entry, text_end + 1)?;
            if value_end != end || !is_utf8(&entry[value_start..value_end]) {
                return Err(Irregular);
            }
            span_value(value_start, value_end - value_start)
        }
        _ => return Err(Irregular),
    };
    let text_len = (text_end - text_start) as u32;
    Ok(Part {
        kind,
        end: end as u32,
        text_start: text_start as u32,
        text_len,
        value,
    })
}

/// Start and end of what a length at `at` announces.
#[inline(always)]
fn delimited(bytes: &[u8], at: usize) -> Result<(usize, usize), Irregular> {
    let (len, start) = varint::read(bytes, at).ok_or(Irregular)?;
    if len > (bytes.len() - start) as u64 {
        return Err(Irregular);
    }
    Ok((start, start + len as usize))
}

/// Names and values are mostly short and ASCII: eight bytes at a time, then the rest.
#[inline(always)]
fn is_utf8(bytes: &[u8]) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut high = 0;
    for word in words {
        high |= u64::from_le_bytes(*word);
    }
    let mut last = 0;
    for byte in rest {
        last |= byte;
    }
    (high & HIGH == 0 && last < 0x80) || std::str::from_utf8(bytes).is_ok()
}

/// Text that was validated when it was indexed, or came as a `str`.
fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}
