//! The labels of axes.

use plotters::coord::ranged1d::Ranged;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint};

use crate::series::Axis;

/// An axis of time with its labels.
#[derive(Clone, Debug)]
pub(super) struct TimeAxis {
    axis: Axis,
    span: (f64, f64),
    step: f64,
}

const SECOND: f64 = 1000.0;
const MINUTE: f64 = 60.0 * SECOND;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

impl TimeAxis {
    /// At most so many labels.
    pub(super) fn new(axis: Axis, (from, to): (f64, f64), most: usize) -> Self {
        let least = (to - from) / most.max(1) as f64;
        let step = match axis {
            Axis::Nanoseconds(_) => round_step(least),
            Axis::Date if least < SECOND => round_step(least),
            Axis::Date => {
                let seconds = [1, 2, 5, 10, 15, 30].map(|count| f64::from(count) * SECOND);
                let minutes = [1, 2, 5, 10, 15, 30].map(|count| f64::from(count) * MINUTE);
                let hours = [1, 2, 3, 6, 12].map(|count| f64::from(count) * HOUR);
                let days = [1, 2, 7, 14, 28, 91, 182, 364].map(|count| f64::from(count) * DAY);
                let steps = seconds.into_iter().chain(minutes).chain(hours).chain(days);
                steps
                    .into_iter()
                    .find(|step| *step >= least)
                    .unwrap_or_else(|| round_step(least))
            }
        };
        TimeAxis {
            axis,
            span: (from, to),
            step,
        }
    }

    /// Where labels stand.
    fn places(&self) -> Vec<f64> {
        let (from, to) = self.span;
        let first = (from / self.step).ceil();
        let last = (to / self.step).floor();
        let count = (last - first).clamp(0.0, 100.0) as usize;
        let places = (0..=count).map(|number| (first + number as f64) * self.step);
        places.filter(|at| *at <= to).collect()
    }

    /// What stands at a place.
    pub(super) fn text(&self, at: f64) -> String {
        if let Axis::Nanoseconds(_) = self.axis {
            return format!("{} ns", short(at));
        }
        let of_day = at.rem_euclid(DAY);
        let (hours, minutes) = ((of_day / HOUR).floor(), (of_day % HOUR / MINUTE).floor());
        let seconds = of_day % MINUTE / SECOND;
        if self.step >= DAY {
            date((at / DAY).floor() as i64)
        } else if self.step >= MINUTE {
            format!("{hours:02}:{minutes:02}")
        } else if self.step >= SECOND {
            format!("{hours:02}:{minutes:02}:{seconds:02.0}")
        } else {
            format!("{minutes:02}:{seconds:06.3}")
        }
    }
}

impl Ranged for TimeAxis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let part = (value - self.span.0) / (self.span.1 - self.span.0);
        // A place far outside of the picture stays outside.
        let part = part.clamp(-10.0, 10.0);
        start + (part * f64::from(end - start)).round() as i32
    }

    fn key_points<H: KeyPointHint>(&self, _: H) -> Vec<f64> {
        self.places()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.span.0..self.span.1
    }
}

/// A date of the days since the epoch, by Howard Hinnant's `civil_from_days`.
fn date(days: i64) -> String {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

/// 1, 2 or 5 times a power of ten.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.max(f64::MIN_POSITIVE).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    steps
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or(least)
}

/// A number in few characters: `12.5M`.
pub(super) fn short(number: f64) -> String {
    let size = number.abs();
    let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")];
    let unit = units.into_iter().find(|(unit, _)| size >= *unit);
    match unit {
        Some((1e4, name)) => format!("{}{name}", plain(number / 1e3)),
        Some((unit, name)) => format!("{}{name}", plain(number / unit)),
        None if size != 0.0 && size < 1e-3 => format!("{number:.0e}"),
        None => plain(number),
    }
}

/// At most three decimals, and no zeros at the end.
fn plain(number: f64) -> String {
    let text = format!("{number:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown = [0.0, 1.5, -0.0001, 9999.0, 12_500.0, 62_311_180.0].map(short);
        assert_eq!(shown, ["0", "1.5", "-1e-4", "9999", "12.5k", "62.311M"]);
    }

    #[test]
    fn times_stand_at_round_ones() {
        let start = 1_700_000_000.0 * SECOND;
        let span = (start, start + 11.0 * MINUTE);
        let axis = TimeAxis::new(Axis::Date, span, 8);
        let texts: Vec<_> = axis.places().into_iter().map(|at| axis.text(at)).collect();
        assert_eq!(
            texts,
            ["22:14", "22:16", "22:18", "22:20", "22:22", "22:24"]
        );
        let axis = TimeAxis::new(Axis::Date, (start, start + 30.0 * DAY), 8);
        assert_eq!(axis.text(axis.places()[0]), "2023-11-16");
        assert!(TimeAxis::new(Axis::Date, (5.0, 5.0), 8).places().len() <= 101);
    }
}
