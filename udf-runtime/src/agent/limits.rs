//! What an agent puts up with.

use std::time::Duration;

/// What an agent puts up with. Memory is bounded by it, whatever the input says of its own size.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one message, either way. 64 MiB by default, 1 GiB at most.
    pub message_bytes: usize,
    /// Points of one batch that is received. 10 million by default.
    pub batch_points: usize,
    /// Bytes of the messages of one batch that is received. 1 GiB by default.
    pub batch_bytes: usize,
    /// How long one callback may take. Until then heartbeats keep Kapacitor from killing the
    /// UDF; then it ends with an error that says so. 5 minutes by default.
    pub callback: Duration,
}

impl Limits {
    pub(crate) const MAX_MESSAGE_BYTES: usize = 1 << 30;

    /// As told, within what the protocol bears.
    pub(super) fn checked(mut self) -> Self {
        self.message_bytes = self.message_bytes.min(Self::MAX_MESSAGE_BYTES);
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 64 << 20,
            batch_points: 10_000_000,
            batch_bytes: 1 << 30,
            callback: Duration::from_secs(5 * 60),
        }
    }
}
