use udf_runtime::prelude::*;

#[udf]
struct NoArguments;

#[udf(tick = "10s")]
struct NoEdges;

fn main() {}
