//! The wall clock, in Kapacitor's unit.

use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

thread_local! {
    /// The time that a test has set for this thread, if any.
    static SET: Cell<Option<i64>> = const { Cell::new(None) };
}

/// The current time in nanoseconds since the epoch, UTC.
pub(crate) fn now() -> i64 {
    SET.get().unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        i64::try_from(since.unwrap_or_default().as_nanos()).unwrap_or(i64::MAX)
    })
}

/// Calls `act` with this thread's clock stopped at a time, in nanoseconds since the epoch, UTC.
pub(crate) fn at<T>(time: i64, act: impl FnOnce() -> T) -> T {
    /// Resets the clock after a panic as well.
    struct Reset(Option<i64>);

    impl Drop for Reset {
        fn drop(&mut self) {
            SET.set(self.0);
        }
    }

    let _reset = Reset(SET.replace(Some(time)));
    act()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_set_for_one_call_in_one_thread() {
        let inner = at(7, || {
            let elsewhere = std::thread::spawn(now).join().unwrap();
            assert!(elsewhere > 7);
            at(8, now)
        });
        assert_eq!(inner, 8);
        let panicked = std::panic::catch_unwind(|| at(9, || panic!("on purpose")));
        assert!(panicked.is_err());
        assert!(now() > 9);
    }
}
