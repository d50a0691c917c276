//! Points a second through a task with a UDF, in the real Kapacitor, and what they cost: without a
//! UDF, with the official Go agent's mirror, with a loop that only copies, and with our mirror.
//!
//! ```text
//! cargo build --release --examples && cargo bench -p kapacitor-tests
//! ```
//!
//! The ways take turns, so that whatever else the machine does strikes all of them; the medians
//! are printed.

use std::fs;
use std::time::{Duration, Instant};

use kapacitor_tests::{Kapacitor, Task, Udf, Via, programs};

/// Points of one measurement.
const POINTS: u64 = 200_000;
/// Points that are written at once.
const AT_ONCE: u64 = 2_000;
/// Points before each measurement.
const WARM_UP: u64 = 20_000;
/// How often the ways take turns.
const ROUNDS: usize = 5;

/// One measurement.
#[derive(Clone, Copy)]
struct Measured {
    points_per_second: f64,
    /// CPU seconds for a million points.
    udf: f64,
    kapacitord: f64,
    /// MiB at most.
    udf_memory: f64,
    kapacitord_memory: f64,
}

fn main() {
    let ways: [(&str, Option<Udf>); 6] = [
        ("no UDF", None),
        ("Go mirror, socket", Some(mirror("go", Via::Socket))),
        ("copying loop, process", Some(mirror("loop", Via::Process))),
        ("ours, process", Some(mirror("ours", Via::Process))),
        ("ours, socket", Some(mirror("ours", Via::Socket))),
        // The same again, to see what is noise.
        ("no UDF", None),
    ];
    let mut all = vec![Vec::new(); ways.len()];
    for _ in 0..ROUNDS {
        for (measured, (_, udf)) in all.iter_mut().zip(&ways) {
            measured.push(measure(udf.as_ref()));
        }
    }
    let go = median(&all[1]);
    println!(
        "{:22} | {:>9} | {:>6} | {:>9} | {:>6} | {:>11} | {:>9} | {:>11}",
        "", "points/s", "/ Go", "UDF CPU s", "/ Go", "host CPU s", "UDF MiB", "host MiB"
    );
    for ((name, _), measured) in ways.iter().zip(&all) {
        let it = median(measured);
        println!(
            "{name:22} | {:9.0} | {:6.2} | {:9.2} | {:6.3} | {:11.2} | {:9.1} | {:11.1}",
            it.points_per_second,
            it.points_per_second / go.points_per_second,
            it.udf,
            it.udf / go.udf,
            it.kapacitord,
            it.udf_memory,
            it.kapacitord_memory,
        );
    }
    println!("CPU seconds are those of a million points; medians of {ROUNDS} rounds.");
}

fn mirror(which: &str, via: Via) -> Udf {
    let program = match which {
        "go" => programs::go_example("mirror"),
        "loop" => programs::test_udf("copying_udf"),
        _ => programs::example("mirror"),
    };
    Udf::new("udf", program, via)
}

fn measure(udf: Option<&Udf>) -> Measured {
    let mut builder = Kapacitor::builder();
    if let Some(udf) = udf {
        builder = builder.udf(udf.clone());
    }
    let mut kapacitor = builder.start();
    let (call, node) = if udf.is_some() {
        ("@udf()", "udf2")
    } else {
        ("", "from1")
    };
    // What stands behind counts them, and is the cheapest that there is.
    let script = format!("stream|from().measurement('cpu'){call}|where(lambda: FALSE)");
    let points: String = (0..AT_ONCE).map(point).collect();

    let task = kapacitor.stream("task", &script);
    write(&kapacitor, &points, WARM_UP);
    passed(&task, node, WARM_UP);
    let host = kapacitor.process().id();
    let server = udf.is_some().then(|| kapacitor.children().first().copied());
    let of_udf = server.map(|child| child.unwrap_or_else(|| kapacitor.server("udf").id()));

    let before = (cpu(host), of_udf.map_or(0.0, cpu));
    let start = Instant::now();
    write(&kapacitor, &points, POINTS);
    passed(&kapacitor.task("task"), node, WARM_UP + POINTS);
    let took = start.elapsed();
    let millions = POINTS as f64 / 1e6;
    Measured {
        points_per_second: POINTS as f64 / took.as_secs_f64(),
        udf: (of_udf.map_or(0.0, cpu) - before.1) / millions,
        kapacitord: (cpu(host) - before.0) / millions,
        udf_memory: of_udf.map_or(0.0, memory),
        kapacitord_memory: memory(host),
    }
}

/// A point with four tags and ten fields.
fn point(i: u64) -> String {
    format!(
        "cpu,host=server{:02},region=eu-west,cpu=cpu{},rack=r7 usage_user={}.5,usage_system={}.25,\
         usage_idle=88.125,usage_nice=0,usage_iowait=0.5,usage_irq=0,usage_softirq=0.0625,\
         count={i}i,ok=true,state=\"running\" {i}\n",
        i % 20,
        i % 4,
        i % 100,
        i % 50,
    )
}

fn write(kapacitor: &Kapacitor, points: &str, count: u64) {
    for _ in 0..count / AT_ONCE {
        kapacitor.write(points);
    }
}

/// Waits until so many points have come out of a node.
fn passed(task: &Task<'_>, node: &str, count: u64) {
    let emitted = || {
        let stats = &task.describe()["stats"]["node-stats"][node];
        stats["emitted"].as_u64().unwrap_or_default()
    };
    while emitted() < count {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Seconds of CPU that a process has used.
fn cpu(process: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).expect("the process runs");
    let (_, rest) = text
        .rsplit_once(')')
        .expect("the name of a command is in parentheses");
    let ticks = rest.split_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    // What Linux tells programs, whatever its own clock does.
    ticks / 100.0
}

/// The most MiB that a process has had in memory.
fn memory(process: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs");
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

/// The median of each number by itself.
fn median(measured: &[Measured]) -> Measured {
    let of = |pick: fn(&Measured) -> f64| {
        let mut numbers: Vec<f64> = measured.iter().map(pick).collect();
        numbers.sort_by(f64::total_cmp);
        numbers[numbers.len() / 2]
    };
    Measured {
        points_per_second: of(|it| it.points_per_second),
        udf: of(|it| it.udf),
        kapacitord: of(|it| it.kapacitord),
        udf_memory: of(|it| it.udf_memory),
        kapacitord_memory: of(|it| it.kapacitord_memory),
    }
}
