//! Three UDFs that change nothing, one for each pair of edges that the example `mirror` does not have.

use udf_runtime::prelude::*;

/// Sends each batch on unchanged.
#[udf(batch)]
struct MirrorBatch {}

impl OnBatch for MirrorBatch {
    fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
        out.batch(batch)
    }
}

/// Sends a batch's points as a stream.
#[udf(batch -> stream)]
struct Unroll {}

impl OnBatch<StreamOutput> for Unroll {
    fn on_batch(&mut self, batch: Batch, out: &mut StreamOutput) -> Result<()> {
        // In a batch, name and group belong to the batch. In a stream, each point has them.
        for point in batch.into_points() {
            out.point(point)?;
        }
        Ok(())
    }
}

/// Makes a batch of each `size` points of a group, like `|window().periodCount().everyCount()`.
#[udf(stream -> batch)]
struct Windows {
    /// Number of points in a batch.
    #[option(range = 1..=1000)]
    size: usize,
    #[skip]
    open: PerGroup<Option<Batch>>,
}

impl OnPoint<BatchOutput> for Windows {
    fn on_point(&mut self, point: Point, out: &mut BatchOutput) -> Result<()> {
        let open = self.open.of(&point);
        let batch = open.get_or_insert_with(|| Batch::for_group_of(&point));
        batch.push(point);
        if batch.len() == self.size {
            let mut full = batch.clone();
            if let Some(last) = full.points().last() {
                full.set_tmax(last.time());
            }
            // The next batch keeps the name, which is that of the group's first point.
            batch.points_mut().clear();
            out.batch(full)?;
        }
        Ok(())
    }
}

udf_runtime::main!(MirrorBatch, Unroll, Windows);
