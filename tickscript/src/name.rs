//! Names of UDFs and options.

use std::error::Error;
use std::fmt;

/// Words that TICKscript reads as something other than a name.
const RESERVED: [&str; 7] = ["AND", "OR", "TRUE", "FALSE", "var", "dbrp", "lambda"];

/// A name that TICKscript cannot write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// The name is a word of the language.
    Reserved,
    /// The name has a character that a name cannot have.
    Characters,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reserved => write!(
                f,
                "TICKscript reserves the words {}",
                RESERVED.map(|word| format!("`{word}`")).join(", ")
            ),
            Self::Characters => f.write_str(
                "a name in TICKscript has letters, digits and `_`, and starts with a letter",
            ),
        }
    }
}

impl Error for NameError {}

/// Whether TICKscript can write a name.
///
/// ```
/// use udf_tickscript::{NameError, check_name};
///
/// assert_eq!(check_name("moving_avg"), Ok(()));
/// assert_eq!(check_name("lambda"), Err(NameError::Reserved));
/// ```
///
/// # Errors
/// The reason why it cannot.
pub fn check_name(name: &str) -> Result<(), NameError> {
    if RESERVED.contains(&name) {
        return Err(NameError::Reserved);
    }
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !plain || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(NameError::Characters);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_and_underscores() {
        for name in ["field", "as", "p99", "true", "Var", "a_b"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in ["", "_a", "9a", "a-b", "größe"] {
            assert_eq!(check_name(name), Err(NameError::Characters), "{name}");
        }
        for name in RESERVED {
            assert_eq!(check_name(name), Err(NameError::Reserved), "{name}");
        }
    }
}
