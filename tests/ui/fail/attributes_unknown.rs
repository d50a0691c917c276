use udf_runtime::prelude::*;

#[udf(stream, nmae = "x", tick = "10s", colour = 3, tick = "20s", default = 5)]
struct OfTheStruct {
    #[option(defualt = 5, colour = 3, default = 1, default = 2, rename = "x")]
    of_a_field: u32,
    #[state(expires = "1h", default = 1)]
    of_a_state: u32,
    #[skip(always)]
    of_a_skip: u32,
}

fn main() {}
