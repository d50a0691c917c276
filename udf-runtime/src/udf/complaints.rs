//! Logs errors that do not end a UDF, at most one line in ten seconds.

use std::time::{Duration, Instant};

use super::OnError;
use crate::data::{Batch, Point};
use crate::error::Error;
use crate::process::text;

/// Least time between two lines.
const EVERY: Duration = Duration::from_secs(10);

/// Kinds of errors that are counted separately between two summaries. More of them are counted as one.
const KINDS: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Complaints {
    /// When a period began, which logs its first error.
    last: Option<Instant>,
    /// The kinds of errors of this period, each of which was logged once.
    kinds: Vec<Kind>,
    /// Errors of this period that are of no such kind.
    others: u64,
    subject: Subject,
}

/// Errors of one text.
#[derive(Debug)]
struct Kind {
    text: String,
    /// Errors since the one that was logged.
    unsaid: u64,
}

/// The point or batch that the UDF has at the time.
#[derive(Debug, Default)]
struct Subject {
    what: What,
    name: String,
    group: String,
    time: i64,
}

#[derive(Debug, Default)]
enum What {
    #[default]
    Point,
    Batch,
}

impl Subject {
    /// Reuses its texts: this is on the way of every point.
    fn set(&mut self, what: What, name: &str, group: &str, time: i64) {
        self.what = what;
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
            .set(What::Point, point.name(), point.group(), point.time());
    }

    /// Takes note of a batch before the UDF gets it.
    pub(super) fn note_batch(&mut self, batch: &Batch) {
        self.subject
            .set(What::Batch, batch.name(), batch.group(), batch.tmax());
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
        let error = text::cut(&error.to_string()).into_owned();
        let mut before = String::new();
        if self.may_log(now) {
            before = self.rest().map_or_else(String::new, |rest| rest + "; ");
            self.kinds.clear();
            self.last = Some(now);
        } else if let Some(kind) = self.kinds.iter_mut().find(|kind| kind.text == error) {
            kind.unsaid += 1;
            return None;
        } else if self.kinds.len() == KINDS {
            self.others += 1;
            return None;
        }
        let done = match on_error {
            OnError::Pass => "passed on unchanged",
            OnError::Stop | OnError::Drop => "dropped",
        };
        let Subject {
            what,
            name,
            group,
            time,
        } = &self.subject;
        let (what, of_time) = match what {
            What::Point => ("point", "time"),
            What::Batch => ("batch", "tmax"),
        };
        let line = format!(
            "{before}{what} {done}: {error} (name {name:?}, group {group:?}, {of_time} {time})"
        );
        self.kinds.push(Kind {
            text: error,
            unsaid: 0,
        });
        Some(line)
    }

    fn overdue(&mut self, now: Instant) -> Option<String> {
        if !self.may_log(now) {
            return None;
        }
        let rest = self.rest()?;
        self.last = Some(now);
        Some(rest)
    }

    /// How many errors of each kind were not logged.
    fn rest(&mut self) -> Option<String> {
        let unsaid = self.kinds.iter_mut().filter(|kind| kind.unsaid > 0);
        let mut counts: Vec<_> = unsaid
            .map(|kind| {
                let unsaid = std::mem::take(&mut kind.unsaid);
                format!(
                    "{unsaid} more error{} like {:.80?}",
                    plural(unsaid),
                    kind.text
                )
            })
            .collect();
        if self.others > 0 {
            let others = std::mem::take(&mut self.others);
            counts.push(format!("{others} error{} of other kinds", plural(others)));
        }
        (!counts.is_empty()).then(|| counts.join(", "))
    }

    fn may_log(&self, now: Instant) -> bool {
        self.last
            .is_none_or(|last| now.saturating_duration_since(last) >= EVERY)
    }
}

fn plural(number: u64) -> &'static str {
    if number == 1 { "" } else { "s" }
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
    fn one_line_is_logged_in_ten_seconds() {
        let start = Instant::now();
        let mut complaints = Complaints::default();
        let mut point = Point::new("cpu");
        let mut lines = Vec::new();
        // A tick each 10 ms, and an error at every other one, for 25 s.
        for tick in 0..2_500 {
            let now = start + tick * Duration::from_millis(10);
            if tick % 2 == 0 {
                point.set_time(i64::from(tick));
                complaints.note_point(&point);
                lines.extend(complaints.line_about(&Error::msg("no"), OnError::Drop, now));
            }
            lines.extend(complaints.overdue(now));
        }
        lines.extend(complaints.rest());
        let expected = [
            r#"point dropped: no (name "cpu", group "", time 0)"#,
            r#"499 more errors like "no"; point dropped: no (name "cpu", group "", time 1000)"#,
            r#"499 more errors like "no"; point dropped: no (name "cpu", group "", time 2000)"#,
            r#"249 more errors like "no""#,
        ];
        assert_eq!(lines, expected);
        assert_eq!(complaints.rest(), None);
    }

    #[test]
    fn a_tick_reports_errors_that_have_ceased() {
        let start = Instant::now();
        let mut complaints = Complaints::default();
        let mut batch = Batch::new("cpu");
        batch.set_tag("host", "a");
        complaints.note_batch(&batch);
        let first = complaints.line_about(&Error::msg("no"), OnError::Pass, start);
        let expected = r#"batch passed on unchanged: no (name "cpu", group "host=a", tmax 0)"#;
        assert_eq!(first.as_deref(), Some(expected));
        assert_eq!(
            complaints.line_about(&Error::msg("no"), OnError::Pass, start),
            None
        );
        assert_eq!(complaints.overdue(start), None);
        let line = complaints.overdue(start + EVERY);
        assert_eq!(line.as_deref(), Some(r#"1 more error like "no""#));
        // That was a line, too.
        let next = start + EVERY + EVERY / 2;
        assert_eq!(
            complaints.line_about(&Error::msg("no"), OnError::Pass, next),
            None
        );
    }

    #[test]
    fn errors_are_counted_by_kind() {
        let start = Instant::now();
        let mut complaints = Complaints::default();
        complaints.note_point(&Point::new("m"));
        let mut add = |text: &str| {
            let error = Error::msg(text.to_owned());
            complaints
                .line_about(&error, OnError::Drop, start)
                .is_some()
        };
        // Each kind is logged once, in a period that has few of them.
        assert!(add("no field") && add("not a number"));
        assert!(!add("not a number") && !add("no field") && !add("not a number"));
        for kind in 2..20 {
            assert_eq!(add(&kind.to_string()), kind < KINDS);
        }
        assert_eq!(
            complaints.rest().as_deref(),
            Some(
                "1 more error like \"no field\", 2 more errors like \"not a number\", 12 errors of \
                 other kinds"
            )
        );
        assert_eq!(complaints.rest(), None);
    }

    #[test]
    fn a_note_takes_little_memory_of_a_point_of_any_size() {
        let mut complaints = Complaints::default();
        complaints.note_point(&Point::new(&"x".repeat(1 << 20)));
        complaints.note_point(&Point::new("cpu"));
        assert!(complaints.subject.name.capacity() < 1 << 16);
    }
}
