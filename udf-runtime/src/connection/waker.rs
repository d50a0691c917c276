//! [`Waker`]: how another thread wakes the one that waits for an input.

use std::io::{self, PipeReader, PipeWriter, Write as _};
use std::net::Shutdown;
use std::sync::Arc;

use super::descriptor::Descriptor;

/// Wakes the thread that waits for an input. Once woken, the input does not wait any more.
#[derive(Clone)]
pub(crate) struct Waker(Way);

#[derive(Clone)]
enum Way {
    /// Ends the socket's reading direction: what has come can still be read, then the end. Takes no
    /// descriptor, of which a server has few for each connection.
    Shutdown(Arc<Descriptor>),
    /// Makes a pipe readable that is waited for beside the input.
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

    /// What becomes readable, if that is not the input itself.
    pub(super) fn descriptor(&self) -> Option<&PipeReader> {
        match &self.0 {
            Way::Shutdown(_) => None,
            Way::Pipe(pipe) => Some(&pipe.0),
        }
    }

    pub(crate) fn wake(&self) {
        match &self.0 {
            Way::Shutdown(socket) => socket.shut_down(Shutdown::Read),
            // Fails only where so much is in the pipe that it has woken the thread already.
            Way::Pipe(pipe) => drop((&pipe.1).write(&[0])),
        }
    }
}
