use udf_runtime::prelude::*;

#[udf(stream, name = "moving-avg")]
struct Dashed {
    _field: u32,
    größe: u32,
    var: u32,
    #[option(name = "TRUE")]
    reserved: u32,
    #[option(name = "2nd")]
    second: u32,
    field: u32,
    #[option(name = "field")]
    again: u32,
}

#[udf(stream)]
struct Lambda;

fn main() {}
