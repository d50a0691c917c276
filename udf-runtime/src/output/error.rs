//! Why something could not be sent.

use std::io;

/// Why a point or batch could not be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The UDF has ended: Kapacitor hears no more of it.
    #[error("the UDF has ended, nothing can be sent any more")]
    Closed,
    /// A callback has sent more than is held until Kapacitor takes data, which is after `Init`.
    #[error(
        "more than {limit} bytes were sent before Kapacitor takes data; help: send them after `on_init`"
    )]
    Early {
        /// Bytes that are held.
        limit: usize,
    },
    /// Something is too large for one message.
    #[error("a message of {size} bytes is larger than the limit of {limit} bytes")]
    TooLarge {
        /// Bytes that the message would have.
        size: usize,
        /// Bytes that are allowed.
        limit: usize,
    },
    /// A point was sent by a UDF that provides batches, or a batch by one that provides a stream.
    #[error("the UDF provides a {provides}, so a {sent} cannot be sent")]
    WrongEdge {
        /// What the UDF said that it provides.
        provides: &'static str,
        /// What was to be sent.
        sent: &'static str,
    },
    /// Writing failed; the reader has most probably gone away.
    #[error("writing to Kapacitor failed: {0}")]
    Write(io::Error),
}
