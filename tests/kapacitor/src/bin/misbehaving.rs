//! A UDF that misbehaves on request.

use std::path::Path;
use std::thread;
use std::time::Duration;

use udf_runtime::prelude::*;

/// Does what the field `act` of a point says, then sends the point.
#[udf(stream)]
struct Misbehaving {}

impl OnPoint for Misbehaving {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        match point.str("act").unwrap_or_default() {
            "fail" => bail!("this point is not to my liking"),
            "panic" => panic!("this point is more than I can bear"),
            "print" => println!("printed to stdout"),
            "long print" => println!("printed at length {}", "x".repeat(1 << 20)),
            "long line" => log::info!("long line {}", "x".repeat(1 << 20)),
            "many lines" => (0..100_000).for_each(|i| log::info!("line {i} of many")),
            "long panic" => panic!("a long story {}", "x".repeat(1 << 20)),
            "slow" => thread::sleep(Duration::from_millis(5)),
            // Longer than several timeouts of the tests.
            "busy" => thread::sleep(Duration::from_secs(6)),
            "stuck" => loop {
                thread::park();
            },
            act => {
                if let Some(file) = act.strip_prefix("wait for ") {
                    while !Path::new(file).exists() {
                        thread::sleep(Duration::from_millis(5));
                    }
                }
            }
        }
        out.point(point)
    }
}

udf_runtime::main!(Misbehaving);
