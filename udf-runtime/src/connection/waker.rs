//! [`Waker`]: wakes the thread that waits for an input.

use std::io::{self, PipeReader, PipeWriter, Write as _};
use std::net::Shutdown;
use std::sync::Arc;

use super::descriptor::Descriptor;

/// Wakes the thread that waits for an input. After a wake, the input never waits again.
#[derive(Clone)]
pub(crate) struct Waker(Way);

#[derive(Clone)]
enum Way {
    /// Shuts down the socket's reading direction: received bytes can still be read, then the end. Needs no
    /// descriptor, which leaves a server room for more connections.
    Shutdown(Arc<Descriptor>),
    /// Makes a pipe readable, on which the thread waits together with the input.
    Pipe(Arc<(PipeReader, PipeWriter)>),
}

impl Waker {
    pub(super) fn of(input: &Arc<Descriptor>) -> io::Result<Self> {
        Ok(match **input {
            Descriptor::Socket(_) => Self::shutting_down(input),
            Descriptor::Other(_) => Self(Way::Pipe(Arc::new(io::pipe()?))),
        })
    }

    pub(super) fn shutting_down(socket: &Arc<Descriptor>) -> Self {
        Self(Way::Shutdown(socket.clone()))
    }

    /// The descriptor that becomes readable, if it is not the input itself.
    pub(super) fn descriptor(&self) -> Option<&PipeReader> {
        match &self.0 {
            Way::Shutdown(_) => None,
            Way::Pipe(pipe) => Some(&pipe.0),
        }
    }

    pub(crate) fn wake(&self) {
        match &self.0 {
            Way::Shutdown(socket) => socket.shut_down(Shutdown::Read),
            // Fails only if the pipe is full, and then it has woken the thread already.
            Way::Pipe(pipe) => drop((&pipe.1).write(&[0])),
        }
    }
}
