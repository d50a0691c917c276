//! All pairs of edges, all hooks, and hooks that take what they need.

use udf_runtime::prelude::*;

#[udf(stream)]
struct Mirror;

impl Mirror {
    fn on_point(&self, point: Point, out: &mut StreamOutput) -> Result<()> {
        Ok(out.point(point)?)
    }
}

#[udf(batch)]
struct Batches {}

impl Batches {
    fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
        Ok(out.batch(batch)?)
    }
}

#[udf(stream -> batch, tick = "10s", name = "gather", on_error = "drop")]
struct Gatherer {
    #[state(expire = "1h")]
    points: PerGroup<u64>,
}

impl Gatherer {
    fn on_init(&mut self, task: &Task) -> Result<()> {
        assert!(!task.task_id().is_empty());
        Ok(())
    }

    fn on_point(&mut self, point: Point, _: &mut BatchOutput) -> Result<()> {
        *self.points.of(&point) += 1;
        Ok(())
    }

    fn on_tick(&mut self, _: &mut BatchOutput) -> Result<()> {
        Ok(())
    }

    fn on_stop(&self, _: &mut BatchOutput) -> Result<()> {
        Ok(())
    }
}

#[udf(batch -> stream, state_version = 2, on_restore_error = "fresh",)]
struct Scatterer {
    #[skip]
    buffer: Vec<u8>,
}

impl Scatterer {
    fn on_batch(&mut self, _: Batch, _: &mut StreamOutput) -> std::io::Result<()> {
        Err(std::io::Error::other("any error that converts"))
    }

    fn snapshot(&self) -> Result<Vec<u8>> {
        Ok(self.buffer.clone())
    }

    fn restore(&mut self, state: &[u8]) -> Result<()> {
        self.buffer = state.to_vec();
        Ok(())
    }
}

fn main() {
    let _ = (Mirror::handler(), Batches::handler(), Gatherer::handler(), Scatterer::handler());
}
