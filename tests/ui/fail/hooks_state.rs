use udf_runtime::prelude::*;

#[udf(stream)]
struct OneAlone;

impl OneAlone {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        Ok(out.point(point)?)
    }

    fn snapshot(&self) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

#[udf(stream)]
struct WrongSignature;

impl WrongSignature {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        Ok(out.point(point)?)
    }

    fn snapshot(&self) -> String {
        String::new()
    }

    fn restore(&mut self, _: Vec<u8>) -> Result<()> {
        Ok(())
    }
}

#[udf(stream)]
struct RestoreAlone;

impl RestoreAlone {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        Ok(out.point(point)?)
    }

    fn restore(&mut self, _: &[u8]) -> Result<()> {
        Ok(())
    }
}

fn main() {}
