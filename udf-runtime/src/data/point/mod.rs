//! [`Point`]: one measurement, as Kapacitor has it.

mod change;
mod error;
mod message;
mod names;
mod parse;
mod part;
mod pool;
mod raw;
#[cfg(test)]
mod tests;
mod value;

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use udf_proto::prost;

use super::group::spell_group;
use crate::process::clock;

pub use error::PointError;
pub use value::{AsFieldValue, FieldValue};

use message::Omitted;
use part::{Kind, Map};
use pool::Pooled;

/// One measurement: a time, a name, tags and fields.
///
/// A point is cheap to move. The parts that a UDF does not touch are never decoded or encoded again. The
/// `set_…` methods replace existing values.
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
    message: Pooled,
}

impl Point {
    /// Creates a point at the epoch, without tags and fields. The name is what InfluxDB calls a measurement.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut message = Pooled::empty();
        message.set_text(Kind::Name, name);
        Self { message }
    }

    /// Creates a point at the current time, without tags and fields.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use udf_runtime::Point;
    ///
    /// let before = SystemTime::now();
    /// let point = Point::now("heartbeat");
    /// assert!(point.system_time() >= before);
    /// ```
    #[must_use]
    pub fn now(name: &str) -> Self {
        let mut point = Self::new(name);
        point.set_time(clock::now());
        point
    }

    /// Copies a point without its fields: its time, name, database, retention policy, group, dimensions and
    /// tags.
    #[must_use]
    pub fn like(other: &Self) -> Self {
        let mut point = other.clone();
        point.clear_fields();
        point
    }

    /// Reads the bytes of a `Point` message.
    pub(crate) fn decode(message: &[u8]) -> Result<Self, prost::DecodeError> {
        let mut point = Self {
            message: Pooled::with_other_parts(),
        };
        point.message.decode(message)?;
        Ok(point)
    }

    /// Bytes that [`encode`](Self::encode) appends.
    pub(crate) fn encoded_len(&self) -> usize {
        self.message.encoded_len()
    }

    /// Appends the bytes of the `Point` message.
    pub(crate) fn encode(&self, to: &mut Vec<u8>) {
        self.message.encode(to);
    }

    /// Whether something had to be left out, because no message may have 2 GiB.
    pub(crate) fn is_oversize(&self) -> bool {
        self.message.omitted != Omitted::NOTHING
    }

    /// Time in nanoseconds since the epoch, UTC.
    #[must_use]
    pub fn time(&self) -> i64 {
        self.message.time
    }

    /// Sets the time, in nanoseconds since the epoch, UTC.
    pub fn set_time(&mut self, nanoseconds: i64) {
        self.message.set_time(nanoseconds);
    }

    /// Time as a `SystemTime`.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use udf_runtime::Point;
    ///
    /// let mut point = Point::new("cpu");
    /// point.set_system_time(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    /// assert_eq!(point.time(), 1_700_000_000_000_000_000);
    /// assert_eq!(point.system_time().elapsed().is_ok(), true);
    /// ```
    #[must_use]
    pub fn system_time(&self) -> SystemTime {
        let distance = Duration::from_nanos(self.time().unsigned_abs());
        if self.time() < 0 {
            UNIX_EPOCH - distance
        } else {
            UNIX_EPOCH + distance
        }
    }

    /// Sets the time. A time before 1677 or after 2262 does not fit into 64 bits of nanoseconds and becomes the
    /// nearest time that does.
    pub fn set_system_time(&mut self, time: SystemTime) {
        let nanoseconds = match time.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
            Err(error) => {
                let before = i128::try_from(error.duration().as_nanos()).unwrap_or(i128::MAX);
                i64::try_from(-before).unwrap_or(i64::MIN)
            }
        };
        self.set_time(nanoseconds);
    }

    /// Name of the measurement. Empty in a batch, where the batch has it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text(Kind::Name)
    }

    /// Sets the name of the measurement.
    pub fn set_name(&mut self, name: &str) {
        self.message.set_text(Kind::Name, name);
        if self.by_name() {
            self.regroup();
        }
    }

    /// Database that the point was written to. Empty in a batch.
    #[must_use]
    pub fn database(&self) -> &str {
        self.text(Kind::Database)
    }

    /// Sets the database.
    pub fn set_database(&mut self, database: &str) {
        self.message.set_text(Kind::Database, database);
    }

    /// Retention policy that the point was written to. Empty in a batch.
    #[must_use]
    pub fn retention_policy(&self) -> &str {
        self.text(Kind::RetentionPolicy)
    }

    /// Sets the retention policy.
    pub fn set_retention_policy(&mut self, retention_policy: &str) {
        self.message
            .set_text(Kind::RetentionPolicy, retention_policy);
    }

    /// Group of the point, as Kapacitor spells it: `host=a,cpu=0`, or empty.
    ///
    /// It consists of the values of the point's [`dimensions`](Self::dimensions), after the name if points are
    /// grouped [by name](Self::by_name). Every change of these updates the group. Kapacitor computes the group
    /// of a returned point in the same way.
    ///
    /// ```
    /// use udf_runtime::Point;
    ///
    /// let mut point = Point::new("cpu");
    /// point.set_tag("host", "a");
    /// point.set_dimensions(["host"]);
    /// assert_eq!(point.group(), "host=a");
    /// point.set_tag("host", "b");
    /// assert_eq!(point.group(), "host=b");
    /// ```
    #[must_use]
    pub fn group(&self) -> &str {
        self.text(Kind::Group)
    }

    pub(crate) fn group_bytes(&self) -> &[u8] {
        self.text_bytes(Kind::Group)
    }

    pub(crate) fn set_group(&mut self, group: &str) {
        self.message.set_text(Kind::Group, group);
    }

    /// Sets the group's text, and the dimensions that it consists of.
    pub(crate) fn set_grouping<'a>(
        &mut self,
        group: &str,
        by_name: bool,
        dimensions: impl IntoIterator<Item = &'a str>,
    ) {
        self.message.set_text(Kind::Group, group);
        self.message.set_by_name(by_name);
        self.message.set_dimensions(dimensions);
    }

    /// Names of the tags that the point is grouped by. Their order is part of the group.
    pub fn dimensions(&self) -> impl Iterator<Item = &str> {
        let parts = self.message.dimensions().iter();
        parts.map(|part| self.message.text(part))
    }

    /// Groups the point by these tags. Without tags, it is not grouped by tags.
    pub fn set_dimensions<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        self.message.set_dimensions(names);
        self.regroup();
    }

    /// Whether the point is also grouped by its name.
    #[must_use]
    pub fn by_name(&self) -> bool {
        self.message.by_name
    }

    /// Sets whether the point is also grouped by its name.
    pub fn set_by_name(&mut self, by_name: bool) {
        if by_name != self.by_name() {
            self.message.set_by_name(by_name);
            self.regroup();
        }
    }

    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        let part = self.message.find(Map::Tags, name)?;
        Some(self.message.value_text(part))
    }

    /// The value of a tag that the point must have.
    ///
    /// # Errors
    /// [`PointError::MissingTag`], which lists the existing tags.
    pub fn required_tag(&self, name: &str) -> Result<&str, PointError> {
        self.tag(name).ok_or_else(|| PointError::MissingTag {
            name: name.into(),
            present: listed(self.tags().map(|(name, _)| name), "no tags"),
        })
    }

    /// The tags: names and values, in no particular order.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        let parts = self.message.entries(Map::Tags);
        parts.map(|part| (self.message.text(part), self.message.value_text(part)))
    }

    /// Sets a tag.
    pub fn set_tag(&mut self, name: &str, value: &str) {
        self.message.set_tag(name, value);
        self.regroup_by(name);
    }

    /// Removes a tag. Returns `false` if the point does not have it.
    pub fn remove_tag(&mut self, name: &str) -> bool {
        let removed = self.message.remove_entry(Map::Tags, name);
        if removed {
            self.regroup_by(name);
        }
        removed
    }

    /// The value of a field, or `None` if it is missing, without the cost of an error text.
    /// [`FieldValue::float`] and its siblings check the type.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<FieldValue<'_>> {
        let part = self.message.find(Map::Fields, name)?;
        Some(self.message.field_value(part))
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
        self.required(name, "float", FieldValue::float)
    }

    /// The value of a field that is an int.
    ///
    /// # Errors
    /// [`PointError::MissingField`] and [`PointError::FieldType`].
    pub fn int(&self, name: &str) -> Result<i64, PointError> {
        self.required(name, "int", FieldValue::int)
    }

    /// The value of a field that is a string.
    ///
    /// # Errors
    /// [`PointError::MissingField`] and [`PointError::FieldType`].
    pub fn str(&self, name: &str) -> Result<&str, PointError> {
        self.required(name, "string", FieldValue::str)
    }

    /// The value of a field that is a bool.
    ///
    /// # Errors
    /// [`PointError::MissingField`] and [`PointError::FieldType`].
    pub fn bool(&self, name: &str) -> Result<bool, PointError> {
        self.required(name, "bool", FieldValue::bool)
    }

    /// The fields: names and values, in no particular order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, FieldValue<'_>)> {
        let parts = self.message.entries(Map::Fields);
        parts.map(|part| (self.message.text(part), self.message.field_value(part)))
    }

    /// Sets a field. Its type may change.
    ///
    /// Takes floats, integers of all widths, strings and bools (see [`AsFieldValue`]).
    pub fn set_field(&mut self, name: &str, value: impl AsFieldValue) {
        self.message.set_field(name, value.as_field_value());
    }

    /// Removes a field. Returns `false` if the point does not have it.
    ///
    /// Kapacitor has no null: a field without a value is a missing field.
    pub fn remove_field(&mut self, name: &str) -> bool {
        self.message.remove_entry(Map::Fields, name)
    }

    /// Renames a field, and replaces a field that already has the new name. Returns `false` if the point does not
    /// have the field.
    pub fn rename_field(&mut self, from: &str, to: &str) -> bool {
        if from == to {
            return self.field(from).is_some();
        }
        self.message.rename_field(from, to)
    }

    /// Removes all fields.
    pub fn clear_fields(&mut self) {
        self.message.clear_fields();
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
        let part = self.message.single(kind);
        part.map_or("", |part| self.message.text(part))
    }

    #[inline]
    fn text_bytes(&self, kind: Kind) -> &[u8] {
        let part = self.message.single(kind);
        part.map_or(&[], |part| self.message.text_bytes(part))
    }

    /// Updates the group after a change of a tag, if the tag is one of the dimensions.
    fn regroup_by(&mut self, tag: &str) {
        if self.dimensions().any(|name| name == tag) {
            self.regroup();
        }
    }

    /// Updates the group after a change of one of its parts.
    fn regroup(&mut self) {
        let mut spare = Pooled::empty();
        // Empty, and so valid text.
        let mut group = String::from_utf8(std::mem::take(&mut spare.bytes)).unwrap_or_default();
        let name = self.by_name().then(|| self.name());
        let tags = self
            .dimensions()
            .map(|name| (name, self.tag(name).unwrap_or_default()));
        spell_group(&mut group, name, tags);
        self.set_group(&group);
        spare.bytes = group.into_bytes();
    }
}

/// Names in quotes: as many as fit into a message.
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

/// The beginning of a text, for a message.
fn cut(text: &str) -> String {
    format!("{text:.80}")
}

/// A point at the epoch, without a name, tags and fields.
impl Default for Point {
    fn default() -> Self {
        Self {
            message: Pooled::default(),
        }
    }
}

impl Clone for Point {
    fn clone(&self) -> Self {
        let mut message = Pooled::empty();
        message.copy_from(&self.message);
        Self { message }
    }
}

/// Two points are equal if they have the same values, in any order of their tags and fields.
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
