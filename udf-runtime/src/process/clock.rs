//! The wall clock, as Kapacitor counts time.

use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since the epoch, UTC.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_nanos()).unwrap_or(i64::MAX)
}
