//! Resource limits of an agent.

use std::time::Duration;

/// Resource limits of an agent, independent of the sizes that the input claims.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one message, in both directions. 64 MiB by default, 1 GiB at most.
    pub message_bytes: usize,
    /// Points of one received batch. 10 million by default.
    pub batch_points: usize,
    /// Bytes of the messages of one received batch. 1 GiB by default.
    pub batch_bytes: usize,
    /// How long one callback may take. Until then, heartbeats keep Kapacitor from killing the UDF.
    /// After it, the UDF ends with an error. 5 minutes by default.
    pub callback: Duration,
}

impl Limits {
    pub(crate) const MAX_MESSAGE_BYTES: usize = 1 << 30;

    /// The same limits, within what the protocol allows.
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
