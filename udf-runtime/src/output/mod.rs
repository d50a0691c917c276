//! Where a UDF sends its points and batches.
//!
//! Three ways lead to Kapacitor: a callback's [`StreamOutput`] or [`BatchOutput`], which gather frames in
//! a buffer, and the [`Sender`], which any thread may have. All of them end in one [`ResponseWriter`],
//! which writes whole frames, and whole batches, one behind the other.

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

/// What a UDF provides: [`StreamOutput`] or [`BatchOutput`].
///
/// That a UDF sends what it said that it provides is thereby a matter of types; Kapacitor itself
/// does not look.
pub trait Output: sealed::Sealed + Send + Sized + 'static {
    /// The edge that the UDF provides.
    const EDGE: EdgeType;
}

pub(crate) mod sealed {
    use super::Destination;
    use crate::data::{Batch, Point};
    use crate::error::Result;

    /// What the agent needs of an output.
    pub trait Sealed {
        #[doc(hidden)]
        fn to(to: Destination) -> Self;

        #[doc(hidden)]
        fn target(&mut self) -> &mut Destination;

        /// Hands a point on as it came.
        #[doc(hidden)]
        fn pass_point(&mut self, point: Point) -> Result<()>;

        /// Hands a batch on as it came.
        #[doc(hidden)]
        fn pass_batch(&mut self, batch: Batch) -> Result<()>;
    }
}

/// Where an output leads.
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

    /// Answers a request. Only Kapacitor is answered, and only what is sent to it gathers.
    pub(crate) fn respond(&mut self, message: Message) -> Result<(), SendError> {
        match self {
            Self::Kapacitor(buffered) => buffered.respond(message),
            Self::Collected(_) => Ok(()),
        }
    }

    /// Writes what was gathered.
    pub(crate) fn flush(&mut self) -> Result<(), SendError> {
        match self {
            Self::Kapacitor(buffered) => buffered.flush(),
            Self::Collected(_) => Ok(()),
        }
    }

    /// Writes what was gathered, and the last message behind it.
    pub(crate) fn close(&mut self, last: Option<Message>) -> Result<(), SendError> {
        match self {
            Self::Kapacitor(buffered) => buffered.close(last),
            Self::Collected(_) => Ok(()),
        }
    }
}
