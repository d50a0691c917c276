//! A point as the bytes of its message, with an index of their parts.
//!
//! The bytes are always a valid `Point` message. They come from a frame and are validated and indexed in one
//! pass. A change marks the parts that it replaces as removed and appends new ones, because protobuf allows
//! any order of parts; see `change.rs`. Sending a point copies its bytes without the removed parts.
//!
//! A search for a name compares the parts one by one, which is fastest for a few parts. After several
//! searches, a point with many parts builds a table of its names. So work on all tags or fields of a point
//! takes linear time.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use udf_proto::{self as proto, prost, prost::Message as _};

use super::FieldValue;
use super::names::{Names, Slot, hash};
use super::parse::{self, Head, Irregular};
use super::part::{Kind, Map, Part, Places, key};
use super::pool;
use crate::protocol::varint;

/// The largest message that protobuf allows. Offsets fit into 32 bits.
pub(super) const MAX_BYTES: usize = i32::MAX as usize;

/// Points with at most this many parts have no table of names.
const FEW_PARTS: usize = 24;
/// Searches after which a table costs less than further searches.
const FEW_SEARCHES: u8 = 8;

#[derive(Debug)]
pub(super) struct Message {
    pub(super) bytes: Vec<u8>,
    pub(super) parts: Vec<Part>,
    pub(super) places: Places,
    pub(super) time: i64,
    pub(super) by_name: bool,
    /// Bytes of the removed parts.
    pub(super) removed: u32,
    /// The number of the line that the point was made from. 0 if there is none, or after a part was changed or
    /// removed.
    pub(super) source: u64,
    /// The number of parts that came from that line. The others were appended later.
    source_parts: u32,
    /// The table of names. In a box, because few points have one.
    pub(super) names: OnceLock<Box<Names>>,
    pub(super) omitted: Omitted,
    /// Searches so far, up to [`FEW_SEARCHES`].
    searches: AtomicU8,
}

/// What was left out because the message would have been too large.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Omitted {
    pub(super) fields: bool,
    pub(super) others: bool,
}

impl Omitted {
    pub(super) const NOTHING: Self = Self {
        fields: false,
        others: false,
    };
}

impl Default for Message {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Message {
    #[expect(
        clippy::declare_interior_mutable_const,
        reason = "each use is a new value"
    )]
    pub(super) const EMPTY: Self = Self {
        bytes: Vec::new(),
        parts: Vec::new(),
        places: Places::NONE,
        time: 0,
        by_name: false,
        removed: 0,
        source: 0,
        source_parts: 0,
        names: OnceLock::new(),
        omitted: Omitted::NOTHING,
        searches: AtomicU8::new(0),
    };

    /// Resets everything but the parts, which the next message overwrites.
    #[inline]
    pub(super) fn reset(&mut self) {
        self.bytes.clear();
        self.places = Places::NONE;
        (self.time, self.by_name) = (0, false);
        self.removed = 0;
        (self.source, self.source_parts) = (0, 0);
        self.names.take();
        self.omitted = Omitted::NOTHING;
        self.searches = AtomicU8::new(0);
    }

    /// Reads a message: everything that prost accepts, with the same meaning. This one must be empty, except for
    /// the parts.
    ///
    /// # Errors
    /// Those of prost.
    #[inline]
    pub(super) fn decode(&mut self, bytes: &[u8]) -> Result<(), prost::DecodeError> {
        match self.parse(bytes) {
            Ok(()) => Ok(()),
            Err(Irregular) => self.decode_irregular(bytes),
        }
    }

    /// Copies a message, validates it and indexes its parts.
    ///
    /// Reads what Kapacitor sends. Prost handles the rest: invalid messages, and what protobuf allows as well, such
    /// as unknown fields, or an entry without its key or with two values.
    #[inline]
    fn parse(&mut self, bytes: &[u8]) -> Result<(), Irregular> {
        if bytes.len() > MAX_BYTES {
            return Err(Irregular);
        }
        self.bytes.reserve(bytes.len() + parse::PADDING.len());
        self.bytes.extend_from_slice(bytes);
        self.bytes.extend_from_slice(&parse::PADDING);
        let head = Head {
            time: &mut self.time,
            by_name: &mut self.by_name,
            places: &mut self.places,
        };
        let parsed = parse::parse(&self.bytes, &mut self.parts, head);
        self.bytes.truncate(bytes.len());
        parsed
    }

    #[cold]
    fn decode_irregular(&mut self, bytes: &[u8]) -> Result<(), prost::DecodeError> {
        self.reset();
        self.parts.clear();
        self.write_all_of(&proto::Point::decode(bytes)?);
        Ok(())
    }

    /// Fills an empty message from one that prost has decoded.
    #[cold]
    fn write_all_of(&mut self, point: &proto::Point) {
        self.set_time(point.time);
        for (kind, text) in [
            (Kind::Name, &point.name),
            (Kind::Database, &point.database),
            (Kind::RetentionPolicy, &point.retention_policy),
            (Kind::Group, &point.group),
        ] {
            self.set_text(kind, text);
        }
        self.set_dimensions(point.dimensions.iter().map(String::as_str));
        self.set_by_name(point.by_name);
        for (name, value) in &point.tags {
            self.push_tag(name, value);
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

    /// Bytes of the message as [`encode`](Self::encode) writes it.
    pub(super) fn encoded_len(&self) -> usize {
        self.bytes.len() - self.removed as usize
    }

    /// Appends the message.
    pub(super) fn encode(&self, to: &mut Vec<u8>) {
        if self.removed == 0 {
            to.extend_from_slice(&self.bytes);
        } else {
            self.encode_rest(to);
        }
    }

    /// Appends the message without the removed parts.
    fn encode_rest(&self, to: &mut Vec<u8>) {
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

    pub(super) fn copy_from(&mut self, other: &Self) {
        self.bytes.extend_from_slice(&other.bytes);
        self.parts.extend_from_slice(&other.parts);
        self.places = other.places;
        self.time = other.time;
        self.by_name = other.by_name;
        self.omitted = other.omitted;
        self.removed = other.removed;
        self.source = other.source;
        self.source_parts = other.source_parts;
    }

    // ---- parts ----

    #[inline]
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

    /// The offset of the text of an entry of strings, after its key and length.
    pub(super) fn value_start(&self, part: &Part) -> usize {
        let at = part.text_end() + 1;
        varint::read(&self.bytes[..part.end()], at).map_or(part.end(), |(_, start)| start)
    }

    /// The number in an entry: a float's bits or a varint. 0 if the entry has no value.
    pub(super) fn value_number(&self, part: &Part) -> u64 {
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

    /// The part of a kind that occurs at most once.
    #[inline]
    pub(super) fn single(&self, kind: Kind) -> Option<&Part> {
        self.parts.get(self.places.get(kind)?)
    }

    pub(super) fn dimensions(&self) -> &[Part] {
        &self.parts[self.places.dimensions()]
    }

    /// The parts appended since [`set_source`](Self::set_source), if the source is the same and no other part has
    /// changed.
    pub(super) fn appended_to(&self, source: u64) -> Option<&[Part]> {
        (self.source == source && source != 0).then(|| &self.parts[self.source_parts as usize..])
    }

    /// Sets the source of all parts so far.
    pub(super) fn set_source(&mut self, id: u64) {
        self.source = id;
        self.source_parts = self.parts.len() as u32;
    }

    // ---- names ----

    /// The entry of a name that is in effect. If a field has several types, it is the one that Kapacitor uses. Of
    /// several entries of one type, it is the last.
    #[inline]
    pub(super) fn find(&self, map: Map, name: &str) -> Option<&Part> {
        let index = match self.names() {
            Some(names) => self.slot(names, map, name.as_bytes()).index,
            None => self.search(map, name.as_bytes()),
        };
        self.parts.get(index?)
    }

    /// Searches without a table.
    fn search(&self, map: Map, name: &[u8]) -> Option<usize> {
        let mut found = None;
        let mut of_kind = Kind::Removed;
        for (index, part) in self.parts.iter().enumerate().rev() {
            if self.has_name(part, map, name) && (found.is_none() || of_kind < part.kind) {
                (found, of_kind) = (Some(index), part.kind);
            }
        }
        found
    }

    #[inline]
    pub(super) fn has_name(&self, part: &Part, map: Map, name: &[u8]) -> bool {
        #[cfg(test)]
        super::tests::count_look();
        part.text_len() == name.len() && map.has(part.kind) && self.text_bytes(part) == name
    }

    /// The entries of a map that are in effect: one for each name.
    pub(super) fn entries(&self, map: Map) -> impl Iterator<Item = &Part> {
        let names = (self.parts.len() > FEW_PARTS).then(|| self.make_names());
        let entries = self.parts.iter().enumerate();
        entries.filter_map(move |(index, part)| {
            let counts = map.has(part.kind)
                && match names {
                    Some(names) if !names.repeated => true,
                    Some(names) => {
                        self.slot(names, map, self.text_bytes(part)).index == Some(index)
                    }
                    None => self.counts(index, part, map),
                };
            counts.then_some(part)
        })
    }

    /// Whether the part is in effect, and no other part of its name.
    fn counts(&self, index: usize, part: &Part, map: Map) -> bool {
        let name = self.text_bytes(part);
        !self.parts.iter().enumerate().any(|(other_index, other)| {
            (other.kind > part.kind || (other.kind == part.kind && other_index > index))
                && self.has_name(other, map, name)
        })
    }

    /// The table of names, if it exists or is worth building.
    #[inline]
    pub(super) fn names(&self) -> Option<&Names> {
        if self.parts.len() <= FEW_PARTS {
            return None;
        }
        // The count may miss searches of other threads. Then the table is built a little later.
        let searches = self.searches.load(Relaxed);
        if searches < FEW_SEARCHES {
            self.searches.store(searches + 1, Relaxed);
            return None;
        }
        Some(self.make_names())
    }

    /// Returns the table of names, and builds it first if necessary.
    fn make_names(&self) -> &Names {
        self.names.get_or_init(|| {
            let mut names = pool::take_names();
            self.fill(&mut names);
            names
        })
    }

    /// Builds a table of the names of all entries.
    #[inline(never)]
    fn fill(&self, names: &mut Names) {
        names.clear(self.parts.len());
        for index in 0..self.parts.len() {
            self.add_name(names, index);
        }
    }

    /// Adds the name of a part to a table that is not full. If the table has the name, it keeps the part that is in
    /// effect.
    fn add_name(&self, names: &mut Names, index: usize) {
        let part = &self.parts[index];
        let Some(map) = Map::of(part.kind) else {
            return;
        };
        let slot = self.slot(names, map, self.text_bytes(part));
        let other = slot.index.filter(|other| *other != index);
        names.repeated |= other.is_some();
        if other.is_none_or(|other| self.parts[other].kind <= part.kind) {
            names.put(slot, index);
        }
    }

    /// The slot of a name in the table.
    #[inline]
    pub(super) fn slot(&self, names: &Names, map: Map, name: &[u8]) -> Slot {
        names.find(hash(name, map as u64), |index| {
            let part = self.parts.get(index);
            part.is_some_and(|part| self.has_name(part, map, name))
        })
    }

    /// Adds the last part to the table of names, if there is one.
    #[inline]
    pub(super) fn name_last(&mut self) {
        if self.names.get().is_some() {
            self.name_last_in_table();
        }
    }

    #[inline(never)]
    fn name_last_in_table(&mut self) {
        let Some(mut names) = self.names.take() else {
            return;
        };
        if names.is_full() {
            self.fill(&mut names);
        } else if let Some(last) = self.parts.len().checked_sub(1) {
            self.add_name(&mut names, last);
        }
        self.names = OnceLock::from(names);
    }
}

/// Text that was validated when the message was parsed, or that was a `str`.
fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}
