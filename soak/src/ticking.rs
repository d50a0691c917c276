//! A UDF with ticks and state.

use std::process::ExitCode;

use udf_runtime::prelude::*;

/// Environment variable that makes this program the UDF.
pub(crate) const VARIABLE: &str = "UDF_SOAK_TICKING";

/// Ticks per second.
pub(crate) const A_SECOND: u32 = 4;

/// Counts points by group and sends the counts four times per second.
#[udf(stream, tick = "250ms")]
struct Ticking {
    #[state(expire = "1s")]
    counts: PerGroup<i64>,
    #[state]
    ticks: i64,
}

impl OnPoint for Ticking {
    fn on_point(&mut self, point: Point, _: &mut StreamOutput) -> Result<()> {
        *self.counts.of(&point) += 1;
        Ok(())
    }

    fn on_tick(&mut self, _: i64, out: &mut StreamOutput) -> Result<()> {
        self.ticks += 1;
        let mut point = Point::new("tick");
        point.set_field("groups", self.counts.len() as i64);
        point.set_field("ticks", self.ticks);
        out.point(point)
    }
}

udf_runtime::main!(Ticking);

pub(crate) fn run() -> ExitCode {
    main()
}
