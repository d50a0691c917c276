//! The output of a UDF that provides a stream.

use udf_proto::EdgeType;

use super::{Destination, Output, sealed::Sealed};
use crate::data::Point;
use crate::error::Result;

/// Where a UDF that provides a stream sends its points.
///
/// What a callback sends is gathered, and written when the input runs dry or 64 KiB have come
/// together: neither throughput nor latency suffers.
#[derive(Debug)]
pub struct StreamOutput {
    to: Destination,
}

impl StreamOutput {
    /// Sends a point.
    ///
    /// # Errors
    /// A [`SendError`](crate::SendError): `Write` where Kapacitor has gone away, `TooLarge`.
    #[inline]
    pub fn point(&mut self, point: Point) -> Result<()> {
        self.to.point(point)
    }
}

impl Output for StreamOutput {
    const EDGE: EdgeType = EdgeType::Stream;
}

impl Sealed for StreamOutput {
    fn to(to: Destination) -> Self {
        Self { to }
    }

    #[inline]
    fn target(&mut self) -> &mut Destination {
        &mut self.to
    }
}
