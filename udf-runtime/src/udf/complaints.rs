//! Logs errors that do not end a UDF, without a line for each of a million.

use std::time::{Duration, Instant};

use super::OnError;
use crate::Error;

/// How often an error is logged at most.
const EVERY: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Complaints {
    last: Option<Instant>,
    /// Errors since that were not logged.
    unsaid: u64,
}

impl Complaints {
    pub(super) fn add(&mut self, error: &Error, on_error: OnError) {
        if self.last.is_some_and(|last| last.elapsed() < EVERY) {
            self.unsaid += 1;
            return;
        }
        let done = match on_error {
            OnError::Pass => "handed on as it came",
            OnError::Stop | OnError::Drop => "dropped",
        };
        self.sum_up();
        log::error!("{done}: {error}");
        self.last = Some(Instant::now());
    }

    /// Says how many were not logged.
    pub(super) fn sum_up(&mut self) {
        if self.unsaid > 0 {
            log::error!("{} more errors like that", self.unsaid);
            self.unsaid = 0;
        }
    }
}
