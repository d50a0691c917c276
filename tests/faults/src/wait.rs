//! Waits for a condition by polling it until a deadline.

use std::thread;
use std::time::{Duration, Instant};

pub use support::wait::DEADLINE;

/// The pause between two calls.
const PAUSE: Duration = Duration::from_millis(5);

/// Calls `look` until it returns a value.
///
/// # Panics
/// After [`DEADLINE`], with `what` (as in "waited for …").
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        match look() {
            Some(value) => return value,
            None if start.elapsed() > DEADLINE => panic!("waited {DEADLINE:?} for {what}"),
            None => thread::sleep(PAUSE),
        }
    }
}
