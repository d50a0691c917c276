//! Sends every point back as it came: the smallest UDF, and the one to measure with.
//!
//! ```text
//! stream
//!     |from()
//!         .measurement('cpu')
//!     @mirror()
//!     |httpOut('mirror')
//! ```
//!
//! Without Kapacitor:
//!
//! ```text
//! cargo run --release --example mirror -- pipe examples/data/mem.lp
//! ```

use udf_runtime::prelude::*;

/// Sends every point back as it came.
#[udf(stream)]
struct Mirror;

impl OnPoint for Mirror {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

udf_runtime::main!(Mirror);

#[cfg(test)]
mod tests {
    use udf_runtime::testing::Harness;

    use super::*;

    #[test]
    fn points_come_back_as_they_came() {
        let lines = "cpu,host=a,region=eu usage=12.5,cores=8i,model=\"x 5\" 1\nmem used=1i 2\n";
        let mut udf = Harness::<Mirror>::new("").unwrap();
        assert_eq!(udf.lines(lines).unwrap(), lines);
    }
}
