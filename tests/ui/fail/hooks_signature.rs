use udf_runtime::prelude::*;

#[udf(stream)]
struct WrongOutput;

impl WrongOutput {
    fn on_point(&mut self, _: Point, _: &mut BatchOutput) -> Result<()> {
        Ok(())
    }
}

#[udf(stream)]
struct NoResult;

impl NoResult {
    fn on_point(&mut self, _: Point, _: &mut StreamOutput) {}
}

#[udf(stream)]
struct TooFew;

impl TooFew {
    fn on_point(&mut self, _: Point) -> Result<()> {
        Ok(())
    }
}

#[udf(batch, tick = "1s")]
struct Others;

impl Others {
    fn on_init(&mut self) -> Result<()> {
        Ok(())
    }

    fn on_batch(&mut self, _: &Batch, _: &mut BatchOutput) -> Result<()> {
        Ok(())
    }

    fn on_tick(&mut self, _: std::time::Instant) -> Result<()> {
        Ok(())
    }

    fn on_stop(self) {}
}

fn main() {}
