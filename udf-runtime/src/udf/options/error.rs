//! What is wrong with the options of an `InitRequest`.

use std::{error::Error, fmt};

/// Problems that are listed; the rest is counted.
const LISTED: usize = 20;

/// One problem of the options that were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    option: String,
    text: String,
}

impl OptionError {
    pub(super) fn new(option: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            option: option.into(),
            text: text.into(),
        }
    }

    /// Name of the option, as it was given.
    #[must_use]
    pub fn option(&self) -> &str {
        &self.option
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for OptionError {}

/// Everything that is wrong with the options that were given; displayed as one message.
///
/// Each problem is a line with the option's name, what was expected and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionErrors {
    errors: Vec<OptionError>,
}

impl OptionErrors {
    pub(super) fn push(&mut self, error: OptionError) {
        self.errors.push(error);
    }

    /// The problems: first those of the declared options in their order, then the unknown ones.
    pub fn iter(&self) -> impl Iterator<Item = &OptionError> {
        self.errors.iter()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Number of problems.
    #[must_use]
    pub fn len(&self) -> usize {
        self.errors.len()
    }
}

impl fmt::Display for OptionErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = &*self.errors {
            return only.fmt(f);
        }
        write!(f, "{} problems with the options:", self.errors.len())?;
        for error in self.errors.iter().take(LISTED) {
            write!(f, "\n- {error}")?;
        }
        match self.errors.len().saturating_sub(LISTED) {
            0 => Ok(()),
            more => write!(f, "\n- and {more} more"),
        }
    }
}

impl Error for OptionErrors {}
