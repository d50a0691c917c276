//! A point's parts without their checks, for what makes points itself and so knows them to hold.

use super::{FieldValue, Point, body::Kind};

impl Point {
    /// Sets the tag of a name that no tag has yet.
    #[inline]
    pub(crate) fn push_tag(&mut self, name: &str, value: &str) {
        self.body.push_entry_text(Kind::Tag, name, value);
    }

    /// Sets the field of a name that no field has yet.
    #[inline]
    pub(crate) fn push_field(&mut self, name: &str, value: FieldValue<'_>) {
        self.body.push_field(name, value);
    }

    /// The tags, in their order. A name comes twice only where Kapacitor sent it so.
    pub(crate) fn raw_tags(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.parts_of(Kind::Tag)
            .map(|part| (self.body.text_bytes(part), self.body.value_bytes(part)))
    }

    /// The fields, in their order. A name comes twice only where Kapacitor sent it so.
    pub(crate) fn raw_fields(&self) -> impl Iterator<Item = (&[u8], FieldValue<'_>)> {
        let fields = self.body.parts().iter().filter(|part| part.kind.is_field());
        fields.map(|part| (self.body.text_bytes(part), self.body.field_value(part)))
    }

    pub(crate) fn name_bytes(&self) -> &[u8] {
        self.body
            .last(Kind::Name)
            .map_or(&[], |part| self.body.text_bytes(part))
    }
}
