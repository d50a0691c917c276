//! Waits with a deadline.

#![expect(clippy::panic, reason = "a failure fails the test")]

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long anything may take before the test fails: much longer than a loaded machine needs.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Work that runs in another thread.
#[derive(Debug)]
pub struct Aside<T> {
    what: &'static str,
    done: Receiver<T>,
}

/// Starts work that might never end in another thread. If it does not end, the failure names `what` it
/// waited for.
pub fn aside<T: Send + 'static>(
    what: &'static str,
    act: impl FnOnce() -> T + Send + 'static,
) -> Aside<T> {
    let (sender, done) = channel();
    // Fails only if the test does not wait any more.
    thread::spawn(move || drop(sender.send(act())));
    Aside { what, done }
}

impl<T> Aside<T> {
    /// Waits until the work is done and returns its result.
    ///
    /// # Panics
    /// If the work is not done in time or has panicked.
    #[track_caller]
    #[must_use]
    pub fn join(self) -> T {
        self.join_within(DEADLINE)
    }

    /// Waits until the deadline.
    ///
    /// # Panics
    /// If the work is not done in time or has panicked.
    #[track_caller]
    #[must_use]
    pub fn join_within(self, deadline: Duration) -> T {
        let what = self.what;
        match self.done.recv_timeout(deadline) {
            Ok(done) => done,
            Err(RecvTimeoutError::Timeout) => panic!("waited {deadline:?} for {what}"),
            Err(RecvTimeoutError::Disconnected) => {
                panic!("the thread that waited for {what} panicked")
            }
        }
    }
}
