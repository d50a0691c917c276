//! The error of the author's layer.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::ops::Deref;

/// What a UDF's own code returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a UDF's own code: any other error, and what was being done.
///
/// Everything that is an error converts by `?`: types that implement [`std::error::Error`],
/// `Box<dyn std::error::Error + Send + Sync>`, `anyhow::Error`, and texts. Displayed, it is one line
/// with the texts of the whole chain of causes, which is what Kapacitor shows as the task's error.
///
/// ```
/// use udf_runtime::prelude::*;
///
/// fn parse(text: &str) -> Result<f64> {
///     let value = text.parse::<f64>().context("the calibration file")?;
///     ensure!(value > 0.0, "expected a positive number, found {value}");
///     Ok(value)
/// }
///
/// let error = parse("much").unwrap_err();
/// assert_eq!(error.to_string(), "the calibration file: invalid float literal");
/// assert!(error.downcast_ref::<std::num::ParseFloatError>().is_some());
/// ```
///
/// # In an error type of your own
/// It derefs to a [`std::error::Error`], and so can be the source in an error type made with
/// `thiserror`. A function may then use `?` on what [`StreamOutput::point`] returns, and a hook may use
/// `?` on what the function returns:
///
/// ```
/// use udf_runtime::prelude::*;
///
/// #[derive(Debug, thiserror::Error)]
/// enum Failed {
///     #[error("the table has no entry {0:?}")]
///     Unknown(String),
///     #[error("a row cannot be sent")]
///     Send(#[from] Error),
/// }
///
/// fn send_row(row: Option<Point>, out: &mut StreamOutput) -> Result<(), Failed> {
///     out.point(row.ok_or_else(|| Failed::Unknown("a".to_owned()))?)?;
///     Ok(())
/// }
///
/// # #[udf(stream)]
/// # struct Table;
/// impl OnPoint for Table {
///     fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
///         send_row(Some(point), out)?;
///         Ok(())
///     }
/// }
/// ```
///
/// [`StreamOutput::point`]: crate::StreamOutput::point
// Not a `std::error::Error` itself, so that `From` can cover all those that are.
pub struct Error {
    // Behind one more pointer, so that a `Result` on a point's way stays one word.
    inner: Box<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Wraps another error.
    pub fn new(cause: impl StdError + Send + Sync + 'static) -> Self {
        Self::boxed(Box::new(cause))
    }

    /// An error that is only a text.
    pub fn msg(text: impl fmt::Display) -> Self {
        Self::boxed(text.to_string().into())
    }

    fn boxed(inner: Box<dyn StdError + Send + Sync>) -> Self {
        Self {
            inner: Box::new(inner),
        }
    }

    /// Says what was being done when the error came.
    #[must_use]
    pub fn context(self, text: impl fmt::Display) -> Self {
        Self::new(InContext {
            text: text.to_string(),
            cause: *self.inner,
        })
    }

    /// The error and its causes, from the last to the first one that happened.
    pub fn chain(&self) -> impl Iterator<Item = &(dyn StdError + 'static)> {
        let first: &(dyn StdError + 'static) = &**self.inner;
        std::iter::successors(Some(first), |error| StdError::source(*error))
    }

    /// The first `T` in the chain of causes.
    #[must_use]
    pub fn downcast_ref<T: StdError + 'static>(&self) -> Option<&T> {
        self.chain().find_map(|error| error.downcast_ref())
    }

    /// The error for functions that return `Box<dyn Error>`, or for `anyhow`.
    #[must_use]
    pub fn into_boxed(self) -> Box<dyn StdError + Send + Sync> {
        *self.inner
    }
}

/// Every error that converts into a `Box<dyn Error + Send + Sync>`.
impl<E: Into<Box<dyn StdError + Send + Sync>>> From<E> for Error {
    fn from(cause: E) -> Self {
        Self::boxed(cause.into())
    }
}

/// The error as one that other errors can have as their source.
impl Deref for Error {
    type Target = dyn StdError + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &**self.inner
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for error in self.chain() {
            let cause = error.to_string();
            // Some errors show their cause themselves.
            if text.ends_with(&cause) {
                continue;
            }
            let separator = if text.is_empty() { "" } else { ": " };
            write!(text, "{separator}{cause}")?;
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What was being done, before the cause.
#[derive(Debug)]
struct InContext {
    text: String,
    cause: Box<dyn StdError + Send + Sync>,
}

impl fmt::Display for InContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for InContext {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.cause)
    }
}

/// Says what was being done when a value was missing or an error came.
///
/// ```
/// use udf_runtime::prelude::*;
///
/// fn half(text: Option<&str>) -> Result<i64> {
///     let text = text.context("there is no number")?;
///     let number: i64 = text.parse().with_context(|| format!("reading {text:?}"))?;
///     Ok(number / 2)
/// }
///
/// assert_eq!(half(None).unwrap_err().to_string(), "there is no number");
/// assert_eq!(
///     half(Some("x")).unwrap_err().to_string(),
///     r#"reading "x": invalid digit found in string"#
/// );
/// ```
pub trait Context<T>: sealed::Sealed {
    /// Puts a text before the error.
    ///
    /// # Errors
    /// The same error in this context; for `None`, the text alone.
    fn context(self, text: impl fmt::Display) -> Result<T>;

    /// The same, with a text that is only made for an error.
    ///
    /// # Errors
    /// The same error in this context; for `None`, the text alone.
    fn with_context<D: fmt::Display>(self, text: impl FnOnce() -> D) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for std::result::Result<T, E> {
    fn context(self, text: impl fmt::Display) -> Result<T> {
        self.map_err(|error| error.into().context(text))
    }

    fn with_context<D: fmt::Display>(self, text: impl FnOnce() -> D) -> Result<T> {
        self.map_err(|error| error.into().context(text()))
    }
}

impl<T> Context<T> for Option<T> {
    fn context(self, text: impl fmt::Display) -> Result<T> {
        self.ok_or_else(|| Error::msg(text))
    }

    fn with_context<D: fmt::Display>(self, text: impl FnOnce() -> D) -> Result<T> {
        self.ok_or_else(|| Error::msg(text()))
    }
}

mod sealed {
    pub trait Sealed {}
    impl<T, E> Sealed for Result<T, E> {}
    impl<T> Sealed for Option<T> {}
}

/// Returns with an [`Error`] made from a format string.
///
/// ```
/// use udf_runtime::{Result, bail};
///
/// fn positive(value: f64) -> Result<f64> {
///     if value < 0.0 {
///         bail!("{value} is negative");
///     }
///     Ok(value)
/// }
/// assert_eq!(positive(-1.0).unwrap_err().to_string(), "-1 is negative");
/// ```
#[macro_export]
macro_rules! bail {
    ($($message:tt)+) => {
        return ::core::result::Result::Err($crate::Error::msg(::core::format_args!($($message)+)))
    };
}

/// Returns with an [`Error`] unless a condition holds.
///
/// ```
/// use udf_runtime::{Result, ensure};
///
/// fn positive(value: f64) -> Result<f64> {
///     ensure!(value >= 0.0, "{value} is negative");
///     ensure!(value.is_finite());
///     Ok(value)
/// }
/// assert_eq!(positive(-1.0).unwrap_err().to_string(), "-1 is negative");
/// assert_eq!(
///     positive(f64::INFINITY).unwrap_err().to_string(),
///     "expected `value.is_finite()`"
/// );
/// ```
#[macro_export]
macro_rules! ensure {
    ($condition:expr $(,)?) => {
        if !$condition {
            $crate::bail!("expected `{}`", ::core::stringify!($condition));
        }
    };
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            $crate::bail!($($message)+);
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the outer one")]
    struct Outer(#[from] Error);

    #[derive(Debug, thiserror::Error)]
    #[error(transparent)]
    struct Transparent(#[from] Error);

    #[derive(Debug, thiserror::Error)]
    #[error("shows {0}")]
    struct Shows(#[source] fmt::Error);

    /// What a function returns whose error is its author's own.
    fn outer() -> Result<(), Outer> {
        Err(Error::new(fmt::Error).context("inside"))?;
        Ok(())
    }

    #[test]
    fn the_chain_goes_through_errors_of_ones_own() {
        let error = Error::from(outer().unwrap_err()).context("outside");
        let text = "outside: the outer one: inside: an error occurred when formatting an argument";
        assert_eq!(error.to_string(), text);
        assert_eq!(error.chain().count(), 4);
        assert!(error.downcast_ref::<fmt::Error>().is_some());
        assert!(error.downcast_ref::<Outer>().is_some());
        assert!(error.downcast_ref::<std::io::Error>().is_none());
    }

    #[test]
    fn a_cause_that_is_shown_already_is_not_shown_twice() {
        let error = Error::from(Shows(fmt::Error));
        assert_eq!(
            error.to_string(),
            "shows an error occurred when formatting an argument"
        );
        let error = Error::from(Transparent(Error::msg("a").context("b")));
        assert_eq!(error.to_string(), "b: a");
    }

    #[test]
    fn all_kinds_of_errors_convert() {
        fn convert<E: Into<Error>>(error: E) -> String {
            error.into().to_string()
        }
        assert_eq!(convert("text"), "text");
        assert_eq!(convert("text".to_owned()), "text");
        let boxed: Box<dyn StdError + Send + Sync> = "boxed".into();
        assert_eq!(convert(boxed), "boxed");
        assert_eq!(convert(Error::msg("the same")), "the same");
        assert_eq!(convert(fmt::Error), fmt::Error.to_string());
        assert_eq!(Error::msg("text").into_boxed().to_string(), "text");
    }

    #[test]
    fn a_result_without_a_value_is_one_word() {
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }
}
