//! An output without Kapacitor: it keeps what was sent until it is taken.

use crate::data::{Batch, Point};

/// What was sent to an output that keeps it, in its order.
#[derive(Debug, Default)]
pub struct Collected {
    pub(crate) points: Vec<Point>,
    pub(crate) batches: Vec<Batch>,
}
