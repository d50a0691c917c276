//! Errors of a server.

use std::io;
use std::path::PathBuf;

/// The reason why a server has ended or cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The listener has failed.
    #[error("the listener has failed: {0}")]
    Listener(io::Error),
    /// A socket's path is longer than the system allows.
    #[error("expected a socket path of at most {limit} bytes, found {path:?} with {len}")]
    PathTooLong {
        /// The path.
        path: PathBuf,
        /// The path's length in bytes.
        len: usize,
        /// The allowed length in bytes.
        limit: usize,
    },
    /// The path exists and is not a socket.
    #[error("{path:?} exists and is not a socket; help: choose another path")]
    NoSocket {
        /// The path.
        path: PathBuf,
    },
    /// Another server listens on the socket.
    #[error("{path:?} belongs to a running server; help: stop it first, or choose another path")]
    InUse {
        /// The path.
        path: PathBuf,
    },
    /// The socket could not be created.
    #[error("the socket {path:?} cannot be created: {error}")]
    Bind {
        /// The path.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// The service manager has passed something other than one listening Unix socket.
    #[error(
        "expected one listening Unix socket from the service manager, found {found}; \
         help: the .socket unit needs one `ListenStream=` with a path, and no `Accept=yes`"
    )]
    Passed {
        /// What it has passed.
        found: String,
    },
}
