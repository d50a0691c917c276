#![allow(dead_code)]

use udf_runtime::{prelude::*, state};

#[state]
fn function() {}

#[state(expire = "1h", crat = "x")]
struct Arguments;

#[state]
#[derive(Default, serde::Serialize)]
struct Twice {
    field: u32,
}

#[state]
#[derive(Default)]
struct Parts {
    #[state(was = 5)]
    number: u32,
    #[state(expire = "1h")]
    expire: u32,
}

#[state]
enum Choice {
    #[state(ws = "Old")]
    New,
}

#[udf(stream)]
struct Uses {
    #[state]
    twice: Twice,
    #[state(was = 5)]
    number: u32,
}

impl OnPoint for Uses {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

fn main() {
    function();
    let _ = Arguments;
}
