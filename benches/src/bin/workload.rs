//! Writes a workload to stdout: `workload mirror|moving_avg|outliers POINTS [SHAPE]`, to feed a
//! UDF by hand, for example under a profiler.

use std::io::Write as _;

use udf_benches::workload::{self, Shape};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let points = arguments.get(1).and_then(|text| text.parse().ok());
    let (Some(name), Some(points)) = (arguments.first(), points) else {
        eprintln!("usage: workload mirror|moving_avg|outliers POINTS [small|typical|wide]");
        std::process::exit(2);
    };
    let shape = match arguments.get(2).map(String::as_str) {
        Some("small") => Shape::Small,
        Some("wide") => Shape::Wide,
        _ => Shape::Typical,
    };
    let (options, data) = match &**name {
        "moving_avg" => (
            workload::moving_avg_options(),
            workload::stream(shape, points, 50),
        ),
        "outliers" => (
            workload::outliers_options(),
            workload::batches(shape, 1_000, points.div_ceil(1_000)),
        ),
        _ => (Vec::new(), workload::stream(shape, points, 50)),
    };
    let mut out = std::io::stdout().lock();
    out.write_all(&workload::start(&options))
        .and_then(|()| out.write_all(&data.bytes))
        .expect("stdout takes it");
}
