//! Three UDFs that change nothing, one for each pair of edges that the mirror of the examples
//! does not have.

use udf_runtime::prelude::*;

/// Hands on each batch as it came.
#[udf(batch)]
struct MirrorBatch {}

impl OnBatch for MirrorBatch {
    fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
        out.batch(batch)
    }
}

/// Makes stream points of a batch's points.
#[udf(batch -> stream)]
struct Unroll {}

impl OnBatch<StreamOutput> for Unroll {
    fn on_batch(&mut self, batch: Batch, out: &mut StreamOutput) -> Result<()> {
        // Name and group are the batch's in a batch, and here the points' own.
        for point in batch.into_points() {
            out.point(point)?;
        }
        Ok(())
    }
}

/// Makes a batch of each so many points of a group, as `|window().periodCount().everyCount()`.
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
            // Its successor keeps the name, which is that of the group's first point.
            batch.points_mut().clear();
            out.batch(full)?;
        }
        Ok(())
    }
}

udf_runtime::main!(MirrorBatch, Unroll, Windows);
