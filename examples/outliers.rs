//! Outliers of each batch: the points whose value lies far outside of the quartiles.
//!
//! Options and results are those of the example that comes with Kapacitor's Go agent, which is
//! Tukey's method with the quartiles as medians of halves. What it does not have: batches of 0,
//! 1, 2, 5 or 6 points do not crash it, and a point without the field is an error.
//!
//! ```text
//! batch
//!     |query('SELECT usage_user FROM "telegraf"."autogen"."cpu"')
//!         .period(1m)
//!         .every(1m)
//!         .groupBy('host')
//!     @outliers()
//!         .field('usage_user')
//!         .scale(1.5)
//!     |httpOut('outliers')
//! ```
//!
//! Without Kapacitor:
//!
//! ```text
//! cargo run --release --example outliers -- pipe examples/data/net.lp \
//!     --group-by interface --period 5m --set field=bytes_recv --set scale=3.0
//! ```

use udf_runtime::prelude::*;

/// Keeps the outliers of each batch, in the order of their values.
#[udf(batch)]
struct Outliers {
    /// Field in which to look for outliers.
    field: String,
    /// How many interquartile ranges beyond the quartiles an outlier lies.
    #[option(default = 1.5, range = 0.0..)]
    scale: f64,
}

impl Outliers {
    /// Beyond these bounds are the outliers; too few values have none.
    fn bounds(&self, ranked: &[(f64, usize)]) -> Option<(f64, f64)> {
        // Of an even number of values, the lower half has one more than the upper one.
        let middle = ranked.len() / 2;
        let lower_half = &ranked[..(middle + 1 - ranked.len() % 2).min(ranked.len())];
        let upper_half = ranked.get(middle + 1..)?;
        let (first, third) = (median(lower_half)?, median(upper_half)?);
        let reach = self.scale * (third - first);
        Some((first - reach, third + reach))
    }
}

impl OnBatch for Outliers {
    fn on_batch(&mut self, mut batch: Batch, out: &mut BatchOutput) -> Result<()> {
        let mut ranked = Vec::with_capacity(batch.len());
        for (index, point) in batch.points().iter().enumerate() {
            ranked.push((point.number(&self.field)?, index));
        }
        ranked.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));

        let mut outliers = Batch::like(&batch);
        if let Some((lower, upper)) = self.bounds(&ranked) {
            for (_, index) in ranked.iter().filter(|(it, _)| *it < lower || *it > upper) {
                outliers.push(std::mem::take(&mut batch.points_mut()[*index]));
            }
        }
        out.batch(outliers)
    }
}

/// The middle value, or the mean of the one behind the middle and its next.
fn median(ranked: &[(f64, usize)]) -> Option<f64> {
    let middle = ranked.len() / 2;
    let (value, _) = *ranked.get(middle)?;
    match ranked.get(middle + 1) {
        Some((next, _)) if ranked.len().is_multiple_of(2) => Some((value + next) / 2.0),
        _ => Some(value),
    }
}

udf_runtime::main!(Outliers);

#[cfg(test)]
mod tests {
    use udf_runtime::testing::Harness;

    use super::*;

    #[test]
    fn outliers_are_far_outside_of_the_quartiles() {
        let mut udf = Harness::<Outliers>::setup()
            .options(".field('v').scale(1.5)")
            .group_by(["host"])
            .start()
            .unwrap();
        let sent = udf.lines(
            "
            m,host=a v=10 1
            m,host=a v=-50i 2
            m,host=a v=11 3
            m,host=a v=12 4
            m,host=a v=90 5
            m,host=a v=11 6
            m,host=a v=10 7
            m,host=b v=1 8
            ",
        );
        sent.unwrap().assert_lines(
            r#"
            # batch "m", group "host=a", tmax 7
            m,host=a v=-50i 2
            m,host=a v=90 5
            # batch "m", group "host=b", tmax 8
            "#,
        );
    }

    #[test]
    fn a_batch_of_any_size_has_an_answer() {
        let mut udf = Harness::<Outliers>::new(".field('v')").unwrap();
        let mut batch = Batch::new("m");
        for size in 0..10 {
            let sent = udf.batch(batch.clone()).unwrap();
            assert_eq!(sent.batches().len(), 1, "{size} points");
            let mut point = Point::default();
            point.set_field("v", f64::from(size % 3));
            batch.push(point);
        }
    }

    #[test]
    fn a_scale_below_zero_is_refused() {
        let refused = Harness::<Outliers>::new(".field('v').scale(-1.0)").unwrap_err();
        assert!(
            refused
                .text()
                .contains("expected a DOUBLE from 0.0, found -1.0"),
            "{refused}"
        );
    }
}
