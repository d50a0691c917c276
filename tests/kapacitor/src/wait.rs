//! Waiting for something to become true, by looking again and again until a deadline.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything is waited for before the test fails. It is far beyond what a loaded machine
/// needs, as only tests that fail wait so long.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Calls `look` until it gives a value.
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
