//! Why something could not be sent.

use std::io;

/// Why a point or batch could not be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The UDF has ended, so nothing reaches Kapacitor any more.
    #[error("the UDF has ended, nothing can be sent any more")]
    Closed,
    /// A callback has sent more than is held until Kapacitor takes data. Kapacitor takes data after `Init`.
    #[error(
        "more than {limit} bytes were sent before Kapacitor takes data; help: send them after `on_init`"
    )]
    Early {
        /// Bytes that are held at most.
        limit: usize,
    },
    /// A point is too large for one message.
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
        /// What the UDF provides.
        provides: &'static str,
        /// What the call tried to send.
        sent: &'static str,
    },
    /// Writing failed. Most probably Kapacitor is gone.
    #[error("writing to Kapacitor failed: {0}")]
    Write(io::Error),
}
