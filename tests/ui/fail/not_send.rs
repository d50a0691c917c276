use std::rc::Rc;
use udf_runtime::prelude::*;

#[udf(stream)]
struct NotSend {
    #[skip]
    shared: Rc<u32>,
}

impl OnPoint for NotSend {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

fn main() {}
