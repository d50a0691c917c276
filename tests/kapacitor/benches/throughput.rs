//! Throughput and cost of a task with a UDF in the real Kapacitor: without a UDF, with the official Go
//! agent's mirror, with a loop that only copies, and with our mirror.
//!
//! ```text
//! cargo build --release --examples && cargo bench -p kapacitor-tests --bench throughput [-- ROUNDS]
//! ```
//!
//! The candidates take turns, so that other load of the machine affects all of them. The output has the
//! medians and their ratios: to the Go mirror, and to the copying loop with the same transport.

use std::fs;
use std::time::{Duration, Instant};

use kapacitor_tests::{Kapacitor, Task, Udf, Via, programs};

/// Points of one measurement.
const POINTS: u64 = 200_000;
/// Points per write.
const AT_ONCE: u64 = 2_000;
/// Points before each measurement.
const WARM_UP: u64 = 20_000;
/// The default number of rounds.
const ROUNDS: usize = 5;

/// One measurement.
#[derive(Clone, Copy)]
struct Measured {
    points_per_second: f64,
    /// CPU seconds for a million points.
    udf: f64,
    /// The part of them in the kernel.
    udf_in_kernel: f64,
    kapacitord: f64,
    /// Peak MiB.
    udf_memory: f64,
    kapacitord_memory: f64,
}

/// What can be between the source of the points and their end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Program {
    GoMirror,
    CopyingLoop,
    OurMirror,
}

use Program::{CopyingLoop, GoMirror, OurMirror};

/// A UDF and its transport, or none.
type Way = Option<(Program, Via)>;

/// "Without a UDF" comes twice, to show the noise.
const WAYS: [Way; 7] = [
    None,
    Some((GoMirror, Via::Socket)),
    Some((CopyingLoop, Via::Process)),
    Some((OurMirror, Via::Process)),
    Some((CopyingLoop, Via::Socket)),
    Some((OurMirror, Via::Socket)),
    None,
];

fn main() {
    let rounds = std::env::args().find_map(|argument| argument.parse().ok());
    let rounds = rounds.unwrap_or(ROUNDS).max(1);
    let mut all = WAYS.map(|_| Vec::new());
    for _ in 0..rounds {
        for (way, measured) in WAYS.iter().zip(&mut all) {
            measured.push(measure(way.map(udf)));
        }
    }
    let medians = all.map(|measured| median(&measured));
    let median_of = |wanted: Way| {
        let mut all = WAYS.iter().zip(&medians);
        all.find_map(|(way, it)| (*way == wanted).then_some(*it))
    };
    println!(
        "{:21} | {:>8} | {:>5} | {:>5} | {:>9} | {:>5} | {:>5} | {:>9} | {:>10} | {:>7} | {:>8}",
        "",
        "points/s",
        "/ Go",
        "/loop",
        "UDF CPU s",
        "/ Go",
        "/loop",
        "in kernel",
        "host CPU s",
        "UDF MiB",
        "host MiB",
    );
    for (way, it) in WAYS.iter().zip(&medians) {
        let go = way.and_then(|_| median_of(Some((GoMirror, Via::Socket))));
        let same_way = way.and_then(|(_, via)| median_of(Some((CopyingLoop, via))));
        println!(
            "{:21} | {:8.0} | {:>5} | {:>5} | {:9.2} | {:>5} | {:>5} | {:9.2} | {:10.2} | {:7.1} | {:8.1}",
            name(*way),
            it.points_per_second,
            ratio(it, go, |it| it.points_per_second),
            ratio(it, same_way, |it| it.points_per_second),
            it.udf,
            ratio(it, go, |it| it.udf),
            ratio(it, same_way, |it| it.udf),
            it.udf_in_kernel,
            it.kapacitord,
            it.udf_memory,
            it.kapacitord_memory,
        );
    }
    println!("CPU seconds are those of a million points; medians of {rounds} rounds.");
}

fn name(way: Way) -> String {
    let Some((program, via)) = way else {
        return "no UDF".into();
    };
    let program = match program {
        GoMirror => "Go mirror",
        CopyingLoop => "copying loop",
        OurMirror => "ours",
    };
    match via {
        Via::Process => format!("{program}, process"),
        Via::Socket => format!("{program}, socket"),
    }
}

fn ratio(it: &Measured, to: Option<Measured>, of: fn(&Measured) -> f64) -> String {
    to.map_or_else(String::new, |to| format!("{:.3}", of(it) / of(&to)))
}

fn udf((program, via): (Program, Via)) -> Udf {
    let program = match program {
        GoMirror => programs::go_example("mirror"),
        CopyingLoop => programs::test_udf("copying_udf"),
        OurMirror => programs::example("mirror"),
    };
    Udf::new("udf", program, via)
}

fn measure(udf: Option<Udf>) -> Measured {
    let with_udf = udf.is_some();
    let (call, node) = if with_udf {
        ("@udf()", "udf2")
    } else {
        ("", "from1")
    };
    let mut kapacitor = udf
        .map_or_else(Kapacitor::builder, |udf| Kapacitor::builder().udf(udf))
        .start();
    // The node after it counts them, which is the cheapest node.
    let script = format!("stream|from().measurement('cpu'){call}|where(lambda: FALSE)");
    let points: String = (0..AT_ONCE).map(point).collect();

    let task = kapacitor.stream("task", &script);
    write(&kapacitor, &points, WARM_UP);
    passed(&task, node, WARM_UP);
    let host = kapacitor.process().id();
    let child = with_udf.then(|| kapacitor.children().first().copied());
    let udf = child.map(|child| child.unwrap_or_else(|| kapacitor.server("udf").id()));
    let cpus = || (cpu(host), udf.map_or(Cpu::default(), cpu));

    let before = cpus();
    let start = Instant::now();
    write(&kapacitor, &points, POINTS);
    passed(&kapacitor.task("task"), node, WARM_UP + POINTS);
    let took = start.elapsed();
    let after = cpus();
    let millions = POINTS as f64 / 1e6;
    Measured {
        points_per_second: POINTS as f64 / took.as_secs_f64(),
        udf: (after.1.total() - before.1.total()) / millions,
        udf_in_kernel: (after.1.kernel - before.1.kernel) / millions,
        kapacitord: (after.0.total() - before.0.total()) / millions,
        udf_memory: udf.map_or(0.0, memory),
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

/// Waits until this many points have come out of a node.
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
#[derive(Clone, Copy, Default)]
struct Cpu {
    program: f64,
    kernel: f64,
}

impl Cpu {
    fn total(self) -> f64 {
        self.program + self.kernel
    }
}

fn cpu(process: u32) -> Cpu {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).expect("the process runs");
    let (_, rest) = text
        .rsplit_once(')')
        .expect("the name of a command is in parentheses");
    let mut ticks = rest.split_whitespace().skip(11);
    let mut seconds = || {
        let ticks = ticks.next().and_then(|ticks| ticks.parse::<f64>().ok());
        // Linux reports 100 ticks per second to programs, independent of its own clock.
        ticks.expect("two numbers of ticks") / 100.0
    };
    Cpu {
        program: seconds(),
        kernel: seconds(),
    }
}

/// The peak memory of a process in MiB.
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
        udf_in_kernel: of(|it| it.udf_in_kernel),
        kapacitord: of(|it| it.kapacitord),
        udf_memory: of(|it| it.udf_memory),
        kapacitord_memory: of(|it| it.kapacitord_memory),
    }
}
