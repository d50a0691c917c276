//! The output of a UDF that provides a stream.

use udf_proto::EdgeType;

use super::{Destination, Output, sealed::Sealed};
use crate::data::Point;
use crate::error::Result;

/// Where a UDF that provides a stream sends its points.
///
/// The output of callbacks is collected, and written when no more input is available or 64 KiB were
/// collected. This costs neither throughput nor latency.
#[derive(Debug)]
pub struct StreamOutput {
    to: Destination,
}

impl StreamOutput {
    /// Sends a point.
    ///
    /// # Errors
    /// A [`SendError`](crate::SendError): `Write` if Kapacitor is gone, `TooLarge`.
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
