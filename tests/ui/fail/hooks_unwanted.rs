use udf_runtime::prelude::*;

/// Has the trait of the other input beside the right one.
#[udf(stream)]
struct Stream;

impl OnPoint for Stream {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

impl OnBatch<StreamOutput> for Stream {
    fn on_batch(&mut self, _: Batch, _: &mut StreamOutput) -> Result<()> {
        Ok(())
    }
}

#[udf(batch)]
struct Batches;

impl OnBatch for Batches {
    fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
        out.batch(batch)
    }
}

impl OnPoint<BatchOutput> for Batches {
    fn on_point(&mut self, _: Point, _: &mut BatchOutput) -> Result<()> {
        Ok(())
    }
}

fn main() {}
