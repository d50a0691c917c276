//! Cooldown: passes on the first point of a group, then none for a while, and says at the end how
//! many there were.
//!
//! Put it between an `|alert()` or a `|where()` and what must not be flooded:
//!
//! ```text
//! stream
//!     |from()
//!         .measurement('errors')
//!         .groupBy('service')
//!     @cooldown()
//!         .pause(10m)
//!     |alert()
//!         .crit(lambda: TRUE)
//!         .slack()
//! ```
//!
//! Without Kapacitor:
//!
//! ```text
//! cargo run -p udf-recipes --bin cooldown -- pipe examples/data/cpu.lp \
//!     --group-by cpu --set pause=1m
//! ```

use udf_runtime::prelude::*;

/// Passes on a point of each group, then none for a while; adds how many were held back.
#[udf(stream, tick = check)]
struct Cooldown {
    /// How long a group is quiet after a point was passed on.
    pause: Duration,
    /// How often to look for pauses that are over, by the wall clock.
    #[option(default = "1s")]
    check: Duration,
    /// Field that receives the number of points that were held back.
    #[option(default = "held_back")]
    r#as: String,
    #[state]
    pauses: PerGroup<Pause>,
}

/// A group that is quiet.
#[state]
#[derive(Default)]
struct Pause {
    /// Its end, in nanoseconds since the epoch.
    end: i64,
    held_back: u64,
    /// The latest of the points that were held back.
    latest: Option<Point>,
}

impl Pause {
    /// Sends the latest point that was held back, if any was.
    fn finish(&mut self, name: &str, out: &mut StreamOutput) -> Result<()> {
        let Some(mut point) = self.latest.take() else {
            return Ok(());
        };
        point.set_field(name, self.held_back);
        self.held_back = 0;
        out.point(point)
    }
}

impl OnPoint for Cooldown {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        let pause = self.pauses.of(&point);
        if point.time() < pause.end {
            pause.held_back += 1;
            pause.latest = Some(point);
            return Ok(());
        }
        pause.finish(&self.r#as, out)?;
        let length = i64::try_from(self.pause.as_nanos()).unwrap_or(i64::MAX);
        pause.end = point.time().saturating_add(length);
        out.point(point)
    }

    fn on_tick(&mut self, now: i64, out: &mut StreamOutput) -> Result<()> {
        for (_, pause) in self.pauses.iter_mut() {
            if pause.end <= now {
                pause.finish(&self.r#as, out)?;
            }
        }
        // Of what is over, nothing has to be kept.
        self.pauses.retain(|_, pause| pause.end > now);
        Ok(())
    }

    fn on_stop(&mut self, out: &mut StreamOutput) -> Result<()> {
        for (_, pause) in self.pauses.iter_mut() {
            pause.finish(&self.r#as, out)?;
        }
        Ok(())
    }
}

udf_runtime::main!(Cooldown);

#[cfg(test)]
mod tests {
    use udf_runtime::line::Precision;
    use udf_runtime::testing::{Harness, Script, Setup};

    use super::*;

    fn setup() -> Setup<Cooldown> {
        Harness::setup()
            .options(".pause(10s)")
            .group_by(["host"])
            .precision(Precision::Seconds)
    }

    #[test]
    fn a_group_is_quiet_for_a_while_and_others_are_not() {
        let mut udf = setup().start().unwrap();
        let sent = udf.lines("m,host=a v=1 1\nm,host=a v=2 2\nm,host=b v=3 3\nm,host=a v=4 10");
        assert_eq!(sent.unwrap(), "m,host=a v=1 1\nm,host=b v=3 3\n");
        // Its first point after the pause begins another one.
        let sent = udf.lines("m,host=a v=5 11\nm,host=a v=6 12").unwrap();
        sent.assert_lines(
            "
            m,host=a v=4,held_back=2i 10
            m,host=a v=5 11
            ",
        );
    }

    #[test]
    fn a_tick_ends_a_pause_without_another_point() {
        let mut udf = setup().options(".check(5s)").start().unwrap();
        udf.lines("m,host=a v=1 0\nm,host=a v=2 1").unwrap();
        assert!(udf.advance(Duration::from_secs(8)).unwrap().is_empty());
        let sent = udf.advance(Duration::from_secs(1)).unwrap();
        assert_eq!(sent, "m,host=a v=2,held_back=1i 1\n");
        assert!(udf.udf().pauses.is_empty());
    }

    #[test]
    fn the_end_gives_back_what_is_held() {
        let mut udf = setup().start().unwrap();
        udf.lines("m,host=a v=1 1\nm,host=a v=2 2").unwrap();
        assert_eq!(udf.stop().unwrap(), "m,host=a v=2,held_back=1i 2\n");
    }

    #[test]
    fn a_restart_changes_nothing_wherever_it_happens() {
        let script = Script::new()
            .lines("m,host=a v=1 1\nm,host=a v=2 2\nm,host=b v=3 3\nm,host=b v=4 4")
            .advance(Duration::from_secs(20))
            .lines("m,host=a v=5 25\nm,host=a v=6 26");
        setup().restore_everywhere(script).unwrap();
    }
}
