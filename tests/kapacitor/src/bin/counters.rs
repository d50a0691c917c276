//! Counters of points, which treat each other's snapshots differently.

use udf_runtime::prelude::*;

/// Writes the number of points so far into each point, and accepts only its own snapshots.
#[udf(stream)]
struct Strict {
    #[state]
    seen: i64,
}

impl OnPoint for Strict {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        count(&mut self.seen, point, out)
    }
}

/// The same, but starts with a fresh state if a snapshot is not its own.
#[udf(stream, on_restore_error = "fresh")]
struct Lenient {
    #[state]
    seen: i64,
}

impl OnPoint for Lenient {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        count(&mut self.seen, point, out)
    }
}

fn count(seen: &mut i64, mut point: Point, out: &mut StreamOutput) -> Result<()> {
    *seen += 1;
    point.set_field("seen", *seen);
    out.point(point)
}

udf_runtime::main!(Strict, Lenient);
