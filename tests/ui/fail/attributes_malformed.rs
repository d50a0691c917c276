use udf_runtime::prelude::*;

#[udf(stream, name, tick = 10, on_error = "halt", on_restore_error = "frsh")]
struct Values;

#[udf(stream, tick = "10 seconds", state_version = "2", crate = 5)]
struct MoreValues;

#[udf(stream, tick = "0s", name("x"), on_error = stop)]
struct EvenMoreValues;

#[udf(stream, state_version = 5000000000, name =)]
struct LastValues {
    #[option(name = 5, range = 5, default, flag = true, validate)]
    option: u32,
    #[option(range = ..)]
    all: u32,
    #[option = 5]
    assigned: u32,
    #[option(default = 1 range = 1..)]
    comma: u32,
    #[state(expire = "1 hour")]
    state: PerGroup<u32>,
}

fn main() {}
