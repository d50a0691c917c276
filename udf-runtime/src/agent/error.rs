//! What ends an agent, other than the end of its input.

use std::fmt;
use std::io;
use std::time::Duration;

use log::Level;
use udf_proto::prost::DecodeError;

use crate::error::Error;
use crate::output::SendError;
use crate::protocol::FrameError;

/// What ends an agent, other than the end of its input. Messages are counted from 1, offsets are
/// bytes from the start of the input.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// The input is no stream of frames.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A frame holds no message of the protocol.
    #[error("message {number} at offset {offset} is no request: {error}")]
    Message {
        /// Which message it is.
        number: u64,
        /// Where its frame begins.
        offset: u64,
        /// What is wrong with it.
        #[source]
        error: DecodeError,
    },
    /// A message came that cannot come there.
    #[error("message {number} at offset {offset}: {violation}")]
    Protocol {
        /// Which message it is.
        number: u64,
        /// Where its frame begins.
        offset: u64,
        /// Why it cannot come there.
        violation: String,
    },
    /// A callback returned an error.
    #[error("{error}{at}")]
    Handler {
        /// Which callback.
        callback: Callback,
        /// What it was about: empty, or which point or batch.
        at: String,
        /// What it returned.
        error: Error,
    },
    /// A callback panicked.
    #[error("{callback} panicked: {message}{at}")]
    Panic {
        /// Which callback.
        callback: Callback,
        /// What it was about: empty, or which point or batch.
        at: String,
        /// The panic's message, and where in the source it happened where that is known.
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
    /// The output cannot be written; Kapacitor has most probably gone away.
    #[error(transparent)]
    Send(#[from] SendError),
    /// No thread could be had.
    #[error("no thread could be started: {0}")]
    Thread(#[source] io::Error),
}

impl AgentError {
    /// How loudly it is to be logged.
    pub(crate) fn level(&self) -> Level {
        match self {
            // As it goes when a task is stopped under load: nothing has failed.
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
}

impl Callback {
    const ALL: [Self; 9] = [
        Self::Info,
        Self::Init,
        Self::Snapshot,
        Self::Restore,
        Self::BeginBatch,
        Self::Point,
        Self::EndBatch,
        Self::Stop,
        Self::Tick,
    ];

    /// The callback of a number; `None` for 0, which stands for none.
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
        })
    }
}
