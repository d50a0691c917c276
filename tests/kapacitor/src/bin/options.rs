//! A UDF with an option of each type.

use std::num::NonZeroU32;
use std::time::Duration;

use udf_runtime::prelude::*;

/// A choice.
#[derive(Debug, OptionValue)]
enum Mode {
    Fast,
    Careful,
}

/// Writes its options into each point, each into its own field.
#[udf(stream)]
struct Options {
    flagged: bool,
    #[option(flag)]
    verbose: bool,
    int: i64,
    small: u8,
    positive: NonZeroU32,
    float: f64,
    text: String,
    wait: Duration,
    mode: Mode,
    #[option(default = 7)]
    given: i64,
    absent: Option<String>,
    pair: (String, f64),
    range: [i64; 2],
    many: Vec<String>,
    many_pairs: Vec<(String, Duration)>,
    #[option(range = 1..=10, default = 1)]
    limited: i64,
}

impl OnPoint for Options {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let Options {
            flagged,
            verbose,
            int,
            small,
            positive,
            float,
            text,
            wait,
            mode,
            ..
        } = self;
        let Options {
            given,
            absent,
            pair,
            range,
            many,
            many_pairs,
            limited,
            ..
        } = self;
        let fields: [(&str, &dyn std::fmt::Debug); 16] = [
            ("flagged", flagged),
            ("verbose", verbose),
            ("int", int),
            ("small", small),
            ("positive", positive),
            ("float", float),
            ("text", text),
            ("wait", wait),
            ("mode", mode),
            ("given", given),
            ("absent", absent),
            ("pair", pair),
            ("range", range),
            ("many", many),
            ("many_pairs", many_pairs),
            ("limited", limited),
        ];
        for (name, value) in fields {
            point.set_field(name, format!("{value:?}").as_str());
        }
        out.point(point)
    }
}

udf_runtime::main!(Options);
