//! Fields that are there under a condition.

use udf_runtime::prelude::*;

#[udf(stream)]
struct Conditional {
    #[cfg(any())]
    absent: Unknown,
    #[cfg(all())]
    #[option(default = 1)]
    present: u32,
    #[state]
    #[cfg(any())]
    absent_state: Unknown,
    #[state]
    present_state: u32,
}

impl OnPoint for Conditional {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        self.present_state += self.present;
        out.point(point)
    }
}

fn main() {
    let _ = udf_runtime::UdfHandler::<Conditional>::new();
}
