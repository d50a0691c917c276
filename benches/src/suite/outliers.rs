//! Outliers of batches, small and large.

use super::{Effort, throughput::Throughput};
use crate::process::Feed;
use crate::program::{Job, Transport, all};
use crate::workload::{Shape, batches, outliers_options, start};

pub(super) fn measure(effort: Effort) {
    for size in [10, 1_000, 100_000] {
        Throughput {
            title: &format!("outliers, batches of {size} typical points"),
            programs: all(Job::Outliers, Transport::Pipe),
            start: start(&outliers_options()),
            data: &|points| batches(Shape::Typical, size, points.div_ceil(size)),
            // A batch of the largest size must fit into the slow programs' part of the work.
            points: effort.points.max(5 * size),
            feed: Feed::Blocks,
        }
        .measure(effort);
    }
}
