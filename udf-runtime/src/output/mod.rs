//! The destinations of a UDF's points and batches.
//!
//! A callback sends to its [`StreamOutput`] or [`BatchOutput`], which collects frames in a buffer. Any thread
//! may send with a [`Sender`]. All of them write through one [`ResponseWriter`], which writes whole frames
//! and whole batches, one after the other.

// Uses `data`, `connection` and `protocol`.

mod batch;
mod buffered;
mod collected;
mod encode;
mod error;
mod outlet;
mod sender;
mod stream;
mod writer;

use std::sync::Arc;

use udf_proto::{EdgeType, response::Message};

pub use batch::BatchOutput;
pub(crate) use buffered::Buffered;
pub(crate) use collected::Collected;
pub use error::SendError;
pub(crate) use outlet::Outlet;
pub use sender::Sender;
pub use stream::StreamOutput;
pub(crate) use writer::ResponseWriter;

use crate::data::{Batch, Point};
use crate::error::Result;

/// What a UDF provides: [`StreamOutput`] or [`BatchOutput`].
///
/// The types ensure that a UDF sends only what it provides. Kapacitor itself does not check this.
pub trait Output: sealed::Sealed + Send + Sized + 'static {
    /// The edge that the UDF provides.
    const EDGE: EdgeType;
}

pub(crate) mod sealed {
    use super::Destination;

    /// What the agent needs from an output.
    pub trait Sealed {
        #[doc(hidden)]
        fn to(to: Destination) -> Self;

        #[doc(hidden)]
        fn target(&mut self) -> &mut Destination;
    }
}

/// The destination of an output.
#[derive(Debug)]
pub enum Destination {
    /// To Kapacitor.
    Kapacitor(Buffered),
    /// To a list, for `pipe`.
    Collected(Collected),
}

impl Destination {
    /// The destination of callbacks' output to Kapacitor.
    pub(crate) fn kapacitor(writer: Arc<ResponseWriter>) -> Self {
        Self::Kapacitor(Buffered::new(writer))
    }

    /// Sends a point.
    #[inline]
    pub(crate) fn point(&mut self, point: Point) -> Result<()> {
        match self {
            Self::Kapacitor(buffered) => Ok(buffered.point(&point)?),
            Self::Collected(collected) => {
                collected.points.push(point);
                Ok(())
            }
        }
    }

    /// Sends a batch.
    pub(crate) fn batch(&mut self, batch: Batch) -> Result<()> {
        match self {
            Self::Kapacitor(buffered) => Ok(buffered.batch(&batch)?),
            Self::Collected(collected) => {
                collected.batches.push(batch);
                Ok(())
            }
        }
    }

    /// Answers a request of Kapacitor's. Does nothing for a list.
    pub(crate) fn respond(&mut self, message: Message) -> Result<(), SendError> {
        match self {
            Self::Kapacitor(buffered) => buffered.respond(message),
            Self::Collected(_) => Ok(()),
        }
    }

    /// Writes the buffered output.
    pub(crate) fn flush(&mut self) -> Result<(), SendError> {
        match self {
            Self::Kapacitor(buffered) => buffered.flush(),
            Self::Collected(_) => Ok(()),
        }
    }

    /// Writes the buffered output, then the last message, and closes the output.
    pub(crate) fn close(&mut self, last: Option<Message>) -> Result<(), SendError> {
        match self {
            Self::Kapacitor(buffered) => buffered.close(last),
            Self::Collected(_) => Ok(()),
        }
    }
}
