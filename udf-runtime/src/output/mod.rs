//! Where a UDF sends its points and batches.
//!
//! Three ways lead to Kapacitor: a callback's [`StreamOutput`] or [`BatchOutput`], which gathers
//! frames in a buffer of its own and takes no lock for a point, and the [`Sender`], which any
//! thread may have. All of them end in one [`Wire`], which writes whole frames, and whole
//! batches, one behind the other.

// Uses `data` and `protocol`.

mod batch;
mod collected;
mod error;
mod sender;
mod stream;
mod wire;

use std::sync::Arc;

use udf_proto::{EdgeType, response::Message};

pub use batch::{BatchOutput, BatchWriter};
pub(crate) use collected::Collected;
pub use error::SendError;
pub use sender::Sender;
pub use stream::StreamOutput;
pub(crate) use wire::{Gathered, Wire};

/// What a UDF provides: [`StreamOutput`] or [`BatchOutput`].
///
/// That a UDF sends what it said that it provides is thereby a matter of types; Kapacitor itself
/// does not look.
pub trait Output: sealed::Sealed + Send + Sized + 'static {
    /// The edge that the UDF provides.
    const EDGE: EdgeType;
}

pub(crate) mod sealed {
    use super::To;
    use crate::data::{Batch, Point};
    use crate::error::Result;

    /// What the agent needs of an output.
    pub trait Sealed {
        #[doc(hidden)]
        fn to(to: To) -> Self;

        #[doc(hidden)]
        fn target(&mut self) -> &mut To;

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
pub enum To {
    /// To Kapacitor.
    Wire(Gathered),
    /// To whoever takes what was collected.
    Collected(Collected),
}

impl To {
    pub(crate) fn wire(wire: Arc<Wire>) -> Self {
        Self::Wire(Gathered::new(wire))
    }

    /// Answers a request. Only Kapacitor is answered, and only what is sent to it gathers.
    pub(crate) fn respond(&mut self, message: Message) -> Result<(), SendError> {
        match self {
            Self::Wire(gathered) => gathered.respond(message),
            Self::Collected(_) => Ok(()),
        }
    }

    /// Writes what was gathered.
    pub(crate) fn flush(&mut self) -> Result<(), SendError> {
        match self {
            Self::Wire(gathered) => gathered.flush(),
            Self::Collected(_) => Ok(()),
        }
    }

    /// Writes what was gathered, and the last message behind it.
    pub(crate) fn close(&mut self, last: Option<Message>) -> Result<(), SendError> {
        match self {
            Self::Wire(gathered) => gathered.close(last),
            Self::Collected(_) => Ok(()),
        }
    }
}
