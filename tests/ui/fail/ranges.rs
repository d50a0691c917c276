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
}

fn main() {}
