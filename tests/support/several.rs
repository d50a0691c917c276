//! Two UDFs in one program.

use udf_runtime::prelude::*;

/// Keeps every n-th point.
///
/// The first one of each group is kept.
#[udf(stream)]
struct EveryNth {
    /// How many points there are for each one that is kept.
    #[option(range = 1..)]
    n: u64,
    #[state]
    seen: PerGroup<u64>,
}

impl OnPoint for EveryNth {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        let seen = self.seen.of(&point);
        *seen += 1;
        if (*seen - 1).is_multiple_of(self.n) {
            out.point(point)?;
        }
        Ok(())
    }
}

/// Counts the points of each batch.
#[udf(batch -> stream)]
struct Count;

impl OnBatch<StreamOutput> for Count {
    fn on_batch(&mut self, batch: Batch, out: &mut StreamOutput) -> Result<()> {
        let Some(first) = batch.points().first() else {
            return Ok(());
        };
        let mut point = Point::like(first);
        point.set_time(batch.tmax());
        point.set_field("count", batch.len() as i64);
        out.point(point)
    }
}

udf_runtime::main!(EveryNth, Count);
