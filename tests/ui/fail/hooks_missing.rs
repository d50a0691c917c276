use udf_runtime::prelude::*;

#[udf(stream)]
struct StreamToStream;

#[udf(stream -> batch)]
struct StreamToBatch;

#[udf(batch)]
struct BatchToBatch;

#[udf(batch -> stream)]
struct BatchToStream;

/// Has the trait of the other input.
#[udf(batch)]
struct Mistaken;

impl OnPoint for Mistaken {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

/// Has the trait for the other output.
#[udf(stream)]
struct WrongOutput;

impl OnPoint<BatchOutput> for WrongOutput {
    fn on_point(&mut self, _: Point, _: &mut BatchOutput) -> Result<()> {
        Ok(())
    }
}

/// Has the trait without its method.
#[udf(stream)]
struct Empty;

impl OnPoint for Empty {}

/// Has the method without the trait.
#[udf(stream)]
struct Inherent;

impl Inherent {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

fn main() {}
