//! UDFs for the tests under Telegraf.

use udf_runtime::prelude::*;

/// Sends every point back, and logs at its end how many they were.
#[udf(stream)]
struct Mirror {
    #[skip]
    points: u64,
}

impl OnPoint for Mirror {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        self.points += 1;
        out.point(point)
    }

    fn on_stop(&mut self, _: &mut StreamOutput) -> Result<()> {
        info!("{} points in all", self.points);
        Ok(())
    }
}

/// Numbers the points over restarts.
#[udf(stream)]
struct Count {
    #[state]
    points: i64,
}

impl OnPoint for Count {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        self.points += 1;
        point.set_field("count", self.points);
        out.point(point)
    }
}

/// Fails at each point that has a certain field.
#[udf(stream)]
struct Failing {
    /// Name of the field.
    field: String,
}

impl OnPoint for Failing {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        if point.float(&self.field).is_ok() {
            bail!("on purpose, {}", "at length ".repeat(20_000));
        }
        out.point(point)
    }
}

/// Takes a while for each point.
#[udf(stream)]
struct Slow;

impl OnPoint for Slow {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        std::thread::sleep(Duration::from_millis(1));
        out.point(point)
    }
}

/// Logs and prints a lot about each point.
#[udf(stream)]
struct Talking;

impl OnPoint for Talking {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        error!("an error");
        warn!("a warning\nof two lines");
        info!("an info");
        debug!("a detail");
        println!("a print");
        println!("{}", "a long print ".repeat(7_000));
        out.point(point)
    }
}

udf_runtime::main!(Mirror, Count, Failing, Slow, Talking);
