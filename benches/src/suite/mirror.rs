//! Points that come back unchanged.

use super::{Effort, throughput::Throughput};
use crate::process::Feed;
use crate::program::{Job, Transport, all};
use crate::workload::{Shape, start, stream};

pub(super) fn measure(effort: Effort) {
    for transport in [Transport::Pipe, Transport::Socket] {
        for (shape, times) in [
            (Shape::Small, 3.0),
            (Shape::Typical, 1.0),
            (Shape::Wide, 0.3),
        ] {
            mirror(transport, shape, times, Feed::Blocks, effort);
        }
    }
}

pub(super) fn measure_host_like(effort: Effort) {
    for transport in [Transport::Pipe, Transport::Socket] {
        mirror(transport, Shape::Typical, 0.5, Feed::HostLike, effort);
    }
}

fn mirror(transport: Transport, shape: Shape, times: f64, feed: Feed, effort: Effort) {
    let over = match transport {
        Transport::Pipe => "pipes",
        Transport::Socket => "a socket",
    };
    let written = match feed {
        Feed::Blocks => "",
        Feed::HostLike => ", lengths and messages written apart",
    };
    Throughput {
        title: &format!("mirror, {} points over {over}{written}", shape.name()),
        programs: all(Job::Mirror, transport),
        start: start(&[]),
        data: &|points| stream(shape, points, 50),
        points: (effort.points as f64 * times) as usize,
        feed,
    }
    .measure(effort);
}
