//! What the tests here share: points as all parsers can give them, our reading of a line, and the
//! oracle, a process that reads lines with the parsers of InfluxDB 1.x, `line-protocol` v2 and Telegraf.

pub mod oracle;
pub mod ours;
pub mod point;
pub mod random;
pub mod texts;

pub use oracle::{Oracle, Reading, Readings};
pub use point::{Point, Value};
