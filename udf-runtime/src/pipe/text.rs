//! A text of line protocol as points or batches, and back.

use std::fmt;
use std::time::Duration;

use super::batches::Batches;
use super::group::{Grouping, batched_point};
use super::lines::Lines;
use super::{GroupBy, PipeError};
use crate::data::{Batch, Point};
use crate::line::{Line, LineError, Omitted, Parser, Precision, Scanned};

/// Reads whole texts as a pipe reads its input.
pub(crate) struct TextReader {
    grouping: Grouping,
    /// Nanoseconds of the points' time that a batch spans.
    period: Option<i64>,
    precision: Precision,
}

/// A bad line of a text.
#[derive(Debug)]
pub(crate) struct TextError {
    /// Counts from 1.
    line: u64,
    error: LineError,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}", self.line, self.error)
    }
}

impl TextReader {
    /// Fails where the period is none.
    pub(crate) fn new(
        group_by: GroupBy,
        by_name: bool,
        period: Option<Duration>,
        precision: Precision,
    ) -> Result<Self, PipeError> {
        let nanoseconds = |period: Duration| match i64::try_from(period.as_nanos()) {
            Ok(nanoseconds @ 1..) => Ok(nanoseconds),
            _ => Err(PipeError::Period),
        };
        Ok(Self {
            grouping: Grouping::new(group_by, by_name),
            period: period.map(nanoseconds).transpose()?,
            precision,
        })
    }

    /// The points of a text. Those without a time get `now`.
    pub(crate) fn points(&mut self, text: &str, now: i64) -> Result<Vec<Point>, TextError> {
        let mut points = Vec::new();
        each_line(text, self.precision, |line| {
            let time = line.time().unwrap_or(now);
            points.push(self.grouping.of(line).point(line, time));
        })?;
        Ok(points)
    }

    /// The batches of a text, all of which end with it. Points without a time get `now`.
    pub(crate) fn batches(&mut self, text: &str, now: i64) -> Result<Vec<Batch>, TextError> {
        let mut open = Batches::new(self.period);
        let mut ended = Vec::new();
        each_line(text, self.precision, |line| {
            let group = self.grouping.of(line);
            ended.extend(open.add(group.id, line, line.time().unwrap_or(now)));
        })?;
        ended.extend(open.end());
        let mut batches = Vec::new();
        let mut parser = Parser::new(self.precision);
        for gathered in &ended {
            let mut begun = None;
            let mut points = Vec::new();
            for (time, text) in gathered.lines() {
                // It was read once already.
                let Ok(Some(line)) = parser.parse(text) else {
                    continue;
                };
                let begin = begun
                    .get_or_insert_with(|| self.grouping.of(&line).begin(&line, gathered.points));
                points.push(batched_point(&begin.group, &line, time));
            }
            batches.extend(begun.map(|begin| Batch::received(begin, points, gathered.tmax)));
        }
        Ok(batches)
    }
}

/// Calls `act` with each line that holds a point.
fn each_line(
    text: &str,
    precision: Precision,
    mut act: impl FnMut(&Line<'_>),
) -> Result<(), TextError> {
    let mut parser = Parser::new(precision);
    let mut rest = text.as_bytes();
    let mut number = 1;
    while !rest.is_empty() {
        let scanned = parser.scan(rest);
        let (end, breaks) = match scanned.map_err(|error| TextError {
            line: number,
            error,
        })? {
            Scanned::Nothing { end } => (end, 0),
            Scanned::Point { line, end } => {
                act(&line);
                (end, line.breaks())
            }
        };
        number += 1 + breaks;
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Ok(())
}

/// Appends a point of a stream as a line; returns what the line does not hold.
pub(crate) fn write_point(point: &Point, precision: Precision, to: &mut String) -> Omitted {
    write(precision, to, |lines| lines.point(point, None))
}

/// Appends the points of a batch as lines; returns what the lines do not hold.
pub(crate) fn write_batch(batch: &Batch, precision: Precision, to: &mut String) -> Omitted {
    write(precision, to, |lines| lines.batch(batch))
}

fn write(precision: Precision, to: &mut String, act: impl FnOnce(&mut Lines)) -> Omitted {
    let mut lines = Lines::new(precision);
    act(&mut lines);
    // All that a point holds was checked to be UTF-8 when it was read.
    to.push_str(&String::from_utf8_lossy(&lines.text));
    lines.omitted
}
