use udf_runtime::{prelude::*, state};

#[state]
struct WithoutDefault {
    field: u32,
}

#[udf(stream)]
struct Uses {
    #[state]
    in_groups: PerGroup<WithoutDefault>,
    #[state]
    optional: Option<WithoutDefault>,
    #[state]
    direct: WithoutDefault,
    #[skip]
    skipped: WithoutDefault,
}

impl OnPoint for Uses {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

fn main() {}
