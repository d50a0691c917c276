//! Several UDFs in one program, which share code: what a counter increases by.
//!
//! `rates rate …` and `rates increase …` are the two UDFs; `rates config` prints the
//! sections of both.
//!
//! ```text
//! var net = stream
//!     |from()
//!         .measurement('net')
//!         .groupBy('interface')
//! net
//!     @rate()
//!         .field('bytes_recv')
//!     |httpOut('rate')
//! net
//!     |window()
//!         .period(1m)
//!         .every(1m)
//!     @increase()
//!         .field('bytes_recv')
//!     |httpOut('increase')
//! ```
//!
//! Without Kapacitor:
//!
//! ```text
//! cargo run -p udf-recipes --bin rates -- rate pipe examples/data/net.lp \
//!     --group-by interface --set field=bytes_recv
//! ```

use udf_runtime::prelude::*;

/// What a counter has increased by. One that has become lower was reset, and began at 0.
fn increase(before: f64, after: f64) -> f64 {
    if after >= before {
        after - before
    } else {
        after
    }
}

/// Adds the increase a second of a counter, from the point before.
#[udf(stream)]
struct Rate {
    /// Field with a counter.
    field: String,
    /// Field that receives the rate.
    #[option(default = "rate")]
    r#as: String,
    #[state(expire = "1d")]
    groups: PerGroup<Option<Reading>>,
}

#[state]
#[derive(Clone, Copy, Default)]
struct Reading {
    value: f64,
    /// In nanoseconds since the epoch.
    time: i64,
}

impl OnPoint for Rate {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let value = point.number(&self.field)?;
        let time = point.time();
        let before = self.groups.of(&point).replace(Reading { value, time });
        // The first point has no rate, nor has one that comes late or twice.
        if let Some(before) = before
            && let Some(nanoseconds) = time.checked_sub(before.time)
            && nanoseconds > 0
        {
            let rate = increase(before.value, value) / (nanoseconds as f64 / 1e9);
            point.set_field(&self.r#as, rate);
            out.point(point)?;
        }
        Ok(())
    }
}

/// Makes one point of each batch: what a counter has increased by.
#[udf(batch -> stream)]
struct Increase {
    /// Field with a counter.
    field: String,
}

impl OnBatch<StreamOutput> for Increase {
    fn on_batch(&mut self, batch: Batch, out: &mut StreamOutput) -> Result<()> {
        let mut values = Vec::with_capacity(batch.len());
        for point in &batch {
            values.push(point.number(&self.field)?);
        }
        if values.is_empty() {
            return Ok(());
        }
        let total: f64 = values
            .windows(2)
            .map(|pair| increase(pair[0], pair[1]))
            .sum();
        let mut point = Point::for_group_of(&batch);
        point.set_field("increase", total);
        out.point(point)
    }
}

udf_runtime::main!(Rate, Increase);

#[cfg(test)]
mod tests {
    use udf_runtime::line::Precision;
    use udf_runtime::testing::Harness;

    use super::*;

    const COUNTER: &str = "net v=100 1\nnet v=140 3\nnet v=10 4";

    #[test]
    fn the_rate_is_by_the_second_and_survives_a_reset() {
        let setup = Harness::<Rate>::setup()
            .options(".field('v')")
            .precision(Precision::Seconds);
        let mut udf = setup.start().unwrap();
        let sent = udf.lines(COUNTER).unwrap();
        assert_eq!(sent, "net v=140,rate=20 3\nnet v=10,rate=10 4\n");
        // A point that comes late.
        assert!(udf.lines("net v=20 2").unwrap().is_empty());
        setup.restore_everywhere(COUNTER).unwrap();
    }

    #[test]
    fn the_increase_is_that_of_a_batch() {
        let mut udf = Harness::<Increase>::new(".field('v')").unwrap();
        let sent = udf.lines(COUNTER).unwrap();
        assert_eq!(sent, "net increase=50 4\n");
    }
}
