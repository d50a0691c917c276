use udf_runtime::prelude::*;

#[udf(stream)]
#[option(default = 5)]
#[state]
#[skip]
struct AboveTheStruct;

#[udf(stream)]
struct Several {
    #[option]
    #[state]
    option_and_state: u32,
    #[skip]
    #[skip]
    twice: u32,
}

impl OnPoint for AboveTheStruct {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

fn main() {}
