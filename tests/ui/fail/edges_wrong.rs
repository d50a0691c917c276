use udf_runtime::prelude::*;

#[udf(strem)]
struct Unknown;

#[udf(stream -> point)]
struct UnknownOutput;

#[udf(stream, batch)]
struct Two;

#[udf(stream = "batch")]
struct Assigned;

#[udf("stream", tick = "1s")]
struct Quoted;

#[udf(stream => batch)]
struct FatArrow;

fn main() {}
