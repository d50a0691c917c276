//! Anomalies: finds batches whose values are distributed unlike those of the batches before.
//!
//! The distribution is a histogram. Two histograms are compared by their Jensen-Shannon divergence
//! (J. Lin, "Divergence measures based on the Shannon entropy", IEEE Transactions on Information
//! Theory 37, 1991, equation 4.1), which is 0 for equal ones and 1 for those that share no bin.
//!
//! ```text
//! batch
//!     |query('SELECT usage_user FROM "telegraf"."autogen"."cpu"')
//!         .period(1m)
//!         .every(1m)
//!         .groupBy('host')
//!     @anomalies()
//!         .field('usage_user')
//!         .jsd(0.0, 100.0, 20, 0.5)
//!         .jsd(0.0, 10.0, 20, 0.7)
//!     |alert()
//!         .crit(lambda: "anomalous")
//! ```
//!
//! Without Kapacitor:
//!
//! ```text
//! cargo run -p udf-recipes --bin anomalies -- pipe examples/data/cpu.lp \
//!     --group-by cpu --period 1m --set field=usage_user --set jsd=0,100,20,0.5 --set learn=1
//! ```

use udf_runtime::prelude::*;

/// Finds batches whose values are distributed unlike those of the batches before.
#[udf(batch -> stream)]
struct Anomalies {
    /// Field whose values are looked at.
    field: String,
    /// Bins from min to max, and the divergence above which a batch is anomalous. Called once for each histogram.
    #[option(args(min, max, bins, limit), validate = is_histogram)]
    jsd: Vec<Histogram>,
    /// Number of batches of a group to learn from before any is judged.
    #[option(default = 10, range = 1..)]
    learn: u64,
    #[state(expire = "7d")]
    groups: PerGroup<Learned>,
    /// The histograms that the groups were learned with.
    #[state]
    learned_with: Vec<Histogram>,
}

/// Lowest and highest value, number of bins, and the limit of the divergence.
type Histogram = (f64, f64, u32, f64);

fn is_histogram(&(min, max, bins, limit): &Histogram) -> Result<()> {
    ensure!(min < max, "expected min < max, found {min} and {max}");
    ensure!(
        (1..=10_000).contains(&bins),
        "expected 1 to 10000 bins, found {bins}"
    );
    ensure!(
        limit > 0.0 && limit <= 1.0,
        "expected a limit above 0 and up to 1, found {limit}"
    );
    Ok(())
}

/// What the batches of a group look like.
#[state]
#[derive(Default)]
struct Learned {
    batches: u64,
    /// Values in each bin, for each histogram.
    counts: Vec<Vec<u64>>,
}

impl OnBatch<StreamOutput> for Anomalies {
    fn on_init(&mut self, _: &Task) -> Result<()> {
        ensure!(
            !self.jsd.is_empty(),
            "expected .jsd(min, max, bins, limit) at least once"
        );
        Ok(())
    }

    fn on_batch(&mut self, batch: Batch, out: &mut StreamOutput) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        // A snapshot may come from a task with other options.
        if self.learned_with != self.jsd {
            self.groups.clear();
            self.learned_with.clone_from(&self.jsd);
        }
        let mut values = Vec::with_capacity(batch.len());
        for point in &batch {
            values.push(point.number(&self.field)?);
        }
        let found: Vec<_> = self.jsd.iter().map(|it| count(it, &values)).collect();
        let learned = self.groups.of_or_insert_with(&batch, || Learned {
            batches: 0,
            counts: found.iter().map(|bins| vec![0; bins.len()]).collect(),
        });

        if learned.batches >= self.learn {
            let mut score = 0.0_f64;
            for ((known, found), (_, _, _, limit)) in
                learned.counts.iter().zip(&found).zip(&self.jsd)
            {
                score = score.max(divergence(known, found) / limit);
            }
            let mut point = Point::for_group_of(&batch);
            point.set_field("score", score);
            point.set_field("anomalous", score > 1.0);
            out.point(point)?;
            // What is anomalous must not become the rule.
            if score > 1.0 {
                return Ok(());
            }
        }

        learned.batches += 1;
        for (known, found) in learned.counts.iter_mut().zip(found) {
            for (known, found) in known.iter_mut().zip(found) {
                *known += found;
            }
        }
        Ok(())
    }
}

/// Values in each bin. The outer bins hold what lies outside of them as well.
fn count(&(min, max, bins, _): &Histogram, values: &[f64]) -> Vec<u64> {
    let mut counts = vec![0; bins as usize];
    for value in values {
        // A negative position becomes 0, and so does NaN.
        let position = ((value - min) / (max - min) * f64::from(bins)) as usize;
        counts[position.min(bins as usize - 1)] += 1;
    }
    counts
}

/// Jensen-Shannon divergence of two histograms with as many bins, in bits: from 0 to 1.
fn divergence(a: &[u64], b: &[u64]) -> f64 {
    let total = |counts: &[u64]| counts.iter().sum::<u64>().max(1) as f64;
    let (total_a, total_b) = (total(a), total(b));
    let part = |p: f64, mean: f64| if p > 0.0 { p * (p / mean).log2() } else { 0.0 };
    let bins = a.iter().zip(b).map(|(&a, &b)| {
        let (p, q) = (a as f64 / total_a, b as f64 / total_b);
        let mean = f64::midpoint(p, q);
        f64::midpoint(part(p, mean), part(q, mean))
    });
    bins.sum()
}

udf_runtime::main!(Anomalies);

#[cfg(test)]
mod tests {
    use udf_runtime::testing::{Harness, Script, Setup};

    use super::*;

    fn setup(options: &str) -> Setup<Anomalies> {
        Harness::setup()
            .options(".field('v').learn(2)")
            .options(options)
            .group_by(["host"])
    }

    /// A batch of host a for each array of values.
    fn batches<const N: usize>(batches: &[[f64; N]]) -> Vec<Batch> {
        let batch = |(time, values): (i64, &[f64; N])| {
            let points = values.iter().map(|value| {
                let mut point = Point::new("m");
                point.set_tag("host", "a");
                point.set_dimensions(["host"]);
                point.set_time(time);
                point.set_field("v", *value);
                point
            });
            points.collect()
        };
        (1..).zip(batches).map(batch).collect()
    }

    #[test]
    fn a_batch_in_other_bins_is_anomalous_and_not_learned() {
        let mut udf = setup(".jsd(0.0, 10.0, 10, 0.5)").start().unwrap();
        let usual = [1.0, 2.0, 2.5, 3.0];
        let unusual = [8.0, 9.0, 9.5, 100.0];
        let sent = udf
            .batches(batches(&[usual, usual, usual, unusual, unusual, usual]))
            .unwrap();
        sent.assert_lines(
            "
            m,host=a score=0,anomalous=false 3
            m,host=a score=2,anomalous=true 4
            m,host=a score=2,anomalous=true 5
            m,host=a score=0,anomalous=false 6
            ",
        );
    }

    #[test]
    fn one_of_several_histograms_is_enough() {
        let options = ".jsd(0.0, 10.0, 1, 0.5).jsd(0.0, 10.0, 10, 0.5)";
        let mut udf = setup(options).start().unwrap();
        let sent = udf.batches(batches(&[[1.0], [1.0], [9.0]])).unwrap();
        assert!(sent.points()[0].bool("anomalous").unwrap());
    }

    #[test]
    fn the_divergence_is_that_of_the_definition() {
        // Half of the values are shared: 1/2 * log2(4/3) + 1/4 * log2(2/3) + 1/4.
        let expected = 0.5 * (4.0_f64 / 3.0).log2() + 0.25 * (2.0_f64 / 3.0).log2() + 0.25;
        assert!((divergence(&[1, 0], &[1, 1]) - expected).abs() < 1e-12);
    }

    #[test]
    fn arguments_that_make_no_histogram_are_refused() {
        let refused = setup(".jsd(5.0, 5.0, 10, 0.5)").start().unwrap_err();
        assert!(
            refused.text().contains("expected min < max, found 5 and 5"),
            "{refused}"
        );
        let refused = setup(".jsd(0.0, 5.0)").start().unwrap_err();
        assert!(
            refused
                .text()
                .contains("(min DOUBLE, max DOUBLE, bins INT, limit DOUBLE), found 2"),
            "{refused}"
        );
        let refused = setup("").start().unwrap_err();
        assert!(refused.text().contains("at least once"), "{refused}");
    }

    #[test]
    fn other_histograms_begin_to_learn_again() {
        let mut udf = setup(".jsd(0.0, 10.0, 10, 0.5)").start().unwrap();
        udf.batches(batches(&[[1.0], [1.0]])).unwrap();
        let snapshot = udf.snapshot().unwrap();
        let mut udf = setup(".jsd(0.0, 20.0, 10, 0.5)").start().unwrap();
        udf.restore(&snapshot).unwrap();
        let sent = udf.batches(batches(&[[9.0], [9.0], [9.0]])).unwrap();
        sent.assert_lines("m,host=a score=0,anomalous=false 3");
    }

    #[test]
    fn a_restart_changes_nothing_wherever_it_happens() {
        let input = batches(&[[1.0], [2.0], [9.0], [1.0], [2.0]]);
        setup(".jsd(0.0, 10.0, 10, 0.5)")
            .restore_everywhere(Script::from(input))
            .unwrap();
    }
}
