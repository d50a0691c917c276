//! One argument of an option.

use std::{cmp::Ordering, fmt, num::NonZero, path::PathBuf, time::Duration};

use udf_proto::{ValueType, option_value};

use udf_tickscript::{show_double, show_duration};

use super::{ValueRange, tick::show_string};

/// One argument as TICKscript gives it.
///
/// Displayed as TICKscript writes it, long strings cut. Values of different types have no order.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `TRUE` or `FALSE`
    Bool(bool),
    /// `5`
    Int(i64),
    /// `5.0`
    Double(f64),
    /// `'x'`
    String(String),
    /// `5s`, in nanoseconds.
    Duration(i64),
}

impl Value {
    /// The type that TICKscript gives it.
    #[must_use]
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::Bool(_) => ValueType::Bool,
            Self::Int(_) => ValueType::Int,
            Self::Double(_) => ValueType::Double,
            Self::String(_) => ValueType::String,
            Self::Duration(_) => ValueType::Duration,
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.partial_cmp(b),
            (Self::Double(a), Self::Double(b)) => a.partial_cmp(b),
            (Self::String(a), Self::String(b)) => a.partial_cmp(b),
            (Self::Int(a), Self::Int(b)) | (Self::Duration(a), Self::Duration(b)) => {
                a.partial_cmp(b)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(true) => f.write_str("TRUE"),
            Self::Bool(false) => f.write_str("FALSE"),
            Self::Int(int) => int.fmt(f),
            Self::Double(double) => f.write_str(&show_double(*double)),
            Self::String(string) => f.write_str(&show_string(string)),
            Self::Duration(nanos) => f.write_str(&show_duration(*nanos)),
        }
    }
}

impl From<Value> for option_value::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Bool(bool) => Self::BoolValue(bool),
            Value::Int(int) => Self::IntValue(int),
            Value::Double(double) => Self::DoubleValue(double),
            Value::String(string) => Self::StringValue(string),
            Value::Duration(nanos) => Self::DurationValue(nanos),
        }
    }
}

impl From<option_value::Value> for Value {
    fn from(value: option_value::Value) -> Self {
        match value {
            option_value::Value::BoolValue(bool) => Self::Bool(bool),
            option_value::Value::IntValue(int) => Self::Int(int),
            option_value::Value::DoubleValue(double) => Self::Double(double),
            option_value::Value::StringValue(string) => Self::String(string),
            option_value::Value::DurationValue(nanos) => Self::Duration(nanos),
        }
    }
}

/// Why an argument is not allowed.
///
/// Made from any error by `?`, or from a text by [`ValueError::msg`]. It is a part of the `Init`
/// error: `option "zone": expected a STRING, found 'Mars': no such time zone; help: …`
#[derive(Debug, Default)]
pub struct ValueError {
    reason: Option<String>,
}

impl ValueError {
    /// The argument is not allowed, for no other reason than what is shown as allowed.
    #[must_use]
    pub fn not_allowed() -> Self {
        Self::default()
    }

    /// The argument is not allowed because of this.
    pub fn msg(reason: impl fmt::Display) -> Self {
        Self {
            reason: Some(reason.to_string()),
        }
    }

    pub(super) fn into_reason(self) -> Option<String> {
        self.reason
    }
}

// Not a `std::error::Error` itself, so that every other error converts.
impl<E: std::error::Error> From<E> for ValueError {
    fn from(error: E) -> Self {
        Self::msg(error)
    }
}

/// A type that TICKscript itself knows: `bool`, `i64`, `f64`, `String` and `Duration`.
pub trait Given: Sized + sealed::Sealed {
    /// Its name in the protocol.
    const TYPE: ValueType;

    /// Takes a value of this type; `None` if it is of another.
    ///
    /// # Errors
    /// The value is of this type, but TICKscript cannot write it.
    fn from_value(value: &Value) -> Option<Result<Self, ValueError>>;

    /// The value that TICKscript would give.
    fn into_value(self) -> Value;
}

/// A type of which a range makes sense: `i64`, `f64` and `Duration`.
#[diagnostic::on_unimplemented(
    message = "expected numbers or durations for a range, found `{Self}`",
    label = "this option has no range",
    note = "help: `validate = path` checks any type"
)]
pub trait Ordered: Given {
    /// The type itself, which the range of a range have. Where there is no order there is no
    /// such type, and so no second error about the range.
    type Bound: Given;
}

#[diagnostic::do_not_recommend]
impl Ordered for i64 {
    type Bound = Self;
}
#[diagnostic::do_not_recommend]
impl Ordered for f64 {
    type Bound = Self;
}
#[diagnostic::do_not_recommend]
impl Ordered for Duration {
    type Bound = Self;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for bool {}
    impl Sealed for i64 {}
    impl Sealed for f64 {}
    impl Sealed for String {}
    impl Sealed for std::time::Duration {}
}

impl Given for bool {
    const TYPE: ValueType = ValueType::Bool;

    fn from_value(value: &Value) -> Option<Result<Self, ValueError>> {
        if let Value::Bool(bool) = value {
            Some(Ok(*bool))
        } else {
            None
        }
    }

    fn into_value(self) -> Value {
        Value::Bool(self)
    }
}

impl Given for i64 {
    const TYPE: ValueType = ValueType::Int;

    fn from_value(value: &Value) -> Option<Result<Self, ValueError>> {
        if let Value::Int(int) = value {
            Some(Ok(*int))
        } else {
            None
        }
    }

    fn into_value(self) -> Value {
        Value::Int(self)
    }
}

impl Given for f64 {
    const TYPE: ValueType = ValueType::Double;

    fn from_value(value: &Value) -> Option<Result<Self, ValueError>> {
        match value {
            Value::Double(double) if double.is_finite() => Some(Ok(*double)),
            Value::Double(_) => Some(Err(ValueError::not_allowed())),
            _ => None,
        }
    }

    fn into_value(self) -> Value {
        Value::Double(self)
    }
}

impl Given for String {
    const TYPE: ValueType = ValueType::String;

    fn from_value(value: &Value) -> Option<Result<Self, ValueError>> {
        if let Value::String(string) = value {
            Some(Ok(string.clone()))
        } else {
            None
        }
    }

    fn into_value(self) -> Value {
        Value::String(self)
    }
}

impl Given for Duration {
    const TYPE: ValueType = ValueType::Duration;

    fn from_value(value: &Value) -> Option<Result<Self, ValueError>> {
        let Value::Duration(nanos) = value else {
            return None;
        };
        let nanos = u64::try_from(*nanos).map(Self::from_nanos);
        Some(nanos.map_err(|_| ValueError::msg("it is negative")))
    }

    fn into_value(self) -> Value {
        // What is longer than 292 years cannot be written; only a default can be so.
        Value::Duration(i64::try_from(self.as_nanos()).unwrap_or(i64::MAX))
    }
}

/// A type that one argument of an option can have.
///
/// Implemented by `bool`, all integers and their [`NonZero`]s, `f32`, `f64`, `String`,
/// [`PathBuf`] and [`Duration`]; derived for an enum of plain variants, which TICKscript gives as a STRING; and
/// implemented by hand for other types that are made from one of TICKscript's own types:
///
/// ```
/// use std::net::IpAddr;
/// use udf_runtime::options::{OptionValue, ValueError};
///
/// struct Address(IpAddr);
///
/// impl OptionValue for Address {
///     type Given = String;
///
///     fn from_given(given: String) -> Result<Self, ValueError> {
///         Ok(Self(given.parse()?))
///     }
///
///     fn to_given(&self) -> String {
///         self.0.to_string()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an option",
    label = "TICKscript cannot give this type",
    note = "an option is a bool, an integer, a float, a String, a PathBuf, a Duration or an enum \
            with `#[derive(OptionValue)]`; a tuple or an array of them; or an Option or a Vec of \
            any of these",
    note = "help: `#[state]` keeps the field in snapshots, `#[skip]` makes it by `Default`"
)]
pub trait OptionValue: Sized {
    /// What TICKscript gives: `bool`, `i64`, `f64`, `String` or [`Duration`].
    type Given: Given;

    /// Takes what TICKscript gave.
    ///
    /// # Errors
    /// The value is of the right type, but not allowed.
    fn from_given(given: Self::Given) -> Result<Self, ValueError>;

    /// The argument that gives this value. It is shown as the option's default.
    fn to_given(&self) -> Self::Given;

    /// Whether the value has a text at this address.
    #[doc(hidden)]
    fn is_at(&self, address: usize) -> bool {
        let _ = address;
        false
    }

    /// The range of the values that are allowed.
    #[must_use]
    fn range() -> ValueRange {
        ValueRange::default()
    }

    /// All values that are allowed, if there are few.
    #[must_use]
    fn choices() -> &'static [&'static str] {
        &[]
    }
}

impl OptionValue for bool {
    type Given = Self;

    fn from_given(given: Self) -> Result<Self, ValueError> {
        Ok(given)
    }

    fn to_given(&self) -> Self {
        *self
    }
}

impl OptionValue for f64 {
    type Given = Self;

    fn from_given(given: Self) -> Result<Self, ValueError> {
        Ok(given)
    }

    fn to_given(&self) -> Self {
        *self
    }
}

impl OptionValue for f32 {
    type Given = f64;

    #[expect(
        clippy::cast_possible_truncation,
        reason = "an f32 does not have the digits that are lost"
    )]
    fn from_given(given: f64) -> Result<Self, ValueError> {
        let value = given as Self;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(ValueError::msg("it is too large"))
        }
    }

    fn to_given(&self) -> f64 {
        // By way of its text, so that 0.1 is shown as 0.1 and not as 0.10000000149011612.
        self.to_string()
            .parse()
            .unwrap_or_else(|_| f64::from(*self))
    }
}

impl OptionValue for String {
    type Given = Self;

    fn from_given(given: Self) -> Result<Self, ValueError> {
        Ok(given)
    }

    fn to_given(&self) -> Self {
        self.clone()
    }

    fn is_at(&self, address: usize) -> bool {
        // An empty text has no place.
        !self.is_empty() && self.as_ptr().addr() == address
    }
}

/// A STRING. A part that is not UTF-8, which only a default can have, is shown as `�`.
impl OptionValue for PathBuf {
    type Given = String;

    fn from_given(given: String) -> Result<Self, ValueError> {
        Ok(given.into())
    }

    fn to_given(&self) -> String {
        self.to_string_lossy().into_owned()
    }

    fn is_at(&self, address: usize) -> bool {
        self.to_str()
            .is_some_and(|text| !text.is_empty() && text.as_ptr().addr() == address)
    }
}

impl OptionValue for Duration {
    type Given = Self;

    fn from_given(given: Self) -> Result<Self, ValueError> {
        Ok(given)
    }

    fn to_given(&self) -> Self {
        *self
    }
}

/// Integers: the values that both an INT and the type hold.
macro_rules! integers {
    ($($int:ty: $range:expr;)*) => {$(
        impl OptionValue for $int {
            type Given = i64;

            fn from_given(given: i64) -> Result<Self, ValueError> {
                Self::try_from(given).map_err(|_| ValueError::not_allowed())
            }

            fn to_given(&self) -> i64 {
                // What no INT holds cannot be written; only a default can be so.
                i64::try_from(*self).unwrap_or(i64::MAX)
            }

            fn range() -> ValueRange {
                $range
            }
        }

        impl OptionValue for NonZero<$int> {
            type Given = i64;

            fn from_given(given: i64) -> Result<Self, ValueError> {
                <$int>::try_from(given).ok().and_then(Self::new).ok_or_else(ValueError::not_allowed)
            }

            fn to_given(&self) -> i64 {
                self.get().to_given()
            }

            fn range() -> ValueRange {
                <$int>::range().without_zero()
            }
        }
    )*};
}

integers! {
    i8: ValueRange::ints(i8::MIN.into(), i8::MAX.into());
    i16: ValueRange::ints(i16::MIN.into(), i16::MAX.into());
    i32: ValueRange::ints(i32::MIN.into(), i32::MAX.into());
    i64: ValueRange::default();
    isize: ValueRange::default();
    i128: ValueRange::default();
    u8: ValueRange::ints(0, u8::MAX.into());
    u16: ValueRange::ints(0, u16::MAX.into());
    u32: ValueRange::ints(0, u32::MAX.into());
    u64: ValueRange::ints_from(0);
    usize: ValueRange::ints_from(0);
    u128: ValueRange::ints_from(0);
}
