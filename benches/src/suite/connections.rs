//! Many connections to one server, each with its own stream.

use std::io::{Read, Write};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::Instant;

use super::{Effort, throughput};
use crate::process::{Cost, Feed, Process, drain, receive, write};
use crate::program::{Job, Program, Transport, all};
use crate::round;
use crate::workload::{Shape, Workload, start, stream};

pub(super) fn measure(effort: Effort) {
    let programs: Vec<_> = all(Job::Mirror, Transport::Socket)
        .into_iter()
        .filter(|program| program.name != "Python agent")
        .collect();
    for connections in [1, 16, 256, 1_000] {
        let costs = round::medians(&programs, effort.rounds.min(5), |program| {
            // Enough points that connecting and ending do not matter.
            let points = (effort.points * 4 / connections).max(2_000) / program.share.min(4);
            let data = stream(Shape::Typical, points, 50);
            run(program, connections, &data)
        });
        let title = match connections {
            1 => "mirror, typical points over 1 connection".to_owned(),
            _ => format!("mirror, typical points over {connections} connections at once"),
        };
        throughput::print(&title, &programs, &costs);
    }
}

fn run(program: &Program, connections: usize, data: &Workload) -> Cost {
    let mut process = Process::start(program);
    let ends: Vec<_> = (0..connections)
        .map(|_| {
            let (mut input, mut output, close) = process.connect().split();
            input.write_all(&start(&[])).expect("it reads");
            assert!(output.read(&mut [0; 4096]).expect("it answers") > 0);
            (input, output, close)
        })
        .collect();
    // The Go agent drops points in flight when its input ends, so nearly all bytes must be back by then.
    // Not all bytes, because an encoder may omit zeros.
    let (back, all_back) = mpsc::channel();
    let measured = Barrier::new(connections + 1);
    let begin = Instant::now();
    let (memory, end) = thread::scope(|scope| {
        let mut readers = Vec::new();
        for (mut input, mut output, close) in ends {
            let (sent, back, measured) = (back.clone(), back.clone(), &measured);
            readers.push(scope.spawn(move || {
                receive(&mut *output, data.bytes.len() / 100 * 99);
                back.send(()).expect("the receiver waits");
                drain(&mut *output);
                Instant::now()
            }));
            scope.spawn(move || {
                write(&mut *input, &data.bytes, Feed::Blocks);
                sent.send(()).expect("the receiver waits");
                measured.wait();
                drop(input);
                close();
            });
        }
        assert_eq!(
            all_back.iter().take(2 * connections).count(),
            2 * connections
        );
        let memory = process.memory();
        measured.wait();
        let ends = readers.into_iter().map(|reader| reader.join());
        let last = ends.map(|end| end.expect("reading does not fail")).max();
        (memory, last.expect("there is a connection"))
    });
    let points = (data.points * connections) as f64;
    Cost {
        seconds: (end - begin).as_secs_f64() / points,
        cpu: process.end() / points,
        memory,
    }
}
