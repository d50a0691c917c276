use udf_runtime::prelude::*;

#[udf(stream)]
struct Args {
    #[option(args(min))]
    few: (f64, f64),
    #[option(args(min, max))]
    many: f64,
    #[option(args = "min")]
    value: f64,
    #[option(args)]
    none: f64,
    #[option(args(5))]
    number: f64,
    #[option(name("x"))]
    other: f64,
    #[option(flag, args(min))]
    flag: bool,
}

fn main() {}
