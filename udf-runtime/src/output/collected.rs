//! An output without Kapacitor: a list of what was sent.

use crate::data::{Batch, Point};

/// The points and batches that were sent, each in order.
#[derive(Debug, Default)]
pub struct Collected {
    pub(crate) points: Vec<Point>,
    pub(crate) batches: Vec<Batch>,
}
