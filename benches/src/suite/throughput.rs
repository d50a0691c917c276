//! The throughput of one stream: what the subjects of this kind share.

use crate::process::{Cost, Feed, run};
use crate::program::Program;
use crate::round;
use crate::table::{Table, digits, mebibytes};
use crate::workload::Workload;

use super::Effort;

/// A stream of data through several programs, as a table.
pub(super) struct Throughput<'a> {
    pub(super) title: &'a str,
    pub(super) programs: Vec<Program>,
    pub(super) start: Vec<u8>,
    /// Makes data of about this many points.
    pub(super) data: &'a dyn Fn(usize) -> Workload,
    pub(super) points: usize,
    pub(super) feed: Feed,
}

impl Throughput<'_> {
    pub(super) fn measure(&self, effort: Effort) {
        let loads: Vec<_> = self
            .programs
            .iter()
            .map(|program| (program.share, self.points / program.share))
            .collect();
        let mut workloads: Vec<(usize, Workload)> = Vec::new();
        for (share, points) in loads {
            if !workloads.iter().any(|(known, _)| *known == share) {
                workloads.push((share, (self.data)(points.max(1))));
            }
        }
        let workload = |program: &Program| {
            let found = workloads.iter().find(|(share, _)| *share == program.share);
            &found.expect("each share has its workload").1
        };
        let costs = round::medians(&self.programs, effort.rounds, |program| {
            let workload = workload(program);
            let cost = run(program, &self.start, &workload.bytes, self.feed);
            Cost {
                seconds: cost.seconds / workload.points as f64,
                cpu: cost.cpu / workload.points as f64,
                memory: cost.memory,
            }
        });
        print(self.title, &self.programs, &costs);
    }
}

/// Prints the cost of a point in each program, compared with the copying loop and the Go agent.
pub(super) fn print(title: &str, programs: &[Program], costs: &[Cost]) {
    let of = |name: &str| {
        let found = programs.iter().position(|program| program.name == name);
        found.map(|index| costs[index])
    };
    let (copy, go) = (of("copying loop"), of("Go agent"));
    let mut table = Table::new(
        title,
        &[
            "program",
            "points/s",
            "of the copying loop",
            "times Go",
            "CPU µs/point",
            "of the copying loop's",
            "Go's, times",
            "peak MiB",
        ],
    );
    let ratio = |left: f64, right: Option<f64>| {
        right.map_or_else(|| "–".to_owned(), |right| digits(left / right))
    };
    for (program, cost) in programs.iter().zip(costs) {
        table.row(&[
            program.name.to_owned(),
            digits(1.0 / cost.seconds),
            ratio(1.0 / cost.seconds, copy.map(|copy| 1.0 / copy.seconds)),
            ratio(1.0 / cost.seconds, go.map(|go| 1.0 / go.seconds)),
            digits(cost.cpu * 1e6),
            ratio(cost.cpu, copy.map(|copy| copy.cpu)),
            go.map_or_else(|| "–".to_owned(), |go| digits(go.cpu / cost.cpu)),
            mebibytes(cost.memory),
        ]);
    }
    table.print();
}
