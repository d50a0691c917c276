use udf_runtime::prelude::*;

#[udf(stream)]
struct NoResult;

impl OnPoint for NoResult {
    fn on_point(&mut self, _: Point, _: &mut StreamOutput) {}
}

#[udf(stream)]
struct TooFew;

impl OnPoint for TooFew {
    fn on_point(&mut self, _: Point) -> Result<()> {
        Ok(())
    }
}

#[udf(stream)]
struct WrongArgument;

impl OnPoint for WrongArgument {
    fn on_point(&mut self, _: &Point, _: &mut StreamOutput) -> Result<()> {
        Ok(())
    }
}

#[udf(stream)]
struct WrongOutput;

impl OnPoint for WrongOutput {
    fn on_point(&mut self, _: Point, _: &mut BatchOutput) -> Result<()> {
        Ok(())
    }
}

#[udf(stream)]
struct WrongError;

impl OnPoint for WrongError {
    fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> std::io::Result<()> {
        Ok(())
    }
}

#[udf(stream)]
struct SharedReceiver;

impl OnPoint for SharedReceiver {
    fn on_point(&self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

#[udf(stream)]
struct Misspelt;

impl OnPoint for Misspelt {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }

    fn on_inti(&mut self, _: &Task) -> Result<()> {
        Ok(())
    }
}

#[udf(stream)]
struct Public;

impl OnPoint for Public {
    pub fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

#[udf(stream, tick = "1s")]
struct Others;

impl OnPoint for Others {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }

    fn on_init(&mut self) -> Result<()> {
        Ok(())
    }

    fn on_tick(&mut self, _: &mut StreamOutput) -> Result<()> {
        Ok(())
    }

    fn on_stop(self, _: &mut StreamOutput) -> Result<()> {
        Ok(())
    }
}

fn main() {}
