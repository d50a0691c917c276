//! The values of `#[option(default = …)]`, `validate` and `range`.

use std::{fmt::Display, ops::Deref, path::PathBuf, time::Duration};

use crate::udf::options::{BoxedCheck, ValueError};

/// An expression that can stand for a default of type `T`.
#[diagnostic::on_unimplemented(
    message = "expected a default of type `{T}`, found `{Self}`",
    label = "not a `{T}`"
)]
pub trait IntoDefault<T> {
    #[doc(hidden)]
    fn into_default(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T> IntoDefault<T> for T {
    fn into_default(self) -> T {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoDefault<PathBuf> for &str {
    fn into_default(self) -> PathBuf {
        self.into()
    }
}

#[diagnostic::do_not_recommend]
impl IntoDefault<String> for &str {
    fn into_default(self) -> String {
        self.to_owned()
    }
}

#[diagnostic::do_not_recommend]
impl<T, const N: usize> IntoDefault<Vec<T>> for [T; N] {
    fn into_default(self) -> Vec<T> {
        self.into()
    }
}

/// A function that checks an option: it takes a reference to what one call gave, or to what that
/// derefs to.
#[diagnostic::on_unimplemented(
    message = "expected a check of type `fn(&{I}) -> bool` or `fn(&{I}) -> Result<(), E>`, found \
               `{Self}`",
    label = "this cannot check a `{I}`"
)]
pub trait Check<I, By> {
    #[doc(hidden)]
    fn boxed(self) -> BoxedCheck<I>;
}

/// A check takes `&I`.
pub struct ByReference;
/// A check takes `&I::Target`.
pub struct ByTarget;

impl<I, R: CheckResult, F: Fn(&I) -> R + 'static> Check<I, ByReference> for F {
    fn boxed(self) -> BoxedCheck<I> {
        Box::new(move |item| self(item).into_result())
    }
}

impl<I: Deref, R: CheckResult, F: Fn(&I::Target) -> R + 'static> Check<I, ByTarget> for F {
    fn boxed(self) -> BoxedCheck<I> {
        Box::new(move |item| self(item).into_result())
    }
}

/// A check that is written as a closure.
pub fn closure_check<I, R: CheckResult>(check: impl Fn(&I) -> R + 'static) -> BoxedCheck<I> {
    Box::new(move |item| check(item).into_result())
}

/// What a function may return that checks an option.
#[diagnostic::on_unimplemented(
    message = "expected a check that returns `bool` or `Result<(), E>`, found one that returns \
               `{Self}`",
    label = "returns `{Self}`",
    note = "help: write it as `fn(&T) -> bool`, or as `fn(&T) -> Result<(), E>` with an `E` that \
            implements `Display`"
)]
pub trait CheckResult {
    #[doc(hidden)]
    fn into_result(self) -> Result<(), ValueError>;
}

#[diagnostic::do_not_recommend]
impl CheckResult for bool {
    fn into_result(self) -> Result<(), ValueError> {
        if self {
            Ok(())
        } else {
            Err(ValueError::not_allowed())
        }
    }
}

#[diagnostic::do_not_recommend]
impl<E: Display> CheckResult for Result<(), E> {
    fn into_result(self) -> Result<(), ValueError> {
        self.map_err(ValueError::msg)
    }
}

/// An expression that can stand for a limit of a range over `T`.
#[diagnostic::on_unimplemented(
    message = "expected an integer, a float or a `Duration` as limit of the range, found `{Self}`",
    label = "not a number or a duration"
)]
pub trait IntoBound<T> {
    #[doc(hidden)]
    fn into_bound(self) -> T;
}

macro_rules! int_bounds {
    ($($int:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoBound<i64> for $int {
            fn into_bound(self) -> i64 {
                // Only what is above `i64::MAX` does not fit.
                i64::try_from(self).unwrap_or(i64::MAX)
            }
        }
    )*};
}

int_bounds!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

#[diagnostic::do_not_recommend]
impl IntoBound<f64> for f32 {
    fn into_bound(self) -> f64 {
        self.into()
    }
}

#[diagnostic::do_not_recommend]
impl IntoBound<f64> for f64 {
    fn into_bound(self) -> f64 {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoBound<Duration> for Duration {
    fn into_bound(self) -> Duration {
        self
    }
}
