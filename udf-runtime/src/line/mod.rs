//! InfluxDB line protocol, both directions.
//!
//! ```text
//! cpu,host=a,region=eu usage_user=12.5,cores=8i,up=true,model="Xeon \"E5\"" 1700000000000000000
//! name ,tags           fields                                                time
//! ```
//!
//! [`Parser`] reads one line into spans over its text, [`LineWriter`] appends one to a buffer.
//! Neither allocates once its buffers have grown to what the lines need.
//!
//! # The dialect
//! It is the one of InfluxDB 1.x and so of Kapacitor, whose own `/write` endpoint takes it:
//!
//! - Between name, tags, fields and time stand spaces (tabs are let pass). Lines end with `\n` or
//!   `\r\n`; blank lines and lines that begin with `#` hold no point.
//! - `\,` and `\ ` in a name, and also `\=` in tag keys, tag values and field keys, are the
//!   character itself. In field keys `\"` is a double quote. Any other backslash stands for
//!   itself.
//! - Field values are floats (`1`, `1.5`, `-.5`, `1e-3`), integers (`1i`), unsigned integers
//!   (`1u`), booleans (`t T true True TRUE`, `f F false False FALSE`) and strings in double
//!   quotes, in which `\"` and `\\` are the two escapes, and a line break is a part of the string.
//! - A point has no unsigned fields in Kapacitor: `1u` becomes an integer, and one above
//!   9223372036854775807 is refused.
//! - Refused as InfluxDB refuses them: lines without fields, empty names, keys and values, a tag
//!   that comes twice, NaN and infinities, numbers and times out of range, text that is not UTF-8.
//!   Of a field that comes twice, the last one counts.
//! - Time is a whole number since the epoch, UTC, in the parser's [`Precision`]; it may be left
//!   out.
//!
//! # What line protocol cannot hold
//! [`LineWriter`] never writes what would be read as something else; it leaves it out and says
//! so by [`Omitted`]: NaN and infinite floats, line breaks outside of string fields, keys and
//! values that are empty or end with a backslash, names that begin with `#`.

// Uses `data`.

mod error;
mod habit;
#[allow(
    clippy::module_inception,
    reason = "a line is what the module is about"
)]
mod line;
mod loss;
mod number;
mod parse;
mod point;
mod span;
mod spell;
mod split;
mod unique;
mod write;

pub use error::{LineError, Reason};
pub use line::Line;
pub(crate) use line::Raw;
pub use loss::{Loss, Omitted};
pub use parse::Parser;
pub(crate) use parse::Scanned;
pub(crate) use split::{LineEnd, line_end};
pub use write::LineWriter;

/// The unit in which times are given in line protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Nanoseconds, the unit of InfluxDB when nothing is said.
    #[default]
    Nanoseconds,
    /// Microseconds.
    Microseconds,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
}

impl Precision {
    /// Nanoseconds in one unit.
    pub const fn nanoseconds(self) -> i64 {
        match self {
            Precision::Nanoseconds => 1,
            Precision::Microseconds => 1_000,
            Precision::Milliseconds => 1_000_000,
            Precision::Seconds => 1_000_000_000,
        }
    }

    /// The unit of its usual abbreviation: `ns` (or `n`), `us` (or `u`, `µs`), `ms`, `s`.
    pub fn from_abbreviation(text: &str) -> Option<Self> {
        Some(match text {
            "ns" | "n" => Precision::Nanoseconds,
            "us" | "u" | "µs" => Precision::Microseconds,
            "ms" => Precision::Milliseconds,
            "s" => Precision::Seconds,
            _ => return None,
        })
    }
}

/// Which bytes are among `bytes`.
const fn byte_table(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
}
