//! Logs errors that do not end a UDF, without a line for each of a million.

use std::time::{Duration, Instant};

use super::OnError;
use crate::Error;

/// How often something is logged at most.
const EVERY: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Complaints {
    last: Option<Instant>,
    /// Errors since that were not logged.
    unsaid: u64,
}

impl Complaints {
    /// Logs an error, unless one was logged a moment ago.
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
        Some(format!("{before}{done}: {error}"))
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
        let mut told = Vec::new();
        // A tick each 10 ms, and an error at every other one, for 25 s.
        for tick in 0..2_500 {
            let now = start + tick * Duration::from_millis(10);
            if tick % 2 == 0 {
                told.extend(complaints.line_about(&Error::msg("no"), OnError::Drop, now));
            }
            told.extend(complaints.overdue(now));
        }
        told.extend(complaints.rest());
        let expected = [
            "dropped: no",
            "499 more errors like that; dropped: no",
            "499 more errors like that; dropped: no",
            "249 more errors like that",
        ];
        assert_eq!(told, expected);
        assert_eq!(complaints.rest(), None);
    }

    #[test]
    fn a_tick_tells_of_errors_that_have_ceased() {
        let start = Instant::now();
        let mut complaints = Complaints::default();
        let first = complaints.line_about(&Error::msg("no"), OnError::Pass, start);
        assert_eq!(first.as_deref(), Some("handed on as it came: no"));
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
}
