//! A point's parts without their checks, for what makes points itself and so knows them to hold.

use super::part::{Kind, Part};
use super::{FieldValue, Point};

impl Point {
    /// Sets the tag of a name that no tag has yet.
    #[inline]
    pub(crate) fn push_tag(&mut self, name: &str, value: &str) {
        self.message.push_tag(name, value);
    }

    /// Sets the field of a name that no field has yet.
    #[inline]
    pub(crate) fn push_field(&mut self, name: &str, value: FieldValue<'_>) {
        self.message.push_field(name, value);
    }

    /// Says that the point has been made from a source, whose number is not 0.
    pub(crate) fn set_source(&mut self, id: u64) {
        self.message.set_source(id);
    }

    /// The fields that were added to a point that was made from a source. `None` where something
    /// else was done to it, or where it was made from another one.
    #[inline]
    pub(crate) fn fields_added_to(
        &self,
        source: u64,
    ) -> Option<impl Iterator<Item = (&[u8], FieldValue<'_>)>> {
        let parts = self.message.appended_to(source)?;
        let all_fields = parts.iter().all(|part| part.kind.is_field());
        all_fields.then(|| self.raw_fields_of(parts))
    }

    /// The tags, in their order. A name comes twice only where Kapacitor sent it so.
    pub(crate) fn raw_tags(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let parts = self.message.parts.iter();
        let tags = parts.filter(|part| part.kind == Kind::Tag);
        tags.map(|part| {
            (
                self.message.text_bytes(part),
                self.message.value_bytes(part),
            )
        })
    }

    /// The fields, in their order. A name comes twice only where Kapacitor sent it so.
    pub(crate) fn raw_fields(&self) -> impl Iterator<Item = (&[u8], FieldValue<'_>)> {
        self.raw_fields_of(&self.message.parts)
    }

    fn raw_fields_of<'a>(
        &'a self,
        parts: &'a [Part],
    ) -> impl Iterator<Item = (&'a [u8], FieldValue<'a>)> {
        let fields = parts.iter().filter(|part| part.kind.is_field());
        fields.map(|part| {
            (
                self.message.text_bytes(part),
                self.message.field_value(part),
            )
        })
    }

    pub(crate) fn name_bytes(&self) -> &[u8] {
        self.text_bytes(Kind::Name)
    }
}
