//! [`Bell`]: wakes the watch.

use std::io;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Wakes the thread that listens.
pub(super) struct Bell {
    has_rung: Mutex<bool>,
    rings: Condvar,
}

impl Bell {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            has_rung: Mutex::new(false),
            rings: Condvar::new(),
        })
    }

    pub(super) fn ring(&self) {
        // No code panics while holding this lock.
        *self.has_rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.rings.notify_all();
    }

    /// Waits until the bell rings, for `time` at most.
    pub(super) fn wait(&self, time: Option<Duration>) {
        let has_rung = self.has_rung.lock().unwrap_or_else(PoisonError::into_inner);
        let time = time.unwrap_or(Duration::MAX);
        let waited = self
            .rings
            .wait_timeout_while(has_rung, time, |has_rung| !*has_rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}
