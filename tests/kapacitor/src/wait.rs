//! Waits for a condition by polling it until a deadline.

use std::thread;
use std::time::{Duration, Instant};

/// How long to wait before the test fails. It is much longer than a loaded machine needs, because only
/// failing tests wait that long.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// The pause between two calls.
const PAUSE: Duration = Duration::from_millis(5);

/// Calls `look` until it returns a value.
///
/// # Panics
/// After [`DEADLINE`], with `what` (as in "waited for …") and what the last look saw instead.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match look() {
            Ok(value) => return value,
            Err(seen) if start.elapsed() > DEADLINE => {
                panic!("waited {DEADLINE:?} for {what}; at last: {seen}")
            }
            Err(_) => thread::sleep(PAUSE),
        }
    }
}
