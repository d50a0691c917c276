//! The counters of `counters` after an update: they add up the points' values now. So the state of their
//! predecessors can be read but has another meaning.

use udf_runtime::prelude::*;

/// Writes the sum of the values so far into each point, and accepts only its own snapshots.
#[udf(stream, state_version = 2)]
struct Strict {
    #[state]
    seen: f64,
}

impl OnPoint for Strict {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        sum(&mut self.seen, point, out)
    }
}

/// The same, but starts with a fresh state if a snapshot is not its own.
#[udf(stream, state_version = 2, on_restore_error = "fresh")]
struct Lenient {
    #[state]
    seen: f64,
}

impl OnPoint for Lenient {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        sum(&mut self.seen, point, out)
    }
}

fn sum(seen: &mut f64, mut point: Point, out: &mut StreamOutput) -> Result<()> {
    *seen += point.number("value")?;
    point.set_field("seen", *seen);
    out.point(point)
}

udf_runtime::main!(Strict, Lenient);
