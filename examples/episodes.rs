//! Episodes: from a stream, a batch for each stretch in which a value stays above a limit.
//!
//! An alert says that something is wrong now. An episode is what a person asks for afterwards:
//! when it began, how long it lasted, how bad it was. Each comes as one batch, in which
//! Kapacitor's own nodes find the length (`|count`), the peak (`|max`) or the area.
//!
//! ```text
//! stream
//!     |from()
//!         .measurement('cpu')
//!         .groupBy('host')
//!     @episodes()
//!         .field('usage_user')
//!         .above(80.0)
//!         .gap(10s)
//!     |max('usage_user')
//!     |httpOut('worst')
//! ```
//!
//! Without Kapacitor:
//!
//! ```text
//! cargo run --release --example episodes -- pipe examples/data/cpu.lp \
//!     --group-by cpu --set field=usage_user --set above=80 --set gap=10s --set at_least=60
//! ```

use udf_runtime::prelude::*;

/// Gathers each stretch in which a field stays above a limit into one batch.
#[udf(stream -> batch, tick = "1s")]
struct Episodes {
    /// Field to watch.
    field: String,
    /// Limit above which an episode goes on.
    above: f64,
    /// How long the value may be below the limit, or no point come, within one episode.
    #[option(default = "0s")]
    gap: Duration,
    /// Minimum number of points; shorter episodes are dropped.
    #[option(default = 1, range = 1..)]
    at_least: usize,
    /// How long to wait for another point, by the wall clock, before an episode is sent.
    #[option(default = "1m")]
    patience: Duration,
    #[state(expire = "1d")]
    open: PerGroup<Episode>,
}

/// The points of an episode that goes on.
#[state]
#[derive(Default)]
struct Episode {
    /// Without points, nothing goes on.
    points: Vec<Reading>,
    /// Name and tags of the group.
    name: String,
    tags: Vec<(String, String)>,
    /// Seconds of the wall clock since the last point.
    waited: u64,
}

#[state]
#[derive(Default)]
struct Reading {
    /// Nanoseconds since the epoch.
    time: i64,
    value: f64,
}

impl Episodes {
    fn send(episode: Episode, field: &str, at_least: usize, out: &mut BatchOutput) -> Result<()> {
        if episode.points.is_empty() || episode.points.len() < at_least {
            return Ok(());
        }
        let mut batch = Batch::new(&episode.name);
        for (name, value) in &episode.tags {
            batch.set_tag(name, value);
        }
        for reading in &episode.points {
            let mut point = Point::new(&episode.name);
            point.set_time(reading.time);
            for (name, value) in &episode.tags {
                point.set_tag(name, value);
            }
            point.set_field(field, reading.value);
            batch.push(point);
        }
        out.batch(batch)
    }
}

impl OnPoint<BatchOutput> for Episodes {
    fn on_point(&mut self, point: Point, out: &mut BatchOutput) -> Result<()> {
        let value = point.number(&self.field)?;
        let episode = self.open.of(&point);
        episode.waited = 0;
        let lull = episode
            .points
            .last()
            .map_or(0, |last| point.time().saturating_sub(last.time));
        let lulled = u128::try_from(lull).is_ok_and(|lull| lull > self.gap.as_nanos());
        // Without a gap, an episode ends with the first value below the limit, however far apart
        // its points are.
        if lulled && (value <= self.above || !self.gap.is_zero()) {
            let ended = std::mem::take(episode);
            Self::send(ended, &self.field, self.at_least, out)?;
        }
        if value > self.above {
            let episode = self.open.of(&point);
            if episode.points.is_empty() {
                let group = Batch::for_group_of(&point);
                episode.name = group.name().to_owned();
                episode.tags = group
                    .tags()
                    .map(|(k, v)| (k.to_owned(), v.to_owned()))
                    .collect();
            }
            episode.points.push(Reading {
                time: point.time(),
                value,
            });
        }
        Ok(())
    }

    /// Reports the episodes of groups that are silent.
    fn on_tick(&mut self, _: i64, out: &mut BatchOutput) -> Result<()> {
        for (_, episode) in self.open.iter_mut() {
            episode.waited += 1;
            // The first of these seconds may have begun before the point came.
            if Duration::from_secs(episode.waited) > self.patience {
                Self::send(std::mem::take(episode), &self.field, self.at_least, out)?;
            }
        }
        Ok(())
    }

    fn on_stop(&mut self, out: &mut BatchOutput) -> Result<()> {
        for (_, episode) in self.open.iter_mut() {
            Self::send(std::mem::take(episode), &self.field, self.at_least, out)?;
        }
        Ok(())
    }
}

udf_runtime::main!(Episodes);

#[cfg(test)]
mod tests {
    use udf_runtime::line::Precision;
    use udf_runtime::testing::{Harness, Script, Setup};

    use super::*;

    fn setup(options: &str) -> Setup<Episodes> {
        Harness::setup()
            .options(".field('v').above(10.0)")
            .options(options)
            .group_by(["host"])
            .precision(Precision::Seconds)
    }

    #[test]
    fn an_episode_ends_with_a_value_that_is_low() {
        let mut udf = setup("").start().unwrap();
        let sent = udf.lines(
            "m,host=a v=1 1\nm,host=a v=11 2\nm,host=b v=50 3\nm,host=a v=12 4\nm,host=a v=10 5",
        );
        sent.unwrap().assert_lines(
            r#"
            # batch "m", group "host=a", tmax 4
            m,host=a v=11 2
            m,host=a v=12 4
            "#,
        );
        // The other one goes on until the end.
        let sent = udf.stop().unwrap();
        assert_eq!(sent.lines(), "m,host=b v=50 3\n");
    }

    #[test]
    fn a_gap_does_not_end_an_episode() {
        let mut udf = setup(".gap(10s)").start().unwrap();
        let sent = udf.lines("m,host=a v=11 0\nm,host=a v=1 5\nm,host=a v=12 10\nm,host=a v=13 21");
        assert_eq!(sent.unwrap().lines(), "m,host=a v=11 0\nm,host=a v=12 10\n");
    }

    #[test]
    fn a_short_episode_is_dropped() {
        let mut udf = setup(".at_least(2)").start().unwrap();
        let sent = udf.lines("m,host=a v=11 0\nm,host=a v=1 1").unwrap();
        assert!(sent.is_empty(), "{sent}");
    }

    #[test]
    fn a_silent_group_ends_its_episode_after_a_while() {
        let mut udf = setup(".patience(30s)").start().unwrap();
        assert!(udf.lines("m,host=a v=11 1000").unwrap().is_empty());
        assert!(udf.advance(Duration::from_secs(30)).unwrap().is_empty());
        let sent = udf.advance(Duration::from_secs(1)).unwrap();
        assert_eq!(sent.lines(), "m,host=a v=11 1000\n");
        assert!(udf.advance(Duration::from_secs(60)).unwrap().is_empty());
    }

    #[test]
    fn a_restart_changes_nothing_wherever_it_happens() {
        let script = Script::new()
            .lines("m,host=a v=11 0\nm,host=b v=12 1\nm,host=a v=13 2\nm,host=b v=1 3")
            .advance(Duration::from_secs(20))
            .lines("m,host=b v=14 25")
            .advance(Duration::from_secs(20))
            .lines("m,host=a v=15 50\nm,host=a v=1 51");
        setup(".patience(30s)").restore_everywhere(script).unwrap();
    }
}
