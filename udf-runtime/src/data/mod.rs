//! What a UDF has in its hands: points, batches, and one value for each group.

// Uses `protocol` (a point is the bytes of its message) and `process` (the clock).

mod batch;
mod group;
mod per_group;
mod point;
mod serialize;

pub use batch::Batch;
pub(crate) use group::spell_group;
pub use per_group::{Grouped, PerGroup};
pub use point::{AsFieldValue, FieldValue, Point, PointError};
