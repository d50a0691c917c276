//! The output of a UDF that provides batches.

use udf_proto::EdgeType;

use super::{Destination, Output, sealed::Sealed};
use crate::data::Batch;
use crate::error::Result;

/// Where a UDF that provides batches sends them.
///
/// A batch is sent whole or not at all, with its true size, and nothing is sent between its points.
#[derive(Debug)]
pub struct BatchOutput {
    to: Destination,
}

impl BatchOutput {
    /// Sends a batch.
    ///
    /// [`Batch::like`] and [`Batch::for_group_of`] make one for the group of another or of a point.
    ///
    /// ```
    /// use udf_runtime::{Batch, BatchOutput, Result};
    ///
    /// /// Sends every second point.
    /// fn thin_out(batch: &Batch, out: &mut BatchOutput) -> Result<()> {
    ///     let mut thinner = Batch::like(batch);
    ///     thinner.extend(batch.points().iter().step_by(2).cloned());
    ///     out.batch(thinner)
    /// }
    /// ```
    ///
    /// # Errors
    /// A [`SendError`](crate::SendError): `Write` if Kapacitor is gone; `TooLarge`, and then nothing of the batch is
    /// sent.
    pub fn batch(&mut self, batch: Batch) -> Result<()> {
        self.to.batch(batch)
    }
}

impl Output for BatchOutput {
    const EDGE: EdgeType = EdgeType::Batch;
}

impl Sealed for BatchOutput {
    fn to(to: Destination) -> Self {
        Self { to }
    }

    #[inline]
    fn target(&mut self) -> &mut Destination {
        &mut self.to
    }
}
