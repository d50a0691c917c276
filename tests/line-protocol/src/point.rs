//! A point as any parser reads it, fit for comparison.

use udf_runtime::FieldValue;

/// A point. Tags and fields are in the order of their keys; of a repeated field, the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// Name of the measurement.
    pub name: String,
    /// Keys and values.
    pub tags: Vec<(String, String)>,
    /// Keys and values.
    pub fields: Vec<(String, Value)>,
    /// Nanoseconds since the epoch.
    pub time: Option<i64>,
}

/// The value of a field. Floats are compared by their bits: a zero has a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A float's bits.
    Float(u64),
    /// An integer.
    Int(i64),
    /// An unsigned integer, which our points do not have.
    Unsigned(u64),
    /// A boolean.
    Bool(bool),
    /// A string.
    String(String),
}

impl Point {
    /// Puts tags and fields in order, and drops fields that are repeated later.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.tags.sort();
        self.fields.reverse();
        self.fields.sort_by(|one, other| one.0.cmp(&other.0));
        self.fields.dedup_by(|one, other| one.0 == other.0);
        self
    }

    /// The point with signed integers alone, as ours are. `None` where one does not fit.
    #[must_use]
    pub fn signed(mut self) -> Option<Self> {
        for (_, value) in &mut self.fields {
            if let Value::Unsigned(number) = value {
                *value = Value::Int(i64::try_from(*number).ok()?);
            }
        }
        Some(self)
    }
}

impl From<FieldValue<'_>> for Value {
    fn from(value: FieldValue<'_>) -> Self {
        match value {
            FieldValue::Float(value) => Value::Float(value.to_bits()),
            FieldValue::Int(value) => Value::Int(value),
            FieldValue::Bool(value) => Value::Bool(value),
            FieldValue::String(value) => Value::String(value.to_owned()),
        }
    }
}
