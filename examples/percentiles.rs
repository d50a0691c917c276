//! Percentiles: from each batch one point of a stream, with as many percentiles as are asked for.
//!
//! TICKscript's own `|percentile` gives one at a time, each by a node of its own whose results
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
//!     --group-by cpu --period 1m --set field=usage_user --set percentile=50 --set percentile=99
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
        let Some(last) = batch.points().last() else {
            return Ok(());
        };

        let mut point = Point::like(last);
        point.set_time(batch.tmax());
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
