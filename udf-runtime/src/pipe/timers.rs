//! When a pipe does something though no input has come.

use std::time::{Duration, Instant};

/// When the UDF's tick is due.
#[derive(Debug)]
pub(super) struct Ticks {
    every: Duration,
    next: Instant,
    /// The last thing that was handled is a tick, and not input.
    has_ticked: bool,
}

impl Ticks {
    pub(super) fn new(every: Duration) -> Self {
        Ticks {
            every,
            next: Instant::now() + every,
            has_ticked: false,
        }
    }

    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// Whether a tick is due. Input that is there comes between two ticks, however long they take.
    pub(super) fn is_due(&self, is_input_there: bool) -> bool {
        self.next <= Instant::now() && !(is_input_there && self.has_ticked)
    }

    /// Notes a tick. Ticks that were missed are left out.
    pub(super) fn ticked(&mut self) {
        self.next = Instant::now() + self.every;
        self.has_ticked = true;
    }

    pub(super) fn input_came(&mut self) {
        self.has_ticked = false;
    }
}
