//! How the cost of a point grows with the groups that a UDF knows.

use std::io::{Read, Write};
use std::thread;
use std::time::Instant;

use super::Effort;
use crate::process::{Cost, Feed, Process, drain, write};
use crate::program::{Job, Program, Transport, all};
use crate::round;
use crate::table::{Table, digits, mebibytes};
use crate::workload::{Shape, Workload, all_groups, moving_avg_options, start, stream};

pub(super) fn measure(effort: Effort) {
    let mut programs = all(Job::MovingAvg, Transport::Pipe);
    programs.truncate(1);
    let mut table = Table::new(
        "moving_avg, typical points, each of another group",
        &[
            "groups",
            "ns/point",
            "of that with 50 groups",
            "peak MiB",
            "bytes/group",
        ],
    );
    let mut first: Option<Cost> = None;
    for groups in [50, 1_000, 10_000, 100_000, 1_000_000] {
        let (known, data) = (
            all_groups(Shape::Typical, groups),
            stream(Shape::Typical, effort.points, groups),
        );
        let cost = round::medians(&programs, effort.rounds.min(5), |program| {
            run_warm(program, &known, &data)
        })[0];
        let with_few = *first.get_or_insert(cost);
        table.row(&[
            digits(groups as f64),
            digits(cost.seconds * 1e9),
            digits(cost.seconds / with_few.seconds),
            mebibytes(cost.memory),
            digits((cost.memory - with_few.memory.min(cost.memory)) as f64 / groups as f64),
        ]);
    }
    table.print();
}

/// Measures points whose groups the program has already seen.
fn run_warm(program: &Program, known: &Workload, data: &Workload) -> Cost {
    let mut process = Process::start(program);
    let (mut input, mut output, close) = process.connect().split();
    input
        .write_all(&start(&moving_avg_options()))
        .expect("it reads");
    assert!(output.read(&mut [0; 4096]).expect("it answers") > 0);
    let reader = thread::spawn(move || {
        drain(&mut *output);
        Instant::now()
    });
    // Few of these bytes are still in the pipe when the clock starts.
    write(&mut *input, &known.bytes, Feed::Blocks);
    let begin = Instant::now();
    write(&mut *input, &data.bytes, Feed::Blocks);
    let memory = process.memory();
    drop(input);
    close();
    let end = reader.join().expect("reading does not fail");
    let cpu = process.end();
    Cost {
        seconds: (end - begin).as_secs_f64() / data.points as f64,
        cpu,
        memory,
    }
}
