use udf_runtime::prelude::*;

#[udf(stream, state_version = 2, migrate)]
struct Missing;

impl OnPoint for Missing {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

/// Has no older version.
#[udf(stream, migrate)]
struct First {
    #[state]
    seen: u64,
}

fn main() {}
