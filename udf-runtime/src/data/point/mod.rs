//! [`Point`]: one measurement, as Kapacitor has it.

mod body;
mod error;
mod index;
mod pool;
mod raw;
#[cfg(test)]
mod tests;
mod value;

use std::fmt;

use udf_proto::prost;

pub use error::PointError;
pub use value::FieldValue;

use body::{Body, Kind, Part};

/// One measurement: a time, a name, tags and fields.
///
/// A point is cheap to move, and what a UDF does not touch is never decoded or encoded again.
/// `set_…` replaces what is there.
///
/// ```
/// use udf_runtime::Point;
///
/// let mut point = Point::new("cpu");
/// point.set_time(1_700_000_000_000_000_000);
/// point.set_tag("host", "a");
/// point.set_field("usage", 12.5);
/// point.set_field("cores", 4);
///
/// assert_eq!(point.float("usage")?, 12.5);
/// assert_eq!(point.number("cores")?, 4.0);
/// assert_eq!(point.tag("host"), Some("a"));
/// assert_eq!(
///     point.float("load").unwrap_err().to_string(),
///     r#"the point has no field "load"; it has "usage", "cores""#,
/// );
/// # Ok::<(), udf_runtime::PointError>(())
/// ```
pub struct Point {
    body: Body,
}

impl Point {
    /// A point of a name (in InfluxDB's words, a measurement) without tags and fields, at the
    /// epoch.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut body = Body::new();
        body.set_text(Kind::Name, name);
        Self { body }
    }

    /// A point like another, without its fields: the same time, name, database, retention
    /// policy, group, dimensions and tags.
    #[must_use]
    pub fn like(other: &Self) -> Self {
        let mut point = other.clone();
        point.clear_fields();
        point
    }

    /// Reads the bytes of a `Point` message.
    pub(crate) fn decode(message: &[u8]) -> Result<Self, prost::DecodeError> {
        Ok(Self {
            body: Body::read(message)?,
        })
    }

    /// Bytes that [`encode`](Self::encode) appends.
    pub(crate) fn encoded_len(&self) -> usize {
        self.body.len()
    }

    /// Appends the bytes of the `Point` message.
    pub(crate) fn encode(&self, to: &mut Vec<u8>) {
        self.body.write(to);
    }

    /// Whether something had to be left out, because no message may have 2 GiB.
    pub(crate) fn is_oversize(&self) -> bool {
        self.body.is_oversize()
    }

    /// Time in nanoseconds since the epoch, UTC.
    #[must_use]
    pub fn time(&self) -> i64 {
        self.body.time()
    }

    /// Sets the time, in nanoseconds since the epoch, UTC.
    pub fn set_time(&mut self, nanoseconds: i64) {
        self.body.set_time(nanoseconds);
    }

    /// Name of the measurement. Empty in a batch, where the batch has it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text(Kind::Name)
    }

    /// Sets the name of the measurement.
    pub fn set_name(&mut self, name: &str) {
        self.body.set_text(Kind::Name, name);
    }

    /// Database that the point was written to. Empty in a batch.
    #[must_use]
    pub fn database(&self) -> &str {
        self.text(Kind::Database)
    }

    /// Sets the database.
    pub fn set_database(&mut self, database: &str) {
        self.body.set_text(Kind::Database, database);
    }

    /// Retention policy that the point was written to. Empty in a batch.
    #[must_use]
    pub fn retention_policy(&self) -> &str {
        self.text(Kind::RetentionPolicy)
    }

    /// Sets the retention policy.
    pub fn set_retention_policy(&mut self, retention_policy: &str) {
        self.body.set_text(Kind::RetentionPolicy, retention_policy);
    }

    /// Group that the point came in, as Kapacitor spells it: `host=a,cpu=0`, or empty.
    ///
    /// Kapacitor makes the group of a point that it gets back anew, from the point's name, tags,
    /// [`dimensions`](Self::dimensions) and [`by_name`](Self::by_name).
    #[must_use]
    pub fn group(&self) -> &str {
        self.text(Kind::Group)
    }

    pub(crate) fn group_bytes(&self) -> &[u8] {
        self.body
            .last(Kind::Group)
            .map_or(&[], |part| self.body.text_bytes(part))
    }

    pub(crate) fn set_group(&mut self, group: &str) {
        self.body.set_text(Kind::Group, group);
    }

    /// Names of the tags that the point is grouped by, in their order, which counts.
    pub fn dimensions(&self) -> impl Iterator<Item = &str> {
        self.parts_of(Kind::Dimension)
            .map(|part| self.body.text(part))
    }

    /// Groups the point by other tags. Without any, it is not grouped.
    pub fn set_dimensions<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        self.body.remove_kind(Kind::Dimension);
        for name in names {
            self.body.push_text(Kind::Dimension, name);
        }
    }

    /// Whether the point is grouped by its name, too.
    #[must_use]
    pub fn by_name(&self) -> bool {
        self.body.by_name()
    }

    /// Groups the point by its name, too, or no longer.
    pub fn set_by_name(&mut self, by_name: bool) {
        self.body.set_by_name(by_name);
    }

    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.body.tag(name).map(|part| self.body.value_text(part))
    }

    /// The value of a tag that has to be there.
    ///
    /// # Errors
    /// [`PointError::MissingTag`], which says which tags are there.
    pub fn required_tag(&self, name: &str) -> Result<&str, PointError> {
        self.tag(name).ok_or_else(|| PointError::MissingTag {
            name: name.into(),
            present: listed(self.tags().map(|(name, _)| name), "no tags"),
        })
    }

    /// The tags: names and values, in no particular order.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.body
            .unique(|kind| kind == Kind::Tag)
            .map(|part| (self.body.text(part), self.body.value_text(part)))
    }

    /// Sets a tag.
    pub fn set_tag(&mut self, name: &str, value: &str) {
        self.body.remove_tag(name);
        self.body.push_entry_text(Kind::Tag, name, value);
    }

    /// Removes a tag; `false` where there is none.
    pub fn remove_tag(&mut self, name: &str) -> bool {
        self.body.remove_tag(name)
    }

    /// The value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<FieldValue<'_>> {
        self.body
            .field(name)
            .map(|part| self.body.field_value(part))
    }

    /// The value of a field that is a number: a float, or an int as a float.
    ///
    /// # Errors
    /// [`PointError::MissingField`] and [`PointError::FieldType`].
    pub fn number(&self, name: &str) -> Result<f64, PointError> {
        self.required(name, "number", FieldValue::number)
    }

    /// The value of a field that is a float.
    ///
    /// # Errors
    /// [`PointError::MissingField`] and [`PointError::FieldType`].
    pub fn float(&self, name: &str) -> Result<f64, PointError> {
        self.required(name, "float", |value| match value {
            FieldValue::Float(value) => Some(value),
            _ => None,
        })
    }

    /// The value of a field that is an int.
    ///
    /// # Errors
    /// [`PointError::MissingField`] and [`PointError::FieldType`].
    pub fn int(&self, name: &str) -> Result<i64, PointError> {
        self.required(name, "int", |value| match value {
            FieldValue::Int(value) => Some(value),
            _ => None,
        })
    }

    /// The value of a field that is a string.
    ///
    /// # Errors
    /// [`PointError::MissingField`] and [`PointError::FieldType`].
    pub fn str(&self, name: &str) -> Result<&str, PointError> {
        self.required(name, "string", |value| match value {
            FieldValue::String(value) => Some(value),
            _ => None,
        })
    }

    /// The value of a field that is a bool.
    ///
    /// # Errors
    /// [`PointError::MissingField`] and [`PointError::FieldType`].
    pub fn bool(&self, name: &str) -> Result<bool, PointError> {
        self.required(name, "bool", |value| match value {
            FieldValue::Bool(value) => Some(value),
            _ => None,
        })
    }

    /// The fields: names and values, in no particular order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, FieldValue<'_>)> {
        self.body
            .unique(Kind::is_field)
            .map(|part| (self.body.text(part), self.body.field_value(part)))
    }

    /// Sets a field, whatever type it had before.
    pub fn set_field<'a>(&mut self, name: &str, value: impl Into<FieldValue<'a>>) {
        self.body.set_field(name, value.into());
    }

    /// Removes a field; `false` where there is none.
    ///
    /// Kapacitor has no null: a field without a value is one that is not there.
    pub fn remove_field(&mut self, name: &str) -> bool {
        self.body.remove_field(name)
    }

    /// Gives a field another name, in place of one that has it already; `false` where there is
    /// none.
    pub fn rename_field(&mut self, from: &str, to: &str) -> bool {
        if from == to {
            return self.body.field(from).is_some();
        }
        self.body.rename_field(from, to)
    }

    /// Removes all fields.
    pub fn clear_fields(&mut self) {
        self.body.remove(|_, part| part.kind.is_field());
    }

    fn required<'a, T>(
        &'a self,
        name: &str,
        expected: &'static str,
        take: impl FnOnce(FieldValue<'a>) -> Option<T>,
    ) -> Result<T, PointError> {
        let found = self.field(name);
        found
            .and_then(take)
            .ok_or_else(|| self.unfit_field(name, expected, found))
    }

    #[cold]
    fn unfit_field(
        &self,
        name: &str,
        expected: &'static str,
        found: Option<FieldValue<'_>>,
    ) -> PointError {
        let name = name.into();
        match found {
            Some(value) => {
                let found = match value {
                    FieldValue::String(text) => format!("the string {:?}", cut(text)),
                    other => format!("the {} {other}", other.type_name()),
                };
                PointError::FieldType {
                    name,
                    expected,
                    found,
                }
            }
            None => {
                let present = listed(self.fields().map(|(name, _)| name), "no fields");
                PointError::MissingField { name, present }
            }
        }
    }

    fn text(&self, kind: Kind) -> &str {
        self.body.last(kind).map_or("", |part| self.body.text(part))
    }

    fn parts_of(&self, kind: Kind) -> impl Iterator<Item = &Part> {
        self.body
            .parts()
            .iter()
            .filter(move |part| part.kind == kind)
    }
}

/// Names in quotes, as many as a line can bear.
fn listed<'a>(names: impl Iterator<Item = &'a str>, none: &str) -> String {
    const SHOWN: usize = 12;
    let names: Vec<_> = names
        .take(SHOWN + 1)
        .map(|name| format!("{:?}", cut(name)))
        .collect();
    match names.len() {
        0 => none.to_owned(),
        count if count > SHOWN => format!("{}, …", names[..SHOWN].join(", ")),
        _ => names.join(", "),
    }
}

/// As much of a text as an error needs.
fn cut(text: &str) -> String {
    format!("{text:.80}")
}

/// Without a name, tags and fields, at the epoch.
impl Default for Point {
    fn default() -> Self {
        Self {
            body: Body::default(),
        }
    }
}

impl Clone for Point {
    fn clone(&self) -> Self {
        let mut body = Body::new();
        body.copy_from(&self.body);
        Self { body }
    }
}

impl Drop for Point {
    fn drop(&mut self) {
        self.body.recycle();
    }
}

/// Points are equal that mean the same, whatever the order of their tags and fields.
impl PartialEq for Point {
    fn eq(&self, other: &Self) -> bool {
        self.time() == other.time()
            && self.by_name() == other.by_name()
            && [
                Kind::Name,
                Kind::Database,
                Kind::RetentionPolicy,
                Kind::Group,
            ]
            .iter()
            .all(|kind| self.text(*kind) == other.text(*kind))
            && self.dimensions().eq(other.dimensions())
            && self.tags().count() == other.tags().count()
            && self
                .tags()
                .all(|(name, value)| other.tag(name) == Some(value))
            && self.fields().count() == other.fields().count()
            && self
                .fields()
                .all(|(name, value)| other.field(name) == Some(value))
    }
}

impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut point = f.debug_struct("Point");
        point
            .field("time", &self.time())
            .field("name", &self.name());
        for (name, value) in self.tags() {
            point.field(name, &value);
        }
        for (name, value) in self.fields() {
            point.field(name, &value);
        }
        point.finish_non_exhaustive()
    }
}
