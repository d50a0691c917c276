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

impl Conditional {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        self.present_state += self.present;
        Ok(out.point(point)?)
    }
}

fn main() {
    let _ = Conditional::handler();
}
