//! Counts the instructions per point and compares them with a budget.
//!
//! `instructions [--write]`: under callgrind, each example handles N points and then 2 N. The difference is
//! the cost of N points, without start and end. The count does not depend on the load of the machine. A
//! count more than 5 % above `benches/budgets.txt` fails. `--write` sets the budgets to the counts.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use udf_benches::program::built;
use udf_benches::workload::{self, Shape, Workload};

const POINTS: usize = 10_000;
/// The tolerance above a budget.
const TOLERANCE: f64 = 0.05;

fn main() -> ExitCode {
    let write = std::env::args()
        .nth(1)
        .is_some_and(|argument| argument == "--write");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("budgets.txt");
    let budgets = std::fs::read_to_string(&file).unwrap_or_default();
    let mut counted = String::new();
    let mut exceeded = false;
    for Subject {
        name,
        example,
        start,
        data,
    } in subjects()
    {
        let [one, two] = [1, 2].map(|times| {
            let mut input = start.clone();
            input.extend(data(times * POINTS).bytes);
            count(example, &input)
        });
        let a_point = (two - one) / POINTS as u64;
        let _ = writeln!(counted, "{name} {a_point}");
        let budget = budgets.lines().find_map(|line| {
            let (of, budget) = line.split_once(' ')?;
            (of == name).then(|| budget.parse::<u64>().expect("a budget is a number"))
        });
        let Some(budget) = budget else {
            println!("{name}: {a_point} instructions a point, no budget");
            exceeded |= !write;
            continue;
        };
        let change = a_point as f64 / budget as f64 - 1.0;
        let too_many = change > TOLERANCE;
        println!(
            "{name}: {a_point} instructions a point, {:+.1} % of the budget of {budget}{}",
            change * 100.0,
            if too_many { ": TOO MANY" } else { "" }
        );
        exceeded |= too_many;
    }
    if write {
        std::fs::write(&file, counted).expect("the file can be written");
        return ExitCode::SUCCESS;
    }
    if exceeded {
        println!("If that has a good reason: benches/instructions --write");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// An example, and the data that it handles.
struct Subject {
    /// Name of the budget.
    name: &'static str,
    example: &'static str,
    start: Vec<u8>,
    data: fn(usize) -> Workload,
}

fn subjects() -> [Subject; 4] {
    let stream = |points| workload::stream(Shape::Typical, points, 50);
    [
        Subject {
            name: "mirror",
            example: "mirror",
            start: workload::start(&[]),
            data: stream,
        },
        Subject {
            name: "mirror_wide",
            example: "mirror",
            start: workload::start(&[]),
            data: |points| workload::stream(Shape::Wide, points, 50),
        },
        Subject {
            name: "moving_avg",
            example: "moving_avg",
            start: workload::start(&workload::moving_avg_options()),
            data: stream,
        },
        Subject {
            name: "outliers",
            example: "outliers",
            start: workload::start(&workload::outliers_options()),
            data: |points| workload::batches(Shape::Typical, 1_000, points / 1_000),
        },
    ]
}

/// The instructions of an example for an input.
fn count(name: &str, input: &[u8]) -> u64 {
    let mut child = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(built().join("examples").join(name))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("valgrind is installed");
    let mut stdin = child.stdin.take().expect("it was piped");
    stdin.write_all(input).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it was started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} failed:\n{errors}");
    let collected = errors
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let (_, count) = collected.unwrap_or_else(|| panic!("no count of {name}:\n{errors}"));
    count.trim().parse().expect("a count is a number")
}
