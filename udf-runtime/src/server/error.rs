//! What ends a server.

use std::io;
use std::path::PathBuf;

/// What ends a server, or keeps it from starting.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The listener is of no more use.
    #[error("the listener is of no more use: {0}")]
    Listener(#[source] io::Error),
    /// A socket's path is longer than the system allows.
    #[error(
        "the socket path {path:?} has {len} bytes, more than the {limit} that a socket may have; choose a shorter one"
    )]
    PathTooLong {
        /// The path.
        path: PathBuf,
        /// Its bytes.
        len: usize,
        /// The bytes that are allowed.
        limit: usize,
    },
    /// Something else is where the socket should be.
    #[error("{path:?} is there and is no socket; it stays as it is, choose another path")]
    NoSocket {
        /// The path.
        path: PathBuf,
    },
    /// A server that lives has the socket.
    #[error("{path:?} belongs to a server that is running; stop it first, or choose another path")]
    InUse {
        /// The path.
        path: PathBuf,
    },
    /// The socket could not be made.
    #[error("the socket {path:?} cannot be made: {error}")]
    Bind {
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
}
