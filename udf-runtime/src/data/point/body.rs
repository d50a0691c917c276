//! A point as the bytes of its message, with an index of their parts.
//!
//! The bytes are always a valid `Point` message that means what the point means. They come from
//! a frame and are validated and indexed in one pass; a change takes the parts that it replaces
//! out (marks them, for they may lie anywhere) and appends new ones, since protobuf does not
//! mind the order. To send a point is to copy its bytes, less what was marked.

use std::collections::HashMap;

use udf_proto::{self as proto, prost, prost::Message as _};

use super::index::{self, Irregular};
use super::{FieldValue, pool};
use crate::protocol::varint;

/// No message may be larger: protobuf's own limit, and offsets fit into 32 bits with ease.
const MAX_BYTES: usize = i32::MAX as usize;
/// Marked bytes below this are not worth clearing out.
const COMPACT_FROM: usize = 4 * 1024;

/// From so many parts on, a map of names is quicker than looking at each pair.
const MANY_PARTS: usize = 64;

/// What a part of the message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
// As wide as the rest of a part, so that a part is stored without gaps.
#[repr(u32)]
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
pub(super) mod key {
    pub(in crate::data::point) const TIME: u8 = 1 << 3;
    pub(in crate::data::point) const NAME: u8 = 2 << 3 | 2;
    pub(in crate::data::point) const DATABASE: u8 = 3 << 3 | 2;
    pub(in crate::data::point) const RETENTION_POLICY: u8 = 4 << 3 | 2;
    pub(in crate::data::point) const GROUP: u8 = 5 << 3 | 2;
    pub(in crate::data::point) const DIMENSION: u8 = 6 << 3 | 2;
    pub(in crate::data::point) const TAG: u8 = 7 << 3 | 2;
    pub(in crate::data::point) const FLOAT: u8 = 8 << 3 | 2;
    pub(in crate::data::point) const INT: u8 = 9 << 3 | 2;
    pub(in crate::data::point) const STRING: u8 = 10 << 3 | 2;
    pub(in crate::data::point) const BY_NAME: u8 = 11 << 3;
    pub(in crate::data::point) const BOOL: u8 = 12 << 3 | 2;

    /// Inside of a map's entry.
    pub(in crate::data::point) const ENTRY_KEY: u8 = 1 << 3 | 2;
    pub(in crate::data::point) const ENTRY_VARINT: u8 = 2 << 3;
    pub(in crate::data::point) const ENTRY_FIXED64: u8 = 2 << 3 | 1;
    pub(in crate::data::point) const ENTRY_BYTES: u8 = 2 << 3 | 2;
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
/// begins where the one before it ends. An entry's value lies behind its key, up to the end; it
/// is read when it is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) kind: Kind,
    end: u32,
    /// Of an entry, its key; of a plain string, all of it.
    text_start: u32,
    text_len: u32,
}

impl Part {
    /// A part that is a number.
    pub(super) fn number(kind: Kind, end: usize) -> Self {
        Self::text(kind, 0, 0, end)
    }

    /// A part that has a text. No message is so large that an offset would not fit.
    pub(super) fn text(kind: Kind, text_start: usize, text_len: usize, end: usize) -> Self {
        Self {
            kind,
            end: end as u32,
            text_start: text_start as u32,
            text_len: text_len as u32,
        }
    }

    pub(super) fn end(&self) -> usize {
        self.end as usize
    }

    fn text_start(&self) -> usize {
        self.text_start as usize
    }

    fn text_len(&self) -> usize {
        self.text_len as usize
    }

    /// Where an entry's value begins: with the key of its field, or at the part's end.
    fn text_end(&self) -> usize {
        self.text_start() + self.text_len()
    }
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
    #[inline]
    pub(super) fn read(message: &[u8]) -> Result<Self, prost::DecodeError> {
        let mut body = Self::new();
        match body.take_in(message) {
            Ok(()) => Ok(body),
            Err(Irregular) => body.read_irregular(message),
        }
    }

    #[cold]
    fn read_irregular(mut self, message: &[u8]) -> Result<Self, prost::DecodeError> {
        self.clear();
        self.rewrite(&proto::Point::decode(message)?);
        Ok(self)
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

    /// Copies a message, validates it and indexes its parts, in one pass.
    ///
    /// What the host really sends is read here. Whatever else protobuf allows (fields that we do
    /// not know, an entry without its key or with a value twice) and whatever is wrong is left
    /// to prost.
    fn take_in(&mut self, message: &[u8]) -> Result<(), Irregular> {
        if message.len() > MAX_BYTES {
            return Err(Irregular);
        }
        self.bytes.reserve(message.len() + index::PADDING.len());
        self.bytes.extend_from_slice(message);
        self.bytes.extend_from_slice(&index::PADDING);
        let indexed = index::Message::new(&self.bytes).index(&mut self.parts);
        self.bytes.truncate(message.len());
        index::Scalars {
            time: self.time,
            by_name: self.by_name,
        } = indexed?;
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
        &self.bytes[part.text_start()..part.text_end()]
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
        &self.bytes[self.value_start(part)..part.end()]
    }

    /// Where the text of an entry of strings begins: behind its key and length.
    fn value_start(&self, part: &Part) -> usize {
        let at = part.text_end() + 1;
        varint::read(&self.bytes[..part.end()], at).map_or(part.end(), |(_, start)| start)
    }

    /// The number of an entry, as a float's bits or as a varint has it; 0 where there is none.
    fn value_number(&self, part: &Part) -> u64 {
        match &self.bytes[part.text_end()..part.end()] {
            [key::ENTRY_FIXED64, value @ ..] => value.try_into().map_or(0, u64::from_le_bytes),
            [_, value @ ..] => varint::read(value, 0).map_or(0, |(value, _)| value),
            [] => 0,
        }
    }

    pub(super) fn field_value(&self, part: &Part) -> FieldValue<'_> {
        match part.kind {
            Kind::Float => FieldValue::Float(f64::from_bits(self.value_number(part))),
            Kind::Int => FieldValue::Int(self.value_number(part) as i64),
            Kind::Bool => FieldValue::Bool(self.value_number(part) != 0),
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
        part.text_len() == name.len() && self.text_bytes(part) == name.as_bytes()
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
            let end = part.end();
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
                self.removed += part.end() - start;
                self.source = Source::default();
                found = true;
            }
            start = part.end();
        }
        if found {
            self.cut_removed_end();
        }
        if self.removed > COMPACT_FROM && self.removed > self.bytes.len() / 2 {
            self.compact();
        }
        found
    }

    /// Forgets what was taken out at the end, where all fields mostly lie.
    fn cut_removed_end(&mut self) {
        let before = self.bytes.len();
        while self
            .parts
            .pop_if(|part| part.kind == Kind::Removed)
            .is_some()
        {}
        self.bytes.truncate(self.parts.last().map_or(0, Part::end));
        self.removed -= before - self.bytes.len();
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
        let of_name = |part: &&Part| part.kind.is_field() && self.is(part, name);
        let mut found = self.parts.iter().filter(of_name);
        match (found.next().copied(), found.next()) {
            (None, _) => {}
            (Some(only), None) => {
                if self.replace_float(&only, value) {
                    return;
                }
                self.remove_field(name);
            }
            _ => drop(self.remove_field(name)),
        }
        self.push_field(name, value);
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
            Kind::String => {
                let value = self.value_start(&part)..part.end();
                self.push_entry_bytes(Kind::String, to, value.len(), |bytes| {
                    bytes.extend_from_within(value);
                });
            }
            Kind::Float => {
                self.push_field(
                    to,
                    FieldValue::Float(f64::from_bits(self.value_number(&part))),
                );
            }
            kind => self.push_entry_varint(kind, to, self.value_number(&part)),
        }
        self.remove_field(from);
        true
    }

    /// Writes a float over another, which has its eight bytes already.
    fn replace_float(&mut self, part: &Part, value: FieldValue<'_>) -> bool {
        let (Kind::Float, FieldValue::Float(value)) = (part.kind, value) else {
            return false;
        };
        // An entry without a value has no room for one.
        let [_, old @ ..] = &mut self.bytes[part.text_end()..part.end()] else {
            return false;
        };
        old.copy_from_slice(&value.to_le_bytes());
        self.source = Source::default();
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
        self.push_part(kind, start, text.len());
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
        value(&mut self.bytes);
        self.push_part(kind, start, name.len());
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
                self.push_part(Kind::Float, start, name.len());
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
        self.push_part(kind, start, name.len());
    }

    fn push_varint(&mut self, kind: Kind, value: u64) {
        if value != 0 && self.fits(0) {
            self.bytes.push(kind.key());
            varint::write(value, &mut self.bytes);
            self.push_part(kind, 0, 0);
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
    fn push_part(&mut self, kind: Kind, text_start: usize, text_len: usize) {
        // `fits` keeps all offsets within 31 bits.
        let end = self.bytes.len();
        self.parts.push(Part::text(kind, text_start, text_len, end));
    }

    /// Whether so many more bytes, and a part's head of at most 32, leave the message legal.
    fn fits(&mut self, more: usize) -> bool {
        let fits = more < MAX_BYTES && self.bytes.len() + more + 32 <= MAX_BYTES;
        self.oversize |= !fits;
        fits
    }

    /// Clears out what was marked.
    fn compact(&mut self) {
        let mut old = std::mem::replace(self, Self::new());
        let mut start = 0;
        for part in &old.parts {
            let end = part.end();
            if part.kind != Kind::Removed {
                let shift = (start - self.bytes.len()) as u32;
                self.bytes.extend_from_slice(&old.bytes[start..end]);
                self.parts.push(Part {
                    end: part.end - shift,
                    text_start: part.text_start.saturating_sub(shift),
                    ..*part
                });
            }
            start = end;
        }
        (self.time, self.by_name, self.oversize) = (old.time, old.by_name, old.oversize);
        old.recycle();
    }
}

/// Text that was validated when it was indexed, or came as a `str`.
fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}
