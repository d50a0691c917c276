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
