//! A UDF that sends before Kapacitor takes data.

use udf_runtime::prelude::*;

/// Sends a point in `on_init`, then sends every point back.
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
