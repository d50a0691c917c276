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
//! It is that of InfluxDB 1.x and so of Kapacitor, whose own `/write` endpoint takes it. The page
//! `docs/line-protocol.md` has every difference to InfluxDB 1.x, InfluxDB 2.x and Telegraf in a table.
//!
//! - Spaces stand between name, tags, fields and time. Lines end with `\n` or `\r\n`. Blank lines and
//!   lines that begin with `#` hold no point.
//! - `\,`, `\ ` and `\=` in names, tags and field keys, and `\"` in names and field keys, are the second
//!   character alone. Any other backslash is a character.
//! - Field values are floats (`1`, `1.5`, `-.5`, `1e-3`), integers (`1i`), unsigned integers
//!   (`1u`), booleans (`t T true True TRUE`, `f F false False FALSE`) and strings in double
//!   quotes. In strings, `\"` and `\\` are the two escapes, and a line break is text.
//! - A point has no unsigned fields in Kapacitor: `1u` becomes an integer, and one above
//!   9223372036854775807 is refused.
//! - Refused are lines without fields, empty names, keys and tag values, a tag that comes twice, NaN and
//!   infinities, numbers and times out of range, text that is not UTF-8. The last one of a repeated field
//!   counts.
//! - Time is a whole number since the epoch, UTC, in the parser's [`Precision`]. It may be missing.
//!
//! # What line protocol cannot hold
//! [`LineWriter`] writes no line that InfluxDB refuses, but for times at the ends of the range. What has no
//! spelling is left out, what has none that all readers take alike is written as Telegraf does it, and
//! [`Omitted`] counts both.

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

/// The unit of times in line protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Nanoseconds, InfluxDB's default.
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
