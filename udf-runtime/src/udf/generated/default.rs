//! What `#[option(default = …)]` and `#[option(validate = …)]` may say.

use std::{fmt::Display, time::Duration};

use crate::udf::options::ValueError;

/// An expression that can stand for a default of type `T`.
#[diagnostic::on_unimplemented(
    message = "a default of type `{Self}` does not fit an option of type `{T}`",
    label = "not a `{T}`"
)]
pub trait IntoDefault<T> {
    fn into_default(self) -> T;
}

impl<T> IntoDefault<T> for T {
    fn into_default(self) -> T {
        self
    }
}

impl IntoDefault<String> for &str {
    fn into_default(self) -> String {
        self.to_owned()
    }
}

impl<T, const N: usize> IntoDefault<Vec<T>> for [T; N] {
    fn into_default(self) -> Vec<T> {
        self.into()
    }
}

/// What a function may return that checks an option.
#[diagnostic::on_unimplemented(
    message = "a check of an option has to return `bool` or a `Result`, not `{Self}`",
    label = "returns `{Self}`",
    note = "write it as `fn(&T) -> Result<(), E>`, with an error that can be displayed, or as `fn(&T) -> bool`"
)]
pub trait Verdict {
    fn into_result(self) -> Result<(), ValueError>;
}

impl Verdict for bool {
    fn into_result(self) -> Result<(), ValueError> {
        if self {
            Ok(())
        } else {
            Err(ValueError::not_allowed())
        }
    }
}

impl<E: Display> Verdict for Result<(), E> {
    fn into_result(self) -> Result<(), ValueError> {
        self.map_err(ValueError::msg)
    }
}

pub fn validated(verdict: impl Verdict) -> Result<(), ValueError> {
    verdict.into_result()
}

/// An expression that can stand for a limit of a range over `T`.
#[diagnostic::on_unimplemented(
    message = "a limit of type `{Self}` does not fit the range of this option",
    label = "neither an integer nor a float nor a `Duration`"
)]
pub trait IntoBound<T> {
    fn into_bound(self) -> T;
}

macro_rules! int_bounds {
    ($($int:ty)*) => {$(
        impl IntoBound<i64> for $int {
            fn into_bound(self) -> i64 {
                // Only what is above `i64::MAX` does not fit.
                i64::try_from(self).unwrap_or(i64::MAX)
            }
        }
    )*};
}

int_bounds!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

impl IntoBound<f64> for f32 {
    fn into_bound(self) -> f64 {
        self.into()
    }
}

impl IntoBound<f64> for f64 {
    fn into_bound(self) -> f64 {
        self
    }
}

impl IntoBound<Duration> for Duration {
    fn into_bound(self) -> Duration {
        self
    }
}
