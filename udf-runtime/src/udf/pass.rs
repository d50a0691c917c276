//! Passes on what a UDF has failed on, for `on_error = "pass"`.

use udf_proto::EdgeType;

use crate::data::{Batch, Point};
use crate::error::Result;
use crate::output::Output;

/// Passes on a point. On a batch edge it is a batch with one point.
pub(super) fn point<O: Output>(point: Point, out: &mut O) -> Result<()> {
    let out = out.target();
    match O::EDGE {
        EdgeType::Stream => out.point(point),
        EdgeType::Batch => {
            let mut batch = Batch::for_group_of(&point);
            batch.push(point);
            out.batch(batch)
        }
    }
}

/// Passes on a batch. On a stream edge its points follow each other.
pub(super) fn batch<O: Output>(batch: Batch, out: &mut O) -> Result<()> {
    let out = out.target();
    match O::EDGE {
        EdgeType::Batch => out.batch(batch),
        EdgeType::Stream => batch.into_iter().try_for_each(|point| out.point(point)),
    }
}
