//! What a UDF has in its hands: points, batches, and one value for each group.

// Uses `protocol` (a point is the bytes of its message) and `process` (the clock).

mod batch;
mod per_group;
mod point;

pub use batch::Batch;
pub use per_group::{Grouped, PerGroup};
pub use point::{FieldValue, Point, PointError};
