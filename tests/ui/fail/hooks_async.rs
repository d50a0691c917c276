use udf_runtime::prelude::*;

#[udf(stream)]
struct Waiting;

impl OnPoint for Waiting {
    async fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

fn main() {}
