//! Changes of a message: marks replaced parts as removed, and appends new ones.

use super::FieldValue;
use super::message::{MAX_BYTES, Message};
use super::part::{Kind, Map, Part, Places, key};
use super::pool::Pooled;
use crate::protocol::varint;

/// Fewer removed bytes than this are not worth a copy of the message.
const COMPACT_FROM: usize = 4 * 1024;

impl Message {
    // ---- setting ----

    pub(super) fn set_time(&mut self, time: i64) {
        self.remove_single(Kind::Time);
        self.time = time;
        self.push_varint(Kind::Time, time as u64);
    }

    pub(super) fn set_by_name(&mut self, by_name: bool) {
        self.remove_single(Kind::ByName);
        self.by_name = by_name;
        self.push_varint(Kind::ByName, u64::from(by_name));
    }

    /// Sets a plain string.
    pub(super) fn set_text(&mut self, kind: Kind, text: &str) {
        self.remove_single(kind);
        // An empty string is the same as a missing one.
        if !text.is_empty() {
            self.push_text(kind, text);
        }
    }

    pub(super) fn set_dimensions<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        for index in self.places.take_dimensions() {
            self.mark(index);
        }
        self.tidy();
        for name in names {
            self.push_text(Kind::Dimension, name);
        }
    }

    pub(super) fn set_tag(&mut self, name: &str, value: &str) {
        self.remove_entry(Map::Tags, name);
        self.push_tag(name, value);
    }

    pub(super) fn set_field(&mut self, name: &str, value: FieldValue<'_>) {
        if let Some(index) = self.only_entry(Map::Fields, name) {
            let replaced = self.replace_float(index, value);
            if !replaced {
                self.mark(index);
            }
            self.tidy();
            if replaced {
                return;
            }
        }
        self.push_field(name, value);
    }

    /// Overwrites a float in place, because all floats have the same size.
    fn replace_float(&mut self, index: usize, value: FieldValue<'_>) -> bool {
        let part = self.parts[index];
        let (Kind::Float, FieldValue::Float(value)) = (part.kind, value) else {
            return false;
        };
        // An entry without a value has no room for one.
        let [_, old @ ..] = &mut self.bytes[part.text_end()..part.end()] else {
            return false;
        };
        old.copy_from_slice(&value.to_le_bytes());
        self.source = 0;
        true
    }

    pub(super) fn rename_field(&mut self, from: &str, to: &str) -> bool {
        if self.find(Map::Fields, from).is_none() {
            return false;
        }
        self.remove_entry(Map::Fields, to);
        // Removing `to` may have moved the other parts.
        let Some(&part) = self.find(Map::Fields, from) else {
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
                let value = f64::from_bits(self.value_number(&part));
                self.push_field(to, FieldValue::Float(value));
            }
            kind => self.push_entry_varint(kind, to, self.value_number(&part)),
        }
        self.remove_entry(Map::Fields, from);
        true
    }

    // ---- removing ----

    /// Removes the entries of a name. Returns whether there was one.
    pub(super) fn remove_entry(&mut self, map: Map, name: &str) -> bool {
        let Some(index) = self.only_entry(map, name) else {
            return false;
        };
        self.mark(index);
        self.tidy();
        true
    }

    pub(super) fn clear_fields(&mut self) {
        // Usually, all fields are at the end.
        let is_other = |part: &Part| !part.kind.is_field() && part.kind != Kind::Removed;
        let others = self
            .parts
            .iter()
            .rposition(is_other)
            .map_or(0, |last| last + 1);
        self.cut(others);
        for index in 0..others {
            if self.parts[index].kind.is_field() {
                self.mark(index);
            }
        }
        self.omitted.fields = false;
        self.tidy();
    }

    fn remove_single(&mut self, kind: Kind) {
        if let Some(index) = self.places.take(kind) {
            self.mark(index);
            self.tidy();
        }
    }

    /// Removes all entries of a name except one. Returns its index.
    fn only_entry(&mut self, map: Map, name: &str) -> Option<usize> {
        if self.names().is_some_and(|names| names.repeated) {
            self.mark_repeated();
        }
        if let Some(names) = self.names() {
            return self.slot(names, map, name.as_bytes()).index;
        }
        let mut only = None;
        for index in 0..self.parts.len() {
            if self.has_name(&self.parts[index], map, name.as_bytes())
                && let Some(other) = only.replace(index)
            {
                self.mark(other);
            }
        }
        only
    }

    /// Removes all entries that are not in effect, so that no name occurs twice.
    #[inline(never)]
    fn mark_repeated(&mut self) {
        let Some(mut names) = self.names.take() else {
            return;
        };
        for index in 0..self.parts.len() {
            let part = &self.parts[index];
            if let Some(map) = Map::of(part.kind)
                && self.slot(&names, map, self.text_bytes(part)).index != Some(index)
            {
                self.mark(index);
            }
        }
        names.repeated = false;
        self.names = names.into();
    }

    /// Marks a part as removed.
    fn mark(&mut self, index: usize) {
        let start = match index.checked_sub(1) {
            Some(before) => self.parts[before].end(),
            None => 0,
        };
        let part = &mut self.parts[index];
        part.kind = Kind::Removed;
        self.removed += (part.end() - start) as u32;
        self.source = 0;
    }

    /// Frees the bytes of removed parts if they are at the end, or many.
    #[inline]
    fn tidy(&mut self) {
        if self
            .parts
            .last()
            .is_some_and(|part| part.kind == Kind::Removed)
        {
            let is_left = |part: &Part| part.kind != Kind::Removed;
            self.cut(
                self.parts
                    .iter()
                    .rposition(is_left)
                    .map_or(0, |last| last + 1),
            );
        }
        let removed = self.removed as usize;
        if removed > COMPACT_FROM && removed > self.bytes.len() / 2 {
            self.compact();
        }
    }

    /// Cuts off the parts from an index on. All of them must be entries or removed.
    fn cut(&mut self, from: usize) {
        if from == self.parts.len() {
            return;
        }
        let end = from.checked_sub(1).map_or(0, |last| self.parts[last].end());
        if self.removed > 0 {
            let mut start = end;
            for part in &self.parts[from..] {
                if part.kind == Kind::Removed {
                    self.removed -= (part.end() - start) as u32;
                }
                start = part.end();
            }
        }
        self.parts.truncate(from);
        self.bytes.truncate(end);
        self.source = 0;
    }

    fn compact(&mut self) {
        let mut old = Pooled::empty();
        std::mem::swap(&mut self.bytes, &mut old.bytes);
        std::mem::swap(&mut self.parts, &mut old.parts);
        // All indexes change, so the table of names goes back to the pool as well.
        std::mem::swap(&mut self.names, &mut old.names);
        self.places = Places::NONE;
        self.removed = 0;
        let mut start = 0;
        for part in &old.parts {
            if part.kind != Kind::Removed {
                let moved = part.moved_forward(start - self.bytes.len());
                self.bytes.extend_from_slice(&old.bytes[start..part.end()]);
                self.parts.push(moved);
                self.place_last();
            }
            start = part.end();
        }
    }

    // ---- appending ----

    /// Appends a plain string.
    fn push_text(&mut self, kind: Kind, text: &str) {
        if !self.fits(kind, text.len()) {
            return;
        }
        self.bytes.push(kind.key());
        varint::write(text.len() as u64, &mut self.bytes);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text.as_bytes());
        self.push_part(kind, start, text.len());
        self.place_last();
    }

    fn push_varint(&mut self, kind: Kind, value: u64) {
        if value != 0 && self.fits(kind, 0) {
            self.bytes.push(kind.key());
            varint::write(value, &mut self.bytes);
            self.push_part(kind, 0, 0);
            self.place_last();
        }
    }

    /// Appends a tag, without a check for another tag of that name.
    pub(super) fn push_tag(&mut self, name: &str, value: &str) {
        self.push_entry_text(Kind::Tag, name, value);
    }

    /// Appends a field, without a check for another field of that name.
    #[inline]
    pub(super) fn push_field(&mut self, name: &str, value: FieldValue<'_>) {
        match value {
            FieldValue::Float(value) => {
                let mut tail = [key::ENTRY_FIXED64; 9];
                tail[1..].copy_from_slice(&value.to_le_bytes());
                self.push_entry(Kind::Float, name, tail.len(), |bytes| {
                    bytes.extend_from_slice(&tail);
                });
            }
            FieldValue::Int(value) => self.push_entry_varint(Kind::Int, name, value as u64),
            FieldValue::Bool(value) => self.push_entry_varint(Kind::Bool, name, u64::from(value)),
            FieldValue::String(value) => self.push_entry_text(Kind::String, name, value),
        }
    }

    #[inline]
    fn push_entry_text(&mut self, kind: Kind, name: &str, value: &str) {
        self.push_entry_bytes(kind, name, value.len(), |bytes| {
            bytes.extend_from_slice(value.as_bytes());
        });
    }

    /// Appends an entry whose value has `len` bytes, which `value` appends.
    #[inline]
    fn push_entry_bytes(
        &mut self,
        kind: Kind,
        name: &str,
        len: usize,
        value: impl FnOnce(&mut Vec<u8>),
    ) {
        let size = 1 + varint::len(len as u64) + len;
        self.push_entry(kind, name, size, |bytes| {
            if len < 0x80 {
                bytes.extend_from_slice(&[key::ENTRY_BYTES, len as u8]);
            } else {
                bytes.push(key::ENTRY_BYTES);
                varint::write(len as u64, bytes);
            }
            value(bytes);
        });
    }

    fn push_entry_varint(&mut self, kind: Kind, name: &str, value: u64) {
        self.push_entry(kind, name, 1 + varint::len(value), |bytes| {
            bytes.push(key::ENTRY_VARINT);
            varint::write(value, bytes);
        });
    }

    /// Appends an entry whose value takes `size` bytes with its key. `value` appends them.
    #[inline]
    fn push_entry(
        &mut self,
        kind: Kind,
        name: &str,
        size: usize,
        value: impl FnOnce(&mut Vec<u8>),
    ) {
        if !self.fits(kind, name.len() + size) {
            return;
        }
        // Nearly all names are so short that both lengths take one byte.
        let short = 2 + name.len() + size;
        if short < 0x80 {
            self.bytes.reserve(2 + short);
            let head = [kind.key(), short as u8, key::ENTRY_KEY, name.len() as u8];
            self.bytes.extend_from_slice(&head);
        } else {
            self.push_long_head(kind, name.len(), size);
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(name.as_bytes());
        value(&mut self.bytes);
        self.push_part(kind, start, name.len());
        self.name_last();
    }

    /// Appends what is before the name of an entry with a value of `size` bytes.
    #[cold]
    fn push_long_head(&mut self, kind: Kind, name_len: usize, size: usize) {
        let name_size = 1 + varint::len(name_len as u64) + name_len;
        self.bytes.push(kind.key());
        varint::write((name_size + size) as u64, &mut self.bytes);
        self.bytes.push(key::ENTRY_KEY);
        varint::write(name_len as u64, &mut self.bytes);
    }

    #[inline]
    fn push_part(&mut self, kind: Kind, text_start: usize, text_len: usize) {
        // `fits` keeps all offsets within 31 bits.
        let end = self.bytes.len();
        self.parts.push(Part::text(kind, text_start, text_len, end));
    }

    /// Records the index of the last part, unless it is an entry.
    fn place_last(&mut self) {
        if let Some(last) = self.parts.len().checked_sub(1)
            && let kind = self.parts[last].kind
            && Map::of(kind).is_none()
        {
            self.places.note(kind, last);
        }
    }

    /// Whether `more` bytes, and a part's head of at most 32, leave the message within the limit.
    #[inline]
    fn fits(&mut self, kind: Kind, more: usize) -> bool {
        let fits = self.bytes.len().saturating_add(more) <= MAX_BYTES - 32;
        if !fits {
            self.omit(kind);
        }
        fits
    }

    #[cold]
    fn omit(&mut self, kind: Kind) {
        match kind.is_field() {
            true => self.omitted.fields = true,
            false => self.omitted.others = true,
        }
    }
}
