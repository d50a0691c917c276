use udf_runtime::prelude::*;

#[udf(stream)]
struct Ranges {
    #[option(range = 1..=10)]
    string: String,
    #[option(range = 1..=10)]
    bools: Vec<bool>,
    #[option(range = 1..=10)]
    mixed: (f64, String),
    #[option(range = 10..=1)]
    reversed: u32,
    #[option(range = 1..1)]
    empty: u32,
    #[option(range = "x".."y")]
    letters: String,
    #[option(range = 1..=10)]
    numbers_for_a_duration: std::time::Duration,
    #[option(range = ..="10")]
    text_for_a_number: Option<u32>,
    #[option(range = 300..=400)]
    beyond: u8,
    #[option(range = -1..=3)]
    below_zero: Option<std::num::NonZeroU16>,
    #[option(range = 0..=128)]
    one_of_two: Vec<(i64, i8)>,
    #[option(range = 0..256)]
    up_to_the_last: [u8; 2],
}

fn main() {}
