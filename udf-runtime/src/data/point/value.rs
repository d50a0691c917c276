//! Values of fields.

use std::borrow::Cow;
use std::fmt;

/// The value of a field: one of the four types that Kapacitor's points have.
///
/// For a missing field or one of another type, the result is `None`, at no cost:
///
/// ```
/// use udf_runtime::{FieldValue, Point};
///
/// let mut point = Point::new("cpu");
/// point.set_field("usage", 12.5);
/// assert_eq!(point.field("usage").and_then(FieldValue::float), Some(12.5));
/// assert_eq!(point.field("usage").and_then(FieldValue::int), None);
/// assert_eq!(point.field("load").and_then(FieldValue::number), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldValue<'a> {
    /// A float of 64 bits.
    Float(f64),
    /// A signed integer of 64 bits.
    Int(i64),
    /// A string.
    String(&'a str),
    /// A bool.
    Bool(bool),
}

impl<'a> FieldValue<'a> {
    /// The value as a float, if it is a number: a float, or an int as a float.
    #[must_use]
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(value),
            Self::Int(value) => Some(value as f64),
            Self::String(_) | Self::Bool(_) => None,
        }
    }

    /// The value, if it is a float.
    #[must_use]
    pub fn float(self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(value),
            _ => None,
        }
    }

    /// The value, if it is an int.
    #[must_use]
    pub fn int(self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The value, if it is a string.
    #[must_use]
    pub fn str(self) -> Option<&'a str> {
        match self {
            Self::String(value) => Some(value),
            _ => None,
        }
    }

    /// The value, if it is a bool.
    #[must_use]
    pub fn bool(self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The name of the value's type.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Float(_) => "float",
            Self::Int(_) => "int",
            Self::String(_) => "string",
            Self::Bool(_) => "bool",
        }
    }
}

impl fmt::Display for FieldValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::String(value) => f.write_str(value),
            Self::Bool(value) => write!(f, "{value}"),
        }
    }
}

/// What [`Point::set_field`](crate::Point::set_field) takes: floats, integers of all widths, strings
/// and bools, by value or by reference. Other types can implement it.
///
/// Kapacitor's integers have 64 bits and a sign. An integer that does not fit, such as a `u64` of 2⁶³ or more,
/// becomes the nearest float, which has 16 correct digits. If other points have integers in that field, InfluxDB
/// refuses the float instead of storing a wrong value.
///
/// ```
/// use udf_runtime::{AsFieldValue, FieldValue, Point};
///
/// struct Celsius(f64);
///
/// impl AsFieldValue for Celsius {
///     fn as_field_value(&self) -> FieldValue<'_> {
///         FieldValue::Float(self.0)
///     }
/// }
///
/// let mut point = Point::new("room");
/// point.set_field("temperature", Celsius(21.5));
/// point.set_field("people", vec!["ann", "bob"].len());
/// point.set_field("name", format!("room {}", 7));
/// point.set_field("atoms", u64::MAX);
/// assert_eq!(point.float("temperature"), Ok(21.5));
/// assert_eq!(point.int("people"), Ok(2));
/// assert_eq!(point.str("name"), Ok("room 7"));
/// assert_eq!(point.float("atoms"), Ok(18_446_744_073_709_551_615.0));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value of a field",
    label = "expected a float, an integer, a string or a bool",
    note = "implement `AsFieldValue` for a type of your own"
)]
pub trait AsFieldValue {
    /// The value of the field.
    fn as_field_value(&self) -> FieldValue<'_>;
}

impl AsFieldValue for FieldValue<'_> {
    #[inline]
    fn as_field_value(&self) -> FieldValue<'_> {
        *self
    }
}

impl<T: AsFieldValue + ?Sized> AsFieldValue for &T {
    #[inline]
    fn as_field_value(&self) -> FieldValue<'_> {
        (**self).as_field_value()
    }
}

macro_rules! scalars {
    ($($type:ty: $value:ident => $field_value:expr),+ $(,)?) => {$(
        impl From<$type> for FieldValue<'_> {
            #[inline]
            fn from($value: $type) -> Self {
                $field_value
            }
        }

        impl AsFieldValue for $type {
            #[inline]
            fn as_field_value(&self) -> FieldValue<'_> {
                FieldValue::from(*self)
            }
        }
    )+};
}

scalars! {
    f64: value => Self::Float(value),
    f32: value => Self::Float(value.into()),
    bool: value => Self::Bool(value),
    i8: value => Self::Int(value.into()),
    i16: value => Self::Int(value.into()),
    i32: value => Self::Int(value.into()),
    i64: value => Self::Int(value),
    u8: value => Self::Int(value.into()),
    u16: value => Self::Int(value.into()),
    u32: value => Self::Int(value.into()),
    u64: value => i64::try_from(value).map_or(Self::Float(value as f64), Self::Int),
    usize: value => i64::try_from(value).map_or(Self::Float(value as f64), Self::Int),
    isize: value => i64::try_from(value).map_or(Self::Float(value as f64), Self::Int),
    i128: value => i64::try_from(value).map_or(Self::Float(value as f64), Self::Int),
    u128: value => i64::try_from(value).map_or(Self::Float(value as f64), Self::Int),
}

macro_rules! texts {
    ($($type:ty),+ $(,)?) => {$(
        impl AsFieldValue for $type {
            #[inline]
            fn as_field_value(&self) -> FieldValue<'_> {
                FieldValue::String(self)
            }
        }
    )+};
}

texts!(str, String, Cow<'_, str>, Box<str>);

impl<'a> From<&'a str> for FieldValue<'a> {
    fn from(value: &'a str) -> Self {
        Self::String(value)
    }
}

impl<'a> From<&'a String> for FieldValue<'a> {
    fn from(value: &'a String) -> Self {
        Self::String(value)
    }
}
