use udf_runtime::prelude::*;

#[state]
struct WithoutDefault {
    field: u32,
}

fn main() {}
