use std::collections::HashMap;
use udf_runtime::prelude::*;

struct Own;

#[udf(stream)]
struct Types {
    map: HashMap<String, f64>,
    own: Own,
    own_list: Vec<Own>,
    nested: Option<Vec<u32>>,
    reference: &'static str,
    letter: char,
    fine: u32,
}

impl OnPoint for Types {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

fn main() {}
