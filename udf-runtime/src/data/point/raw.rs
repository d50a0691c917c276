//! Access to a point's parts without checks, for code that builds points and guarantees what the checks test.

use super::part::{Kind, Part};
use super::{FieldValue, Point};

impl Point {
    /// Adds a tag. No tag may have its name.
    #[inline]
    pub(crate) fn push_tag(&mut self, name: &str, value: &str) {
        self.message.push_tag(name, value);
    }

    /// Adds a field. No field may have its name.
    #[inline]
    pub(crate) fn push_field(&mut self, name: &str, value: FieldValue<'_>) {
        self.message.push_field(name, value);
    }

    /// Records that the point was made from a source. The number must not be 0.
    pub(crate) fn set_source(&mut self, id: u64) {
        self.message.set_source(id);
    }

    /// The fields added to a point since it was made from a source. `None` if the point was changed in another way
    /// or made from another source.
    #[inline]
    pub(crate) fn fields_added_to(
        &self,
        source: u64,
    ) -> Option<impl Iterator<Item = (&[u8], FieldValue<'_>)>> {
        let parts = self.message.appended_to(source)?;
        let all_fields = parts.iter().all(|part| part.kind.is_field());
        all_fields.then(|| self.raw_fields_of(parts))
    }

    /// The tags, in their order. A name occurs twice only if Kapacitor sent it twice.
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

    /// The fields, in their order. A name occurs twice only if Kapacitor sent it twice.
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
