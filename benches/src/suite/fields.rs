//! How the cost of a point grows with its fields.

use super::Effort;
use crate::process::{Feed, run};
use crate::program::{Job, Transport, all};
use crate::round;
use crate::table::{Table, digits};
use crate::workload::{Shape, start, stream};

pub(super) fn measure(effort: Effort) {
    let mut programs = all(Job::Mirror, Transport::Pipe);
    programs.truncate(2);
    let mut table = Table::new(
        "mirror, points by number of floats, over pipes: CPU per point",
        &[
            "fields",
            "bytes",
            "ours µs",
            "copying loop µs",
            "ours, ns a field",
        ],
    );
    for fields in [1, 3, 10, 30, 100, 300, 1_000] {
        let points = (effort.points * 5 / (fields + 5)).max(1_000);
        let data = stream(Shape::Floats(fields), points, 50);
        let costs = round::medians(&programs, effort.rounds, |program| {
            run(program, &start(&[]), &data.bytes, Feed::Blocks)
        });
        let cpu: Vec<_> = costs.iter().map(|cost| cost.cpu / points as f64).collect();
        table.row(&[
            fields.to_string(),
            digits(data.bytes.len() as f64 / points as f64),
            digits(cpu[0] * 1e6),
            digits(cpu[1] * 1e6),
            digits(cpu[0] * 1e9 / fields as f64),
        ]);
    }
    table.print();
}
