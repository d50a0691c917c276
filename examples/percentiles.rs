//! Percentiles: from each batch one point of a stream, with as many percentiles as are asked for.
//!
//! TICKscript's own `|percentile` gives one at a time, each by another node whose results
//! have to be joined again.
//!
//! ```text
//! batch
//!     |query('SELECT usage_user FROM "telegraf"."autogen"."cpu"')
//!         .period(1m)
//!         .every(1m)
//!         .groupBy('host')
//!     @percentiles()
//!         .field('usage_user')
//!         .percentile(50.0)
//!         .percentile(99.0)
//!     |influxDBOut()
//!         .database('telegraf')
//!         .measurement('cpu_percentiles')
//! ```
//!
//! Without Kapacitor:
//!
//! ```text
//! cargo run --release --example percentiles -- pipe examples/data/cpu.lp \
//!     --group-by host --period 1m --set field=usage_user \
//!     --set percentile=50 --set percentile=99 --set between=nearest
//! ```

use udf_runtime::prelude::*;

/// Makes one point of each batch, with percentiles of a field.
#[udf(batch -> stream)]
struct Percentiles {
    /// Field whose values count.
    field: String,
    /// A percentile to give, as the field `p50` or `p99.9`. Called once for each.
    #[option(range = 0.0..=100.0)]
    percentile: Vec<f64>,
    /// How a percentile that falls between two values is found.
    #[option(default = Between::Linear)]
    between: Between,
}

/// How a percentile that falls between two values is found.
#[derive(Clone, Copy, OptionValue)]
enum Between {
    /// In proportion to how close it is to each.
    Linear,
    /// The nearest rank, as TICKscript's own `|percentile` does.
    Nearest,
}

impl OnBatch<StreamOutput> for Percentiles {
    fn on_init(&mut self, _: &Task) -> Result<()> {
        if self.percentile.is_empty() {
            bail!("no percentile is asked for; call .percentile(99.0) at least once");
        }
        Ok(())
    }

    fn on_batch(&mut self, batch: Batch, out: &mut StreamOutput) -> Result<()> {
        let values: Result<Vec<_>, _> = batch
            .points()
            .iter()
            .map(|point| point.number(&self.field))
            .collect();
        let mut values = values?;
        values.sort_unstable_by(f64::total_cmp);
        if values.is_empty() {
            return Ok(());
        }

        let mut point = Point::for_group_of(&batch);
        for percentile in &self.percentile {
            if let Some(value) = self.between.find(*percentile, &values) {
                point.set_field(&format!("p{percentile}"), value);
            }
        }
        point.set_field("count", values.len() as i64);
        out.point(point)
    }
}

impl Between {
    fn find(self, percentile: f64, sorted: &[f64]) -> Option<f64> {
        let highest = sorted.len().checked_sub(1)?;
        match self {
            // https://en.wikipedia.org/wiki/Percentile, "The linear interpolation between
            // closest ranks method", third variant but one: C = 1.
            Self::Linear => {
                let rank = percentile / 100.0 * highest as f64;
                let below = (rank.floor() as usize).min(highest);
                let above = (below + 1).min(highest);
                Some(sorted[below] + (sorted[above] - sorted[below]) * rank.fract())
            }
            Self::Nearest => {
                let rank = (percentile / 100.0 * sorted.len() as f64).ceil() as usize;
                Some(sorted[rank.saturating_sub(1).min(highest)])
            }
        }
    }
}

udf_runtime::main!(Percentiles);

#[cfg(test)]
mod tests {
    use udf_runtime::testing::Harness;

    use super::*;

    /// Of the values 1, 2, 3 and 4, in no order.
    fn percentiles(options: &str) -> String {
        let mut udf = Harness::<Percentiles>::new(options).unwrap();
        let sent = udf.lines("m v=3 1\nm v=1i 2\nm v=4 3\nm v=2 4").unwrap();
        let point = &sent.points()[0];
        assert_eq!((point.time(), point.int("count").unwrap()), (4, 4));
        let fields = point.fields().filter(|(name, _)| name.starts_with('p'));
        let shown =
            fields.map(|(name, value)| format!("{name}={}", value.number().unwrap_or(f64::NAN)));
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_percentile_lies_between_two_values_or_is_one() {
        assert_eq!(
            percentiles(".field('v').percentile(50.0).percentile(0.0).percentile(100.0)"),
            "p50=2.5 p0=1 p100=4"
        );
        assert_eq!(
            percentiles(".field('v').percentile(50.0).percentile(99.9).between('nearest')"),
            "p50=2 p99.9=4"
        );
    }

    #[test]
    fn each_group_and_period_has_a_point() {
        let mut udf = Harness::<Percentiles>::setup()
            .options(".field('v').percentile(50.0)")
            .group_by(["host"])
            .period(Duration::from_nanos(10))
            .start()
            .unwrap();
        let sent = udf
            .lines("m,host=a v=1 1\nm,host=b v=5 2\nm,host=a v=3 12")
            .unwrap();
        let of = |point: &Point| {
            (
                point.group().to_owned(),
                point.time(),
                point.float("p50").unwrap(),
            )
        };
        let found: Vec<_> = sent.points().iter().map(of).collect();
        let group = |host: &str| format!("host={host}");
        assert_eq!(
            found,
            [
                (group("a"), 10, 1.0),
                (group("b"), 10, 5.0),
                (group("a"), 20, 3.0)
            ]
        );
    }

    #[test]
    fn percentiles_must_be_asked_for_and_exist() {
        let refused = |options| Harness::<Percentiles>::new(options).unwrap_err();
        let none = refused(".field('v')");
        assert_eq!(
            none.text(),
            "no percentile is asked for; call .percentile(99.0) at least once"
        );
        let beyond = refused(".field('v').percentile(101.0).between('linar')");
        assert_eq!(beyond.problems().count(), 2, "{beyond}");
        assert!(beyond.text().contains("did you mean 'linear'?"), "{beyond}");
    }

    #[test]
    fn an_empty_batch_has_no_percentile() {
        let mut udf = Harness::<Percentiles>::new(".field('v').percentile(50.0)").unwrap();
        assert!(udf.batch(Batch::new("m")).unwrap().is_empty());
    }
}
