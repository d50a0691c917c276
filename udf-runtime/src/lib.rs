//! Kapacitor UDFs from an annotated struct.
//!
//! A UDF is a program. Kapacitor sends it points or batches, and it sends points or batches back. With this
//! crate, a UDF is a struct with [`#[udf]`](macro@udf) and a method. The fields are its options and its
//! state:
//!
//! ```no_run
//! use udf_runtime::prelude::*;
//!
//! /// Passes on points above a limit.
//! #[udf(stream)]
//! struct Above {
//!     /// Field to look at.
//!     field: String,
//!     /// Limit; a value that equals it is dropped.
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
//! # In the order in which you need it
//!
//! 1. **A struct and its edges**: [`macro@udf`] lists the attributes; [`OnPoint`] and [`OnBatch`] are the
//!    hooks, with when each is called.
//! 2. **Options**: [`options`] lists the types of fields; [`macro@OptionValue`] makes an enum one of them.
//! 3. **Data**: [`Point`] and [`Batch`] come in; a [`StreamOutput`] or a [`BatchOutput`] takes what goes out.
//! 4. **State**: [`PerGroup`] keeps a value for each group; [`macro@state`] and [`mod@state`] are about
//!    snapshots and their versions.
//! 5. **Errors**: [`Error`], [`Context`], [`bail!`] and [`ensure!`]; [`PointError`] and [`SendError`] are
//!    those of the data and of the output.
//! 6. **Tests** without Kapacitor: [`testing`].
//! 7. **Threads**: [`Task::sender`] gives a [`Sender`], which sends from any thread.
//! 8. **The program**: [`main!`], and [`pipe`] for [`mod@line`] protocol.
//! 9. **The protocol by hand**, without the macro: [`Handler`], [`Agent`], [`Server`], [`proto`].
//!
//! # Logging
//!
//! A UDF logs through the [`log`] facade; the [`prelude`] has `info!` and its siblings. The program that
//! [`main!`] makes writes each record as one line to standard error, which Kapacitor copies into its own
//! log. `UDF_LOG` sets the level. What is printed to standard output goes there as well.
#![warn(missing_docs)]

// Generated code names this crate by its name, also inside of this crate.
#[allow(
    unused_extern_crates,
    reason = "generated code is in the doc tests, too"
)]
extern crate self as udf_runtime;

mod agent;
mod cli;
#[cfg_attr(windows, path = "connection/threaded.rs")]
mod connection;
mod data;
mod error;
pub mod line;
mod output;
pub mod pipe;
pub mod prelude;
mod process;
mod protocol;
#[cfg(unix)]
mod server;
pub mod testing;
mod udf;

pub use agent::{Agent, AgentError, Callback, Handler, Info, Limits, Running, Verdict};
pub use data::{AsFieldValue, Batch, FieldValue, Grouped, PerGroup, Point, PointError};
pub use error::{Context, Error, Result};
pub use output::{BatchOutput, Output, SendError, Sender, StreamOutput};
pub use process::Stopper;
pub use protocol::FrameError;
#[cfg(unix)]
pub use server::{Listener, Server, ServerError, UnixSocket};
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
