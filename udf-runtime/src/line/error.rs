//! What can be wrong with a line.

use thiserror::Error;

/// Why a line holds no point, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("column {column}: {reason}")]
pub struct LineError {
    /// Column of the first byte that is wrong, counted in bytes from 1 at the start of the line.
    pub column: usize,
    /// What is wrong there.
    pub reason: Reason,
}

/// What is wrong with a line. Texts that are cited are cut to a length that fits a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// The line begins with a comma.
    #[error("the name is missing: a line begins with the name of its measurement")]
    MissingName,
    /// The line ends after the name or the tags.
    #[error("no fields: after name and tags comes a space and at least one `key=value`")]
    MissingFields,
    /// A comma is not followed by a tag key.
    #[error(
        "a tag key is missing: after the comma comes `key=value`; a space begins the fields, \
         one inside of a key is written `\\ `"
    )]
    MissingTagKey,
    /// A tag key is not followed by `=` and a value.
    #[error("tag `{0}` has no value: a tag is `key=value`, and one without a value is left out")]
    MissingTagValue(String),
    /// A tag value holds a bare `=`.
    #[error("`=` inside of the value of tag `{0}`: there it is written `\\=`")]
    EqualsInTagValue(String),
    /// A tag comes twice.
    #[error("tag `{0}` comes twice: a point has one value a tag")]
    DuplicateTag(String),
    /// `=` without a key before it, or a comma without a field after it.
    #[error("a field key is missing: a field is `key=value`")]
    MissingFieldKey,
    /// A field key is not followed by `=` and a value.
    #[error(
        "field `{0}` has no value: a field is `key=value`; a comma or a space inside of a key \
         is written `\\,` or `\\ `"
    )]
    MissingFieldValue(String),
    /// An even number of backslashes stands before a delimiter in a field key.
    #[error(
        "field key `{0}` has a backslash before an escape: InfluxDB 1.x and Telegraf refuse such a key"
    )]
    EvenBackslashes(String),
    /// A field value is of no type.
    #[error(
        "field value `{0}` is none of a float (1.5), an integer (1i), a boolean (true, false) \
         and a string: a string needs double quotes"
    )]
    InvalidValue(String),
    /// A field value begins as a number and is none.
    #[error("`{0}` is no number: floats are 1, 1.5 and 1e-3, integers 1i, unsigned ones 1u")]
    InvalidNumber(String),
    /// NaN or an infinity.
    #[error("`{0}` is not a finite number: line protocol has no NaN and no infinities")]
    NotFinite(String),
    /// An integer that does not fit into 64 bits.
    #[error("integer `{0}` is out of range: -9223372036854775808i to 9223372036854775807i")]
    IntegerOutOfRange(String),
    /// An unsigned integer that does not fit into a point's integer.
    #[error(
        "unsigned integer `{0}` is out of range: a point's integers are signed, 0u to \
         9223372036854775807u"
    )]
    UnsignedOutOfRange(String),
    /// The closing quote of a string is missing.
    #[error("the string that begins here is not closed: a `\"` is missing (inside it is `\\\"`)")]
    UnclosedString,
    /// Something follows the closing quote of a string.
    #[error(
        "`{0}` after the end of a string: a comma or a space comes next, and a `\"` inside of \
         a string is written `\\\"`"
    )]
    AfterString(String),
    /// The time is no whole number.
    #[error("`{0}` is no time: a whole number since the epoch, such as 1700000000000000000")]
    InvalidTime(String),
    /// The time does not fit into 64 bits of nanoseconds.
    #[error("time `{0}` is out of range in nanoseconds: the years 1677 to 2262 (is it the unit?)")]
    TimeOutOfRange(String),
    /// Something follows the time.
    #[error("`{0}` after the time: a line ends there")]
    AfterTime(String),
    /// The line is not UTF-8.
    #[error("not UTF-8: points hold text")]
    NotUtf8,
    /// The line is longer than the reader lets it be.
    #[error("the line is longer than {0} bytes")]
    TooLong(usize),
}

/// What of `bytes` is worth citing: up to the next delimiter, on one line, not too long.
pub(super) fn cite(bytes: &[u8]) -> String {
    let end = bytes
        .iter()
        .position(|byte| b", \n\r".contains(byte))
        .unwrap_or(bytes.len());
    show(&bytes[..end])
}

/// A text on one line, not too long.
pub(super) fn show(bytes: &[u8]) -> String {
    const LONGEST: usize = 40;
    let cut = &bytes[..bytes.len().min(LONGEST)];
    let mut text = String::new();
    for character in String::from_utf8_lossy(cut).chars() {
        if character.is_control() {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
    if cut.len() < bytes.len() {
        text.push('…');
    }
    text
}
