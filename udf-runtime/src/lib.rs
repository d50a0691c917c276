//! Kapacitor UDFs from an annotated struct.
#![warn(missing_docs)]

// The macros name this crate by its own name, here as everywhere.
#[allow(
    unused_extern_crates,
    reason = "generated code is in the documentation's tests, too"
)]
extern crate self as udf_runtime;

#[doc(hidden)]
pub mod __private;
mod agent;
mod batch;
mod cli;
mod codec;
mod ends;
mod error;
mod handler;
pub mod line;
mod logging;
pub mod options;
mod output;
mod panics;
mod per_group;
pub mod pipe;
mod point;
pub mod prelude;
mod server;
pub mod state;
mod udf;

pub use agent::{Agent, AgentError, Callback, Limits, Running, Stopper};
pub use batch::Batch;
pub use codec::FrameError;
pub use error::{Error, Result};
pub use handler::{Handler, Info, Verdict};
pub use output::{BatchOutput, BatchWriter, Output, SendError, Sender, StreamOutput};
pub use per_group::{Grouped, PerGroup};
pub use point::{FieldValue, Point, PointError};
pub use server::{Listener, Server, ServerError, ServerStopper, UnixSocket};
pub use udf::{OnError, OnRestoreError, Spec, Task, Udf, UdfHandler};
pub use udf_macros::{OptionValue, state, udf};
pub use udf_proto as proto;
