use udf_runtime::prelude::*;

type Name = String;

#[derive(OptionValue)]
enum Side {
    Inside,
}

const LIMIT: &str = "10";

#[udf(stream)]
struct Ranges {
    #[option(range = 1..=10)]
    behind_a_name: Name,
    #[option(range = 1..=10)]
    choice: Side,
    #[option(range = 1..=10)]
    several_types: (f64, i64),
    #[option(range = ..=LIMIT)]
    text_for_a_number: u32,
    #[option(validate = check)]
    validated: u32,
}

fn check(value: &u32) -> u32 {
    *value
}

impl OnPoint for Ranges {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

fn main() {}
