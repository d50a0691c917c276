//! Logs errors that do not end a UDF, without a line for each of a million.

use std::time::{Duration, Instant};

use super::OnError;
use crate::data::{Batch, Point};
use crate::error::Error;
use crate::process::text;

/// How often something is logged at most.
const EVERY: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Complaints {
    last: Option<Instant>,
    /// Errors since that were not logged.
    unsaid: u64,
    subject: Subject,
}

/// The point or batch that the UDF has at the time.
#[derive(Debug, Default)]
struct Subject {
    kind: Kind,
    name: String,
    group: String,
    time: i64,
}

#[derive(Debug, Default)]
enum Kind {
    #[default]
    Point,
    Batch,
}

impl Subject {
    /// Reuses its texts: this is on the way of every point.
    fn set(&mut self, kind: Kind, name: &str, group: &str, time: i64) {
        self.kind = kind;
        for (text, new) in [(&mut self.name, name), (&mut self.group, group)] {
            text.clear();
            text.push_str(&text::cut(new));
        }
        self.time = time;
    }
}

impl Complaints {
    /// Takes note of a point before the UDF gets it.
    pub(super) fn note_point(&mut self, point: &Point) {
        self.subject
            .set(Kind::Point, point.name(), point.group(), point.time());
    }

    /// Takes note of a batch before the UDF gets it.
    pub(super) fn note_batch(&mut self, batch: &Batch) {
        self.subject
            .set(Kind::Batch, batch.name(), batch.group(), batch.tmax());
    }

    /// Logs an error of what was noted last, unless one was logged a moment ago.
    pub(super) fn add(&mut self, error: &Error, on_error: OnError) {
        log(self.line_about(error, on_error, Instant::now()));
    }

    /// Says how many were not logged, unless something was logged a moment ago.
    pub(super) fn catch_up(&mut self) {
        log(self.overdue(Instant::now()));
    }

    /// Says how many were not logged.
    pub(super) fn sum_up(&mut self) {
        log(self.rest());
    }

    fn line_about(&mut self, error: &Error, on_error: OnError, now: Instant) -> Option<String> {
        if !self.may_speak(now) {
            self.unsaid += 1;
            return None;
        }
        let done = match on_error {
            OnError::Pass => "handed on as it came",
            OnError::Stop | OnError::Drop => "dropped",
        };
        let before = self.rest().map_or_else(String::new, |rest| rest + "; ");
        self.last = Some(now);
        let Subject {
            kind,
            name,
            group,
            time,
        } = &self.subject;
        let (what, of_time) = match kind {
            Kind::Point => ("point", "time"),
            Kind::Batch => ("batch", "tmax"),
        };
        Some(format!(
            "{before}{what} {done}: {error} (name {name:?}, group {group:?}, {of_time} {time})"
        ))
    }

    fn overdue(&mut self, now: Instant) -> Option<String> {
        if !self.may_speak(now) {
            return None;
        }
        let rest = self.rest()?;
        self.last = Some(now);
        Some(rest)
    }

    fn rest(&mut self) -> Option<String> {
        match std::mem::take(&mut self.unsaid) {
            0 => None,
            1 => Some("1 more error like that".to_owned()),
            unsaid => Some(format!("{unsaid} more errors like that")),
        }
    }

    fn may_speak(&self, now: Instant) -> bool {
        self.last
            .is_none_or(|last| now.saturating_duration_since(last) >= EVERY)
    }
}

fn log(line: Option<String>) {
    if let Some(line) = line {
        log::error!("{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_logged_in_ten_seconds_however_often_it_is_asked() {
        let start = Instant::now();
        let mut complaints = Complaints::default();
        let mut point = Point::new("cpu");
        let mut told = Vec::new();
        // A tick each 10 ms, and an error at every other one, for 25 s.
        for tick in 0..2_500 {
            let now = start + tick * Duration::from_millis(10);
            if tick % 2 == 0 {
                point.set_time(i64::from(tick));
                complaints.note_point(&point);
                told.extend(complaints.line_about(&Error::msg("no"), OnError::Drop, now));
            }
            told.extend(complaints.overdue(now));
        }
        told.extend(complaints.rest());
        let expected = [
            r#"point dropped: no (name "cpu", group "", time 0)"#,
            r#"499 more errors like that; point dropped: no (name "cpu", group "", time 1000)"#,
            r#"499 more errors like that; point dropped: no (name "cpu", group "", time 2000)"#,
            "249 more errors like that",
        ];
        assert_eq!(told, expected);
        assert_eq!(complaints.rest(), None);
    }

    #[test]
    fn a_tick_tells_of_errors_that_have_ceased() {
        let start = Instant::now();
        let mut complaints = Complaints::default();
        let mut batch = Batch::new("cpu");
        batch.set_tag("host", "a");
        complaints.note_batch(&batch);
        let first = complaints.line_about(&Error::msg("no"), OnError::Pass, start);
        let expected = r#"batch handed on as it came: no (name "cpu", group "host=a", tmax 0)"#;
        assert_eq!(first.as_deref(), Some(expected));
        assert_eq!(
            complaints.line_about(&Error::msg("no"), OnError::Pass, start),
            None
        );
        assert_eq!(complaints.overdue(start), None);
        let told = complaints.overdue(start + EVERY);
        assert_eq!(told.as_deref(), Some("1 more error like that"));
        // That was a line, too.
        let next = start + EVERY + EVERY / 2;
        assert_eq!(
            complaints.line_about(&Error::msg("no"), OnError::Pass, next),
            None
        );
    }

    #[test]
    fn a_note_takes_little_memory_whatever_the_point_has() {
        let mut complaints = Complaints::default();
        complaints.note_point(&Point::new(&"x".repeat(1 << 20)));
        complaints.note_point(&Point::new("cpu"));
        assert!(complaints.subject.name.capacity() < 1 << 16);
    }
}
