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
    /// Values that have left since the sum was last computed from all values.
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

#[cfg(test)]
mod tests {
    use udf_runtime::testing::{FailureKind, Harness, Setup};

    use super::*;

    fn setup(options: &str) -> Setup<MovingAvg> {
        Harness::setup().options(options).group_by(["host"])
    }

    #[test]
    fn each_group_has_the_average_of_its_last_values() {
        let mut udf = setup(".field('usage').size(2)").start().unwrap();
        let sent = udf.lines(
            "
            cpu,host=a usage=1,other=5 1
            cpu,host=b usage=10i 2
            cpu,host=a usage=3 3
            cpu,host=a usage=5 4
            ",
        );
        sent.unwrap().assert_lines(
            "
            cpu,host=a avg=1 1
            cpu,host=b avg=10 2
            cpu,host=a avg=2 3
            cpu,host=a avg=4 4
            ",
        );
    }

    #[test]
    fn options_that_make_no_sense_are_refused() {
        let refused = Harness::<MovingAvg>::new(".field('usage').size(0).has('mean')").unwrap_err();
        assert_eq!(refused.kind(), FailureKind::Refused);
        let wrong: Vec<_> = refused.problems().map(|problem| problem.option()).collect();
        assert_eq!(wrong, ["size", "has"]);
        assert!(refused.text().contains("did you mean \"as\"?"), "{refused}");
    }

    #[test]
    fn a_point_without_the_field_ends_the_task_with_an_error_that_names_it() {
        let mut udf = setup(".field('usage').size(2)").start().unwrap();
        let failure = udf
            .lines("cpu,host=a usage=1 1\ncpu,host=a idle=1 2")
            .unwrap_err();
        assert_eq!(failure.sent(), "cpu,host=a avg=1 1\n");
        assert!(
            failure.text().contains("option .field('usage')"),
            "{failure}"
        );
    }

    #[test]
    fn an_infinity_leaves_with_its_value() {
        let mut window = Window::default();
        for value in [1.0, f64::INFINITY, 3.0] {
            window.push(value, 2);
        }
        assert_eq!(window.push(5.0, 2), 4.0);
    }

    #[test]
    fn a_group_that_is_gone_for_a_day_takes_no_memory() {
        let mut udf = setup(".field('usage').size(2)").start().unwrap();
        let point = |host: &str, hours: i64| {
            format!("cpu,host={host} usage=1 {}", hours * 3_600_000_000_000)
        };
        for hours in 0..31 {
            udf.lines(point("stays", hours)).unwrap();
            if hours == 0 {
                udf.lines(point("goes", hours)).unwrap();
            }
        }
        assert_eq!(udf.udf().windows.len(), 1);
    }

    #[test]
    fn a_restart_changes_nothing_wherever_it_happens() {
        let setup = setup(".field('usage_user').size(10)").group_by(["cpu"]);
        let minute: String = include_str!("data/cpu.lp")
            .split_inclusive('\n')
            .take(200)
            .collect();
        setup.restore_everywhere(minute).unwrap();
    }
}
