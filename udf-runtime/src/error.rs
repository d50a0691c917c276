//! The error of the author's layer.

use std::{error::Error as StdError, fmt};

/// What a UDF's own code returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a UDF's own code: any other error, with what it was about.
///
/// Everything that implements [`std::error::Error`] converts by `?`. The text reaches
/// Kapacitor's task status.
///
/// ```
/// use udf_runtime::{Error, Result};
///
/// fn parse(text: &str) -> Result<f64> {
///     text.parse().map_err(|error| Error::new(error).context("the calibration file"))
/// }
///
/// let error = parse("much").unwrap_err();
/// assert_eq!(error.to_string(), "the calibration file: invalid float literal");
/// ```
// Deliberately not a `std::error::Error`: `From` for every other one would overlap.
pub struct Error {
    // Behind a pointer, so that a `Result` on a point's way stays one word.
    inner: Box<Inner>,
}

struct Inner {
    contexts: Vec<String>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Wraps another error.
    pub fn new(cause: impl StdError + Send + Sync + 'static) -> Self {
        Self {
            inner: Box::new(Inner {
                contexts: Vec::new(),
                cause: Some(Box::new(cause)),
            }),
        }
    }

    /// An error that is only a text.
    pub fn msg(text: impl fmt::Display) -> Self {
        Self {
            inner: Box::new(Inner {
                contexts: vec![text.to_string()],
                cause: None,
            }),
        }
    }

    /// Says what was being done when the error came.
    #[must_use]
    pub fn context(mut self, text: impl fmt::Display) -> Self {
        self.inner.contexts.push(text.to_string());
        self
    }

    /// The wrapped error, if it is a `T`.
    #[must_use]
    pub fn downcast_ref<T: StdError + 'static>(&self) -> Option<&T> {
        self.inner.cause.as_deref()?.downcast_ref()
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(cause: E) -> Self {
        Self::new(cause)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for context in self.inner.contexts.iter().rev() {
            write!(f, "{separator}{context}")?;
            separator = ": ";
        }
        let mut cause = self
            .inner
            .cause
            .as_deref()
            .map(|cause| cause as &dyn StdError);
        while let Some(error) = cause {
            write!(f, "{separator}{error}")?;
            separator = ": ";
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
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
