//! A moving average of one field for each of 50 groups.

use super::{Effort, throughput::Throughput};
use crate::process::Feed;
use crate::program::{Job, Transport, all};
use crate::workload::{Shape, moving_avg_options, start, stream};

pub(super) fn measure(effort: Effort) {
    Throughput {
        title: "moving_avg, typical points, 50 groups",
        programs: all(Job::MovingAvg, Transport::Pipe),
        start: start(&moving_avg_options()),
        data: &|points| stream(Shape::Typical, points, 50),
        points: effort.points,
        feed: Feed::Blocks,
    }
    .measure(effort);
}
