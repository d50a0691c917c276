//! Moving average of one field: the value of each point becomes the mean of the last `size`
//! values of its group.
//!
//! Options and results are those of the example that comes with Kapacitor's Go agent. What it
//! does not have: a point without the field, or with an integer, does not end the task without a
//! word, and windows of groups that are gone do not stay for ever.
//!
//! ```text
//! stream
//!     |from()
//!         .measurement('cpu')
//!         .groupBy('host')
//!     @moving_avg()
//!         .field('usage_user')
//!         .size(10)
//!         .as('mean')
//!     |httpOut('moving_avg')
//! ```
//!
//! Without Kapacitor:
//!
//! ```text
//! cargo run --release --example moving_avg -- pipe examples/data/cpu.lp \
//!     --group-by cpu --set field=usage_user --set size=10
//! ```

use std::collections::VecDeque;

use udf_runtime::prelude::*;

/// Moving average of one field, kept for each group.
#[udf(stream)]
struct MovingAvg {
    /// Field to average.
    field: String,
    /// Number of points in the window.
    #[option(range = 1..=1_000_000)]
    size: usize,
    /// Field that receives the average.
    #[option(default = "avg")]
    r#as: String,
    #[state(expire = "1d")]
    windows: PerGroup<Window>,
}

impl OnPoint for MovingAvg {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let value = point.number(&self.field)?;
        let average = self.windows.of(&point).push(value, self.size);
        point.clear_fields();
        point.set_field(&self.r#as, average);
        out.point(point)
    }
}

/// The latest values of a group and their sum.
#[state]
#[derive(Default)]
struct Window {
    values: VecDeque<f64>,
    sum: f64,
    /// Values that have left since the sum was last made anew.
    left: usize,
}

impl Window {
    /// Takes a value in, lets the oldest go when there are more than `size`, and returns the mean.
    fn push(&mut self, value: f64, size: usize) -> f64 {
        while self.values.len() >= size {
            self.sum -= self.values.pop_front().unwrap_or_default();
            self.left += 1;
        }
        self.values.push_back(value);
        self.sum += value;
        // Rounding errors must not add up for ever, nor an infinity stay when it has left.
        if self.left >= size {
            self.sum = self.values.iter().sum();
            self.left = 0;
        }
        self.sum / self.values.len() as f64
    }
}

udf_runtime::main!(MovingAvg);
