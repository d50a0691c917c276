//! Waiting, but not for ever.

#![expect(clippy::panic, reason = "it is a test that fails")]

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long anything may take before the test fails: far beyond what a loaded machine needs.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Something that is done in a thread of its own.
#[derive(Debug)]
pub struct Aside<T> {
    what: &'static str,
    done: Receiver<T>,
}

/// Does something that might never end in a thread of its own. `what` it waits for is told where
/// it does not.
pub fn aside<T: Send + 'static>(
    what: &'static str,
    act: impl FnOnce() -> T + Send + 'static,
) -> Aside<T> {
    let (tell, done) = channel();
    // Fails only where nobody wants to know.
    thread::spawn(move || drop(tell.send(act())));
    Aside { what, done }
}

impl<T> Aside<T> {
    /// Waits until it is done, and gives what came of it.
    ///
    /// # Panics
    /// When it is not done in time, or has panicked.
    #[track_caller]
    #[must_use]
    pub fn join(self) -> T {
        self.join_within(DEADLINE)
    }

    /// Waits for so long.
    ///
    /// # Panics
    /// When it is not done in time, or has panicked.
    #[track_caller]
    #[must_use]
    pub fn join_within(self, deadline: Duration) -> T {
        let what = self.what;
        match self.done.recv_timeout(deadline) {
            Ok(done) => done,
            Err(RecvTimeoutError::Timeout) => panic!("waited {deadline:?} for {what}"),
            Err(RecvTimeoutError::Disconnected) => panic!("what waited for {what} panicked"),
        }
    }
}
