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
    /// Episodes of fewer points are not told.
    #[option(default = 1, range = 1..)]
    at_least: usize,
    /// How long to wait for another point, by the wall clock, before an episode is told.
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
    fn tell(episode: Episode, field: &str, at_least: usize, out: &mut BatchOutput) -> Result<()> {
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
            Self::tell(ended, &self.field, self.at_least, out)?;
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

    /// Tells the episodes of groups of which nothing came for a while.
    fn on_tick(&mut self, _: i64, out: &mut BatchOutput) -> Result<()> {
        for (_, episode) in self.open.iter_mut() {
            episode.waited += 1;
            // The first of these seconds may have begun before the point came.
            if Duration::from_secs(episode.waited) > self.patience {
                Self::tell(std::mem::take(episode), &self.field, self.at_least, out)?;
            }
        }
        Ok(())
    }

    fn on_stop(&mut self, out: &mut BatchOutput) -> Result<()> {
        for (_, episode) in self.open.iter_mut() {
            Self::tell(std::mem::take(episode), &self.field, self.at_least, out)?;
        }
        Ok(())
    }
}

udf_runtime::main!(Episodes);
