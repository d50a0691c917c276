//! The output of a UDF that provides batches.

use udf_proto::EdgeType;

use super::{Destination, Output, sealed::Sealed};
use crate::data::{Batch, Point};
use crate::error::Result;

/// Where a UDF that provides batches sends them.
///
/// A batch goes out whole or not at all, with its true size, and nothing comes between its
/// points.
#[derive(Debug)]
pub struct BatchOutput {
    to: Destination,
}

impl BatchOutput {
    /// Sends a batch.
    ///
    /// # Errors
    /// A [`SendError`](crate::SendError): `Write` where Kapacitor has gone away, `TooLarge`;
    /// nothing of the batch was sent then.
    pub fn batch(&mut self, batch: Batch) -> Result<()> {
        match &mut self.to {
            Destination::Kapacitor(buffered) => Ok(buffered.batch(&batch)?),
            Destination::Collected(collected) => {
                collected.batches.push(batch);
                Ok(())
            }
        }
    }

    /// Begins a batch that has the name, group, tags and `tmax` of another.
    ///
    /// It is sent when it is [finished](BatchWriter::finish); one that is dropped before, as by
    /// an error that `?` returns, is not sent at all.
    ///
    /// ```
    /// use udf_runtime::{Batch, BatchOutput, Result};
    ///
    /// /// Sends every second point.
    /// fn thin_out(batch: &Batch, out: &mut BatchOutput) -> Result<()> {
    ///     let mut thinner = out.begin_like(batch);
    ///     for point in batch.points().iter().step_by(2) {
    ///         thinner.point(point.clone());
    ///     }
    ///     thinner.finish()?;
    ///     Ok(())
    /// }
    /// ```
    pub fn begin_like(&mut self, other: &Batch) -> BatchWriter<'_> {
        BatchWriter {
            batch: Batch::like(other),
            out: self,
        }
    }

    /// Begins a batch of the group that a point came in.
    pub fn begin_for_group_of(&mut self, point: &Point) -> BatchWriter<'_> {
        BatchWriter {
            batch: Batch::for_group_of(point),
            out: self,
        }
    }
}

/// A batch that is being written.
#[must_use = "a batch is sent when it is finished"]
#[derive(Debug)]
pub struct BatchWriter<'a> {
    out: &'a mut BatchOutput,
    batch: Batch,
}

impl BatchWriter<'_> {
    /// Appends a point.
    pub fn point(&mut self, point: Point) {
        self.batch.push(point);
    }

    /// Sends the batch.
    ///
    /// # Errors
    /// Those of [`BatchOutput::batch`].
    pub fn finish(self) -> Result<()> {
        self.out.batch(self.batch)
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

    /// A stream's point becomes a batch of its own.
    fn pass_point(&mut self, point: Point) -> Result<()> {
        let mut batch = Batch::for_group_of(&point);
        batch.push(point);
        self.batch(batch)
    }

    fn pass_batch(&mut self, batch: Batch) -> Result<()> {
        self.batch(batch)
    }
}
