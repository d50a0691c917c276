use udf_runtime::prelude::*;

#[udf(stream, custom_state)]
struct Missing;

impl OnPoint for Missing {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

#[udf(stream, custom_state = true)]
struct WithField {
    #[state]
    seen: u64,
    #[skip]
    other: u64,
}

impl OnPoint for WithField {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        self.seen += self.other;
        out.point(point)
    }
}

#[udf(stream, custom_state)]
struct BesideField {
    #[state]
    seen: u64,
}

impl OnPoint for BesideField {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        self.seen += 1;
        out.point(point)
    }
}

impl CustomState for BesideField {
    fn snapshot(&self) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn restore(&mut self, _: &[u8]) -> Result<()> {
        Ok(())
    }
}

/// One of the two methods alone.
#[udf(stream, custom_state)]
struct OneAlone;

impl OnPoint for OneAlone {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

impl CustomState for OneAlone {
    fn snapshot(&self) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

fn main() {}
