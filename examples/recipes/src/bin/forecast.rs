//! Forecast: what a value with a daily, weekly or other season is expected to be.
//!
//! This is the additive Holt-Winters method in the component form of R. J. Hyndman and
//! G. Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition, section 8.3
//! (<https://otexts.com/fpp3/holt-winters.html>). Its first level, trend and season come from the
//! first two seasons, as in <https://robjhyndman.com/hyndsight/hw-initialization/>.
//!
//! Points must come at equal distances, such as from `|window()` and `|mean()`.
//!
//! ```text
//! stream
//!     |from()
//!         .measurement('requests')
//!         .groupBy('host')
//!     |window()
//!         .period(10m)
//!         .every(10m)
//!     |mean('count')
//!         .as('count')
//!     @forecast()
//!         .field('count')
//!         .season(144)
//!     |httpOut('forecast')
//! ```
//!
//! Without Kapacitor:
//!
//! ```text
//! cargo run -p udf-recipes --bin forecast -- pipe docs/guide/src/plots/requests.lp \
//!     --set field=count --set season=144
//! ```

use std::collections::VecDeque;

use udf_runtime::prelude::*;

/// Adds the expected value to each point, from the points before it (Holt-Winters, additive).
#[udf(stream)]
struct Forecast {
    /// Field to forecast.
    field: String,
    /// Number of points in a season.
    #[option(range = 2..=1_000_000)]
    season: usize,
    /// Weight of the latest value in the level.
    #[option(default = 0.3, range = 0.0..=1.0)]
    alpha: f64,
    /// Weight of the latest change in the trend.
    #[option(default = 0.01, range = 0.0..=1.0)]
    beta: f64,
    /// Weight of the latest season.
    #[option(default = 0.3, range = 0.0..=1.0)]
    gamma: f64,
    /// Number of points to look ahead; 0 is the point itself.
    #[option(default = 0)]
    ahead: usize,
    /// Field that receives the expected value.
    #[option(default = "forecast")]
    r#as: String,
    #[state(expire = "30d")]
    groups: PerGroup<Model>,
}

impl OnPoint for Forecast {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let value = point.number(&self.field)?;
        let model = self.groups.of(&point);
        // A snapshot may come from a task with another season.
        if model.season != self.season {
            *model = Model::new(self.season);
        }
        let before = model.expected(1);
        model.push(value, self.alpha, self.beta, self.gamma);
        let expected = match self.ahead {
            0 => before,
            ahead => model.expected(ahead),
        };
        if let Some(expected) = expected {
            point.set_field(&self.r#as, expected);
        }
        out.point(point)
    }
}

/// What is known of a group.
#[state]
#[derive(Default)]
struct Model {
    /// Number of points in a season.
    season: usize,
    /// The values of the first two seasons, until they are complete.
    first: Vec<f64>,
    level: f64,
    /// Change of the level from one point to the next.
    trend: f64,
    /// Distance from the level for each point of the last season, the oldest first.
    seasonal: VecDeque<f64>,
}

impl Model {
    fn new(season: usize) -> Self {
        Self {
            season,
            ..Self::default()
        }
    }

    /// The value that is expected so many points after the last one, once there is a model.
    fn expected(&self, ahead: usize) -> Option<f64> {
        let place = ahead.checked_sub(1)?.checked_rem(self.seasonal.len())?;
        Some(self.level + ahead as f64 * self.trend + self.seasonal[place])
    }

    fn push(&mut self, value: f64, alpha: f64, beta: f64, gamma: f64) {
        if let Some(seasonal) = self.seasonal.pop_front() {
            let before = self.level + self.trend;
            let level = alpha * (value - seasonal) + (1.0 - alpha) * before;
            self.trend = beta * (level - self.level) + (1.0 - beta) * self.trend;
            self.seasonal
                .push_back(gamma * (value - before) + (1.0 - gamma) * seasonal);
            self.level = level;
            return;
        }
        self.first.push(value);
        if self.first.len() == 2 * self.season {
            let values = std::mem::take(&mut self.first);
            let (first, second) = values.split_at(self.season);
            let mean = |values: &[f64]| values.iter().sum::<f64>() / self.season as f64;
            self.level = mean(first);
            self.trend = (mean(second) - self.level) / self.season as f64;
            self.seasonal = first.iter().map(|value| value - self.level).collect();
            for value in second {
                self.push(*value, alpha, beta, gamma);
            }
        }
    }
}

udf_runtime::main!(Forecast);

#[cfg(test)]
mod tests {
    use udf_runtime::testing::{Harness, Setup};

    use super::*;

    fn setup(options: &str) -> Setup<Forecast> {
        Harness::setup()
            .options(".field('v').season(4)")
            .options(options)
            .group_by(["host"])
    }

    /// Seasons of four points about 10, of the host a.
    fn seasons(count: i64) -> String {
        let line = |time| {
            let value = [10, 12, 10, 8][(time % 4) as usize];
            format!("m,host=a v={value} {time}\n")
        };
        (0..count * 4).map(line).collect()
    }

    #[test]
    fn a_season_that_repeats_is_expected_as_it_was() {
        let mut udf = setup("").start().unwrap();
        let sent = udf.lines(seasons(5)).unwrap();
        for (place, point) in sent.points().iter().enumerate() {
            let expected = point.field("forecast").and_then(|field| field.number());
            match expected {
                // The first two seasons make the model.
                None => assert!(place < 8, "{point}"),
                Some(expected) => {
                    assert!(place >= 8, "{point}");
                    assert!(
                        (expected - point.number("v").unwrap()).abs() < 1e-9,
                        "{point}"
                    );
                }
            }
        }
    }

    #[test]
    fn one_step_is_that_of_the_formulas() {
        let mut model = Model {
            season: 2,
            level: 10.0,
            trend: 1.0,
            seasonal: VecDeque::from([2.0, -2.0]),
            ..Model::default()
        };
        assert_eq!(model.expected(1), Some(13.0));
        assert_eq!(model.expected(2), Some(10.0));
        assert_eq!(model.expected(3), Some(15.0));
        model.push(17.0, 0.5, 0.5, 0.5);
        // level 0.5 * (17 - 2) + 0.5 * (10 + 1), trend 0.5 * (13 - 10) + 0.5 * 1,
        // season 0.5 * (17 - 10 - 1) + 0.5 * 2
        assert_eq!((model.level, model.trend), (13.0, 2.0));
        assert_eq!(model.seasonal, [-2.0, 4.0]);
    }

    #[test]
    fn it_looks_ahead() {
        let mut udf = setup(".ahead(3).as('later')").start().unwrap();
        let sent = udf.lines(seasons(3)).unwrap();
        // Three points after the end of a season.
        let later = sent.points()[11].number("later").unwrap();
        assert!((later - 10.0).abs() < 1e-9, "{later}");
    }

    #[test]
    fn another_season_begins_to_learn_again() {
        let mut udf = setup("").start().unwrap();
        udf.lines(seasons(3)).unwrap();
        let snapshot = udf.snapshot().unwrap();
        let setup = Harness::<Forecast>::setup().options(".field('v').season(6)");
        let mut udf = setup.group_by(["host"]).start().unwrap();
        udf.restore(&snapshot).unwrap();
        let sent = udf.lines("m,host=a v=10 12").unwrap();
        assert_eq!(sent, "m,host=a v=10 12\n");
    }

    #[test]
    fn a_restart_changes_nothing_wherever_it_happens() {
        setup("").restore_everywhere(seasons(4)).unwrap();
    }
}
