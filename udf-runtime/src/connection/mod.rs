//! The connection to Kapacitor: a pipe each way, a socket, or any reader and writer.
//!
//! The agent's thread waits on the [`Input`] until bytes come, something is due, or another thread wakes
//! it. Any thread may write to the [`Output`]. A write that is blocked for a while reads the input ahead,
//! because Kapacitor may be waiting for that: see `output.rs`.

// Uses `process`.

mod descriptor;
mod endpoint;
mod input;
mod output;
mod pump;
#[cfg(test)]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "on Windows, it takes this module's place"
)]
mod threaded;
mod waker;

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use descriptor::Descriptor;
pub(crate) use endpoint::{Source, Target};
pub(crate) use input::{Input, Received};
pub(crate) use output::{Output, READ_AHEAD_AFTER};
pub(crate) use pump::Pump;
pub(crate) use waker::Waker;

/// The two ends of a connection. The output reads the input ahead.
pub(crate) struct Connection {
    pub(crate) input: Arc<Input>,
    pub(crate) output: Output,
    /// Copies to a writer that is not a descriptor.
    pub(crate) pump: Option<Pump>,
}

impl Connection {
    /// Both ends of a socket, in one descriptor. So a server can serve every connection that it can accept.
    pub(crate) fn of_socket(socket: OwnedFd) -> Self {
        let socket = Arc::new(Descriptor::Socket(socket.into()));
        let input = Arc::new(Input::new(socket.clone(), Waker::shutting_down(&socket)));
        Self {
            output: Output::new(socket, input.clone()),
            input,
            pump: None,
        }
    }

    /// A connection between a source of requests and a target of responses.
    pub(crate) fn between(source: Source, target: Target) -> io::Result<Self> {
        let (input, source) = source.into_descriptor()?;
        let (output, pump) = target.into_descriptor()?;
        let input = Arc::new(Descriptor::of_input(input)?);
        let mut input = Input::new(input.clone(), Waker::of(&input)?);
        input.pump = source;
        let input = Arc::new(input);
        let output = Output::new(Arc::new(Descriptor::of_output(output)?), input.clone());
        Ok(Self {
            input,
            output,
            pump,
        })
    }
}
