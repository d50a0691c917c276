//! What TICKscript is, as far as a UDF's options are concerned: names, durations, literals and
//! calls.
//!
//! The macros check at compile time what the runtime checks when a task starts. Both use this crate,
//! so that they agree. It has no dependencies.

mod call;
mod duration;
mod literal;
mod name;
mod nearest;

pub use call::{Call, Literal, ParseCallsError, parse_calls};
pub use duration::{ParseDurationError, parse_duration, show_duration};
pub use literal::{show_double, show_string};
pub use name::{NameError, check_name};
pub use nearest::nearest;
