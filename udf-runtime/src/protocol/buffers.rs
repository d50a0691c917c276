//! How large the buffers of a busy connection may become.
//!
//! A single one is fastest with blocks of 64 KiB. Many of them share a fixed sum, so that hundreds
//! of connections, all of them busy, still fit into little memory.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Bytes at which a buffer starts.
pub(crate) const INITIAL: usize = 8 * 1024;
/// Bytes to which a buffer grows, where there is room for it.
const BUSY: usize = 64 * 1024;
/// Bytes for all buffers, of which a connection has one in each direction.
const SUM: usize = 8 * 1024 * 1024;

static SHARES: AtomicUsize = AtomicUsize::new(0);

/// The share of one buffer; it is free again when this is dropped.
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
