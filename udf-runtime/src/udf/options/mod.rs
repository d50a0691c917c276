//! The options of a UDF: what it declares, and what a TICKscript gives.
//!
//! A field of a UDF's struct becomes an option by its type. Three traits say how, each over the
//! one before it:
//!
//! | trait | what it is | implemented by |
//! |---|---|---|
//! | [`OptionValue`] | one argument | `bool`, integers, floats, `String`, `Duration`, your own |
//! | [`Arguments`] | what one call takes | every `OptionValue`; tuples and arrays of them |
//! | [`OptionField`] | how often it is called | once: all `Arguments`; at most once: `Option`; any number of times: `Vec` |
//!
//! Implement the first for types of your own. Everything that is wrong with an `Init` is reported at
//! once, as [`OptionErrors`].

mod arguments;
mod assignment;
mod declared;
mod error;
mod field;
mod range;
mod reader;
mod spec;
mod tick;
mod value;

pub use arguments::{Arguments, Ranged};
pub(crate) use assignment::example_assignment;
pub use assignment::{AssignmentError, parse_assignment};
#[doc(hidden)]
pub use declared::{BoxedCheck, Declared};
pub use error::{OptionError, OptionErrors};
pub use field::OptionField;
pub use range::ValueRange;
#[doc(hidden)]
pub use reader::OptionReader;
pub use spec::{OptionSpec, Shape};
pub use udf_tickscript::{ParseDurationError, parse_duration, show_duration};
pub use value::{Given, OptionValue, Ordered, Value, ValueError};
