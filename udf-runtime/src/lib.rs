//! Kapacitor UDFs from an annotated struct.
//!
//! A UDF is a program that Kapacitor sends points or batches to, and that sends points or batches
//! back. Here it is a struct with [`#[udf]`](macro@udf), whose fields are its options and its
//! state, and a method:
//!
//! ```no_run
//! use udf_runtime::prelude::*;
//!
//! /// Hands on what is above a limit.
//! #[udf(stream)]
//! struct Above {
//!     /// Field to look at.
//!     field: String,
//!     /// Limit, which is not above itself.
//!     #[option(default = 0.0)]
//!     limit: f64,
//! }
//!
//! impl OnPoint for Above {
//!     fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
//!         if point.number(&self.field)? > self.limit {
//!             out.point(point)?;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! udf_runtime::main!(Above);
//! ```
//!
//! [`main!`] makes the program's command line: it serves Kapacitor on stdin and stdout or on a
//! socket, shows the UDF's options (`info`) and the configuration that Kapacitor needs (`config`),
//! and runs the UDF on line protocol without Kapacitor (`pipe`).
//!
//! # Where to look
//!
//! | for | see |
//! |---|---|
//! | the attributes of the struct and its fields, and the hooks | [`macro@udf`] |
//! | types that a field may have as an option | [`options`] |
//! | what a callback gets and sends | [`Point`], [`Batch`], [`StreamOutput`], [`BatchOutput`], [`PerGroup`] |
//! | snapshots | [`macro@state`], [`mod@state`] |
//! | errors | [`Error`], [`PointError`], [`SendError`] |
//! | the protocol by hand, without the macro | [`Handler`], [`Agent`], [`Server`], [`Sender`], [`proto`] |
//! | line protocol | [`mod@line`], [`pipe`] |
//! | tests without Kapacitor | [`testing`] |
//!
//! # Logging
//!
//! A UDF logs through the [`log`] facade (`info!` and its like are in the [`prelude`]). The
//! program that [`main!`] makes writes each record as one line to standard error, which Kapacitor
//! copies into its own log; `UDF_LOG` says from which level on. What is printed to standard output
//! lands there as well.
#![warn(missing_docs)]

// The macros name this crate by its own name, here as everywhere.
#[allow(
    unused_extern_crates,
    reason = "generated code is in the documentation's tests, too"
)]
extern crate self as udf_runtime;

mod agent;
mod cli;
mod connection;
mod data;
mod error;
pub mod line;
mod output;
pub mod pipe;
pub mod prelude;
mod process;
mod protocol;
mod server;
pub mod testing;
mod udf;

pub use agent::{Agent, AgentError, Callback, Handler, Info, Limits, Running, Stopper, Verdict};
pub use data::{AsFieldValue, Batch, FieldValue, Grouped, PerGroup, Point, PointError};
pub use error::{Context, Error, Result};
pub use output::{BatchOutput, Output, SendError, Sender, StreamOutput};
pub use protocol::FrameError;
pub use server::{Listener, Server, ServerError, ServerStopper, UnixSocket};
pub use udf::{
    CustomState, MigrateState, OnBatch, OnError, OnPoint, OnRestoreError, Spec, Task, Udf,
    UdfHandler, options, state,
};
pub use udf_macros::{OptionValue, state, udf};
pub use udf_proto as proto;

/// Traits that `#[udf]` asks of the types in a UDF, as the compiler's messages name them.
///
/// All are implemented for the types that fit; there is nothing to implement by hand.
pub mod requirements {
    pub use crate::cli::InProgram;
    pub use crate::udf::generated::default::{Check, CheckResult, IntoBound, IntoDefault};
    pub use crate::udf::generated::state::{Expire, Fresh, Period, Stored};
}

/// What generated code names, and nothing else may: it changes with any version. The macros' exact
/// version in Cargo.toml keeps the two sides together.
#[doc(hidden)]
pub mod __private {
    pub use crate::cli::{Entry, InProgram, check_names, main};
    pub use crate::udf::generated::*;
}
