//! A UDF that sends before it may.

use udf_runtime::prelude::*;

/// Sends a point while it is initialized, and then every point back.
#[udf(stream)]
struct Early {}

impl OnPoint for Early {
    fn on_init(&mut self, task: &Task) -> Result<()> {
        let mut point = Point::new("early");
        point.set_field("value", 1);
        Ok(task.sender().point(&point)?)
    }

    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

udf_runtime::main!(Early);
