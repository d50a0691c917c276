use udf_runtime::{prelude::*, state};

#[state]
struct WithoutDefault {
    field: u32,
}

fn main() {}
