//! Kapacitor UDFs from an annotated struct.
#![warn(missing_docs)]

mod agent;
mod batch;
mod codec;
mod error;
mod handler;
pub mod line;
mod output;
mod panics;
mod per_group;
pub mod pipe;
mod point;
mod server;

pub use agent::{Agent, AgentError, Callback, Limits, Running, Stopper};
pub use batch::Batch;
pub use codec::FrameError;
pub use error::{Error, Result};
pub use handler::{Handler, Info, Verdict};
pub use output::{BatchOutput, BatchWriter, Output, SendError, Sender, StreamOutput};
pub use per_group::{Grouped, PerGroup};
pub use point::{FieldValue, Point, PointError};
pub use server::{Connection, Listener, Server, ServerError, ServerStopper, UnixSocket};
pub use udf_proto as proto;
