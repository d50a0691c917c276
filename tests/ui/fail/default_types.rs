use std::time::Duration;
use udf_runtime::prelude::*;

type Timeout = Duration;

const SIZE: u32 = 10;

#[udf(stream)]
struct Defaults {
    #[option(default = "5s")]
    behind_a_name: Timeout,
    #[option(default = SIZE)]
    of_another_type: i64,
    #[option(default = (1, "x"))]
    more_of_them: u32,
    #[option(default = nowhere())]
    unknown: u32,
}

impl OnPoint for Defaults {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

fn main() {}
