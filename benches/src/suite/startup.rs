//! The time from the start of the process to the answer to Info, for which Kapacitor waits.

use std::io::{Read, Write};

use super::Effort;
use crate::process::Process;
use crate::program::{Job, Program, Transport, all};
use crate::round::median;
use crate::table::{Table, digits};
use crate::workload::start;

pub(super) fn measure(effort: Effort) {
    let programs = all(Job::MovingAvg, Transport::Pipe);
    let mut rounds = vec![Vec::new(); programs.len()];
    for _ in 0..effort.rounds * 10 {
        for (program, times) in programs.iter().zip(&mut rounds) {
            times.push(until_info(program));
        }
    }
    let medians: Vec<_> = rounds
        .into_iter()
        .map(|times| median(times.into_iter()))
        .collect();
    let go = programs
        .iter()
        .position(|program| program.name == "Go agent");
    let mut table = Table::new("Start to Info", &["program", "ms", "of Go's"]);
    for (program, time) in programs.iter().zip(&medians) {
        table.row(&[
            program.name.to_owned(),
            digits(time * 1e3),
            go.map_or_else(|| "–".to_owned(), |go| digits(time / medians[go])),
        ]);
    }
    table.print();
}

fn until_info(program: &Program) -> f64 {
    let mut process = Process::start(program);
    let (mut input, mut output, close) = process.connect().split();
    // Only the first of the two requests.
    input.write_all(&start(&[])[..3]).expect("it reads");
    assert!(output.read(&mut [0; 4096]).expect("it answers") > 0);
    let seconds = process.started().elapsed().as_secs_f64();
    drop(input);
    close();
    process.end();
    seconds
}
