//! [`Script`]: input of several kinds, in its order.

use std::time::Duration;

use super::Sent;
use super::host::Data;
use crate::data::{Batch, Point};
use crate::line::Precision;

/// Input of several kinds, in its order.
///
/// A text, points and batches are scripts as well, wherever one is asked for.
///
/// ```
/// use std::time::Duration;
/// use udf_runtime::testing::Script;
///
/// let script = Script::new()
///     .lines("m v=1 1\nm v=2 2")
///     .advance(Duration::from_secs(10))
///     .lines("m v=3 3");
/// # let _ = script;
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Script {
    pub(super) parts: Vec<Part>,
}

#[derive(Clone, Debug)]
pub(super) enum Part {
    Lines(String),
    Step(Step),
}

/// What happens between two moments at which a snapshot can be taken.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Point(Point),
    Batch(Batch),
    Advance(Duration),
}

impl Step {
    /// As a reader of a report sees it.
    pub(super) fn shown(&self, precision: Precision) -> String {
        let mut data = Data::default();
        match self {
            Self::Point(point) => data.points.push(point.clone()),
            Self::Batch(batch) => data.batches.push(batch.clone()),
            Self::Advance(time) => return format!("--- {time:?} pass ---\n"),
        }
        Sent::new(data, precision).to_string()
    }
}

impl Script {
    /// A script without input.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds line protocol.
    pub fn lines(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Lines(text.into()));
        self
    }

    /// Adds a point.
    pub fn point(self, point: Point) -> Self {
        self.step(Step::Point(point))
    }

    /// Adds a batch.
    pub fn batch(self, batch: Batch) -> Self {
        self.step(Step::Batch(batch))
    }

    /// Moves the clock on.
    pub fn advance(self, time: Duration) -> Self {
        self.step(Step::Advance(time))
    }

    fn step(mut self, step: Step) -> Self {
        self.parts.push(Part::Step(step));
        self
    }
}

impl From<&str> for Script {
    fn from(lines: &str) -> Self {
        Self::new().lines(lines)
    }
}

impl From<String> for Script {
    fn from(lines: String) -> Self {
        Self::new().lines(lines)
    }
}

impl From<&String> for Script {
    fn from(lines: &String) -> Self {
        Self::new().lines(lines)
    }
}

impl From<Vec<Point>> for Script {
    fn from(points: Vec<Point>) -> Self {
        points.into_iter().fold(Self::new(), Self::point)
    }
}

impl From<Vec<Batch>> for Script {
    fn from(batches: Vec<Batch>) -> Self {
        batches.into_iter().fold(Self::new(), Self::batch)
    }
}
