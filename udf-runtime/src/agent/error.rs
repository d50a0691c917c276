//! What ends an agent, other than the end of its input.

use std::fmt;
use std::io;
use std::time::Duration;

use log::Level;

use crate::error::Error;
use crate::output::SendError;
use crate::protocol::FrameError;

/// What ends an agent, other than the end of its input. Messages are counted from 1, offsets are
/// bytes from the start of the input.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// The input is not a stream of frames.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A frame does not hold a message of the protocol.
    #[error("message {number} at offset {offset} is not a request: {reason}")]
    Message {
        /// Which message it is.
        number: u64,
        /// Where its frame begins.
        offset: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The input is text, such as line protocol, and not the protocol of Kapacitor.
    #[error(
        "the input is text, and not Kapacitor's protocol; help: to run the UDF on line protocol, call `PROGRAM pipe`"
    )]
    Text,
    /// A message came when the protocol does not allow it.
    #[error("message {number} at offset {offset}: {violation}")]
    Protocol {
        /// Which message it is.
        number: u64,
        /// Where its frame begins.
        offset: u64,
        /// Why the protocol does not allow it.
        violation: String,
    },
    /// A callback returned an error.
    #[error("{error}{at}")]
    Handler {
        /// Which callback.
        callback: Callback,
        /// Empty, or the point or batch that it was called with.
        at: String,
        /// What it returned.
        error: Error,
    },
    /// A callback panicked.
    #[error("{callback} panicked: {message}{at}")]
    Panic {
        /// Which callback.
        callback: Callback,
        /// Empty, or the point or batch that it was called with.
        at: String,
        /// The panic's message, and its place in the source if known.
        message: String,
    },
    /// A callback did not return in time.
    #[error("{callback} has not returned for {limit:?}, the limit of one call")]
    Stuck {
        /// Which callback.
        callback: Callback,
        /// How long it may take.
        limit: Duration,
    },
    /// A snapshot is larger than a message may be, so it could not be restored.
    #[error(
        "the snapshot has {size} bytes, and a message at most {limit}; help: keep less state, or raise the limit of \
         a message"
    )]
    SnapshotTooLarge {
        /// Bytes of the snapshot.
        size: usize,
        /// Bytes that a message may have: [`Limits::message_bytes`](crate::Limits::message_bytes).
        limit: usize,
    },
    /// A thread of the UDF has called [`Sender::fail`](crate::Sender::fail).
    #[error("{error}")]
    Sender {
        /// The error that it passed.
        error: Error,
    },
    /// The output cannot be written. Most probably Kapacitor is gone.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The reader and the writer cannot be used.
    #[error("the connection cannot be used: {0}")]
    Connection(io::Error),
    /// The system has no more threads.
    #[error("no thread could be started: {0}")]
    Thread(io::Error),
}

impl AgentError {
    /// The level at which the error is logged.
    pub(crate) fn level(&self) -> Level {
        match self {
            // Happens when a task is stopped under load. The UDF has not failed.
            Self::Send(_) => Level::Warn,
            _ => Level::Error,
        }
    }
}

/// One of a [`Handler`](crate::Handler)'s callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
#[expect(missing_docs, reason = "they are the handler's")]
pub enum Callback {
    Info = 1,
    Init,
    Snapshot,
    Restore,
    BeginBatch,
    Point,
    EndBatch,
    Stop,
    Tick,
    /// The handler's `Drop`, after the last callback.
    Drop,
}

impl Callback {
    const ALL: [Self; 10] = [
        Self::Info,
        Self::Init,
        Self::Snapshot,
        Self::Restore,
        Self::BeginBatch,
        Self::Point,
        Self::EndBatch,
        Self::Stop,
        Self::Tick,
        Self::Drop,
    ];

    /// The callback with a number, or `None` for 0.
    pub(super) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }
}

impl fmt::Display for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Init => "init",
            Self::Snapshot => "snapshot",
            Self::Restore => "restore",
            Self::BeginBatch => "begin_batch",
            Self::Point => "point",
            Self::EndBatch => "end_batch",
            Self::Stop => "stop",
            Self::Tick => "tick",
            Self::Drop => "drop",
        })
    }
}
