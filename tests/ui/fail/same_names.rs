use udf_runtime::prelude::*;

#[udf(stream)]
struct Mirror;

#[udf(stream, name = "mirror")]
struct Other;

impl OnPoint for Mirror {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

impl OnPoint for Other {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

udf_runtime::main!(Mirror, Other);
