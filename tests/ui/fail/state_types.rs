use udf_runtime::{prelude::*, state};

#[derive(Default)]
struct WithoutSerde;

#[state]
struct WithoutDefault;

struct WithNothing;

#[udf(stream)]
struct States {
    #[state]
    without_serde: WithoutSerde,
    #[state]
    without_serde_per_group: PerGroup<WithoutSerde>,
    #[state]
    without_default: WithoutDefault,
    #[state(expire = "1h")]
    no_groups: u32,
    #[skip]
    skipped: WithNothing,
}

impl OnPoint for States {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

fn main() {}
