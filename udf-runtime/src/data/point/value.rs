//! Values of fields.

use std::fmt;

/// The value of a field: one of the four types that Kapacitor's points have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldValue<'a> {
    /// A float of 64 bits.
    Float(f64),
    /// A signed integer of 64 bits.
    Int(i64),
    /// A text.
    String(&'a str),
    /// A truth value.
    Bool(bool),
}

impl FieldValue<'_> {
    /// The value as a float, if it is a number.
    #[must_use]
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(value),
            Self::Int(value) => Some(value as f64),
            Self::String(_) | Self::Bool(_) => None,
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

macro_rules! from {
    ($($type:ty => $variant:ident),+ $(,)?) => {$(
        impl From<$type> for FieldValue<'_> {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}

from! {
    f64 => Float, f32 => Float,
    i64 => Int, i32 => Int, i16 => Int, i8 => Int, u32 => Int, u16 => Int, u8 => Int,
    bool => Bool,
}

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
