//! All pairs of edges, and all hooks.

use udf_runtime::prelude::*;

#[udf(stream)]
struct Mirror;

impl OnPoint for Mirror {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

#[udf(batch)]
struct Batches {}

impl OnBatch for Batches {
    fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
        out.batch(batch)
    }
}

#[udf(stream -> batch, tick = "10s", name = "gather", on_error = "drop")]
struct Gatherer {
    #[state(expire = "1h")]
    points: PerGroup<u64>,
}

impl OnPoint<BatchOutput> for Gatherer {
    fn on_init(&mut self, task: &Task) -> Result<()> {
        assert!(!task.task_id().is_empty());
        Ok(())
    }

    fn on_point(&mut self, point: Point, _: &mut BatchOutput) -> Result<()> {
        *self.points.of(&point) += 1;
        Ok(())
    }

    fn on_tick(&mut self, _: i64, _: &mut BatchOutput) -> Result<()> {
        Ok(())
    }

    fn on_stop(&mut self, _: &mut BatchOutput) -> Result<()> {
        Ok(())
    }
}

#[udf(batch -> stream, custom_state, state_version = 2, on_restore_error = "fresh",)]
struct Scatterer {
    #[skip]
    buffer: Vec<u8>,
}

impl OnBatch<StreamOutput> for Scatterer {
    fn on_batch(&mut self, _: Batch, _: &mut StreamOutput) -> Result<()> {
        Err(std::io::Error::other("any error that converts"))?
    }
}

impl CustomState for Scatterer {
    fn snapshot(&self) -> Result<Vec<u8>> {
        Ok(self.buffer.clone())
    }

    fn restore(&mut self, state: &[u8]) -> Result<()> {
        self.buffer = state.to_vec();
        Ok(())
    }
}

fn main() {
    let _ = (udf_runtime::UdfHandler::<Mirror>::new(), udf_runtime::UdfHandler::<Batches>::new(), udf_runtime::UdfHandler::<Gatherer>::new(), udf_runtime::UdfHandler::<Scatterer>::new());
}
