use udf_runtime::prelude::*;

#[udf(stream)]
struct StreamToStream;

#[udf(batch -> stream)]
struct BatchToStream;

#[udf(stream -> batch, tick = "10s")]
struct StreamToBatch;

impl StreamToBatch {
    fn on_point(&mut self, _: Point, _: &mut BatchOutput) -> Result<()> {
        Ok(())
    }
}

fn main() {}
