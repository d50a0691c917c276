use udf_runtime::prelude::*;

#[derive(OptionValue)]
struct Struct;

#[derive(OptionValue)]
enum Empty {}

#[derive(OptionValue)]
enum Fields {
    Plain,
    Tuple(u32),
    Named { field: u32 },
}

#[derive(OptionValue)]
enum Generic<T> {
    Plain,
    #[option(rename = "x")]
    Other(T),
}

#[derive(OptionValue)]
#[option(rename_all = "lowercase")]
enum Twice {
    Inside,
    #[option(rename = "inside")]
    Outside,
    #[option(renam = "x", default = 1)]
    Between,
    #[option(rename = 5)]
    Beside,
}

fn main() {}
