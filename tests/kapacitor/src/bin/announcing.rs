//! A mirror that logs its start and its end.

use udf_runtime::prelude::*;

/// Sends every point back unchanged.
#[udf(stream)]
struct Announcing;

impl OnPoint for Announcing {
    fn on_init(&mut self, task: &Task) -> Result<()> {
        info!("begins for {:?}", task.task_id());
        Ok(())
    }

    fn on_stop(&mut self, _: &mut StreamOutput) -> Result<()> {
        info!("has come to its end");
        Ok(())
    }

    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

udf_runtime::main!(Announcing);
