//! The latency of one point in flight.

use std::io::{Read, Write};
use std::time::Instant;

use super::Effort;
use crate::process::{Process, length};
use crate::program::{Job, Program, Transport, all};
use crate::round::{median, quantile};
use crate::table::{Table, digits};
use crate::workload::{Shape, start, stream};

pub(super) fn measure(effort: Effort) {
    for (transport, over) in [(Transport::Pipe, "pipes"), (Transport::Socket, "a socket")] {
        let programs = all(Job::Mirror, transport);
        let mut rounds = vec![Vec::new(); programs.len()];
        for _ in 0..effort.rounds {
            for (program, times) in programs.iter().zip(&mut rounds) {
                let trips = round_trips(program, effort.points / 100);
                times.push([0.5, 0.99].map(|part| quantile(trips.iter().copied(), part)));
            }
        }
        let medians: Vec<_> = rounds
            .iter()
            .map(|times| [0, 1].map(|which| median(times.iter().map(|time| time[which]))))
            .collect();
        let mut table = Table::new(
            &format!("One typical point in flight over {over}"),
            &["program", "p50 µs", "of the copying loop's", "p99 µs"],
        );
        for (program, times) in programs.iter().zip(&medians) {
            table.row(&[
                program.name.to_owned(),
                digits(times[0] * 1e6),
                digits(times[0] / medians[1][0]),
                digits(times[1] * 1e6),
            ]);
        }
        table.print();
    }
}

/// The seconds of each of `count` round trips.
fn round_trips(program: &Program, count: usize) -> Vec<f64> {
    let data = stream(Shape::Typical, 100, 50);
    let mut frames = Vec::new();
    let mut rest = &data.bytes[..];
    while !rest.is_empty() {
        let (size, head) = length(rest);
        let (frame, behind) = rest.split_at(head + size);
        frames.push(frame);
        rest = behind;
    }
    let mut process = Process::start(program);
    let (mut input, mut output, close) = process.connect().split();
    let mut buffer = vec![0; 64 * 1024];
    input.write_all(&start(&[])).expect("it reads");
    // The answers to Info and Init come together or separately. The first point clears both.
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert!(output.read(&mut buffer).expect("it answers") > 0);
    let mut times = Vec::with_capacity(count);
    for index in 0..count {
        let frame = frames[index % frames.len()];
        let begin = Instant::now();
        input.write_all(frame).expect("it reads");
        let mut received = 0;
        while received < frame.len() {
            received += output.read(&mut buffer).expect("it answers");
        }
        times.push(begin.elapsed().as_secs_f64());
    }
    drop(input);
    close();
    process.end();
    times
}
