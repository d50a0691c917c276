use std::{num::NonZeroU8, time::Duration};
use udf_runtime::prelude::*;

#[udf(stream)]
struct Defaults {
    #[option(default = 0, range = 1..=10)]
    below: u32,
    #[option(default = 10, range = 1..10)]
    excluded: i64,
    #[option(default = -1.5, range = 0..)]
    negative: f64,
    #[option(default = "1h", range = "1s"..="30m")]
    long: Duration,
    #[option(default = (1.0, 5.0), range = ..=3)]
    one_of_two: (f64, f64),
    #[option(default = [1, 20], range = 1..=10)]
    one_of_many: Vec<u8>,
    #[option(default = 300)]
    too_large: u8,
    #[option(default = 0)]
    zero: NonZeroU8,
    #[option(default = 256)]
    too_large_for_nonzero: NonZeroU8,
    #[option(default = "ten seconds")]
    no_duration: Duration,
    #[option(default = 5)]
    optional: Option<u32>,
    #[option(flag, default = true, range = 1.., validate = check)]
    flag: bool,
    #[option(flag)]
    flag_of_another_type: u32,
    #[option(default = "five")]
    text_for_a_number: u32,
    #[option(default = 5)]
    number_for_a_text: String,
    #[option(default = 1.5)]
    float_for_an_int: i64,
    #[option(default = (1, true))]
    bool_for_a_float: (f64, f64),
    #[option(default = 10)]
    number_for_a_duration: Duration,
}

fn main() {}
