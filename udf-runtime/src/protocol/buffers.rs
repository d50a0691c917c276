//! The sizes of the connections' buffers.
//!
//! A single connection is fastest with blocks of 64 KiB. Many connections share a fixed total, so that
//! hundreds of busy connections still need little memory.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Initial size of a buffer, in bytes.
pub(crate) const INITIAL: usize = 8 * 1024;
/// Largest size of a buffer, in bytes, if the total allows it.
const BUSY: usize = 64 * 1024;
/// Bytes for all buffers together. A connection has one buffer in each direction.
const SUM: usize = 8 * 1024 * 1024;

static SHARES: AtomicUsize = AtomicUsize::new(0);

/// One buffer's share of the total. Dropping it releases the share.
#[derive(Debug)]
pub(crate) struct Share(());

impl Share {
    pub(crate) fn new() -> Self {
        SHARES.fetch_add(1, Relaxed);
        Self(())
    }

    /// Bytes to which the buffer may grow.
    pub(crate) fn busy(&self) -> usize {
        (SUM / SHARES.load(Relaxed).max(1)).clamp(INITIAL, BUSY)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        SHARES.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_connections_have_large_buffers_and_many_have_small_ones() {
        let few = Share::new();
        assert_eq!(few.busy(), BUSY);
        let many: Vec<_> = (0..512).map(|_| Share::new()).collect();
        assert!(few.busy() <= 16 * 1024);
        drop(many);
        assert_eq!(few.busy(), BUSY);
    }
}
