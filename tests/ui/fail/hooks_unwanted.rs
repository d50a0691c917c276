use udf_runtime::prelude::*;

#[udf(stream)]
struct Stream;

impl Stream {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        Ok(out.point(point)?)
    }

    fn on_batch(&mut self, _: Batch, _: &mut StreamOutput) -> Result<()> {
        Ok(())
    }

    fn on_tick(&mut self, _: &mut StreamOutput) -> Result<()> {
        Ok(())
    }
}

#[udf(batch)]
struct Batches;

impl Batches {
    fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
        Ok(out.batch(batch)?)
    }

    fn on_point(&mut self, _: Point, _: &mut BatchOutput) -> Result<()> {
        Ok(())
    }
}

/// Has the method of the other kind alone.
#[udf(batch)]
struct Mistaken;

impl Mistaken {
    fn on_point(&mut self, _: Point, _: &mut BatchOutput) -> Result<()> {
        Ok(())
    }
}

fn main() {}
