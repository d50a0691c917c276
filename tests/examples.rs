//! Tests that the examples do what they claim.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::iter;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use support::process::{Ran, Started, run};
use support::wait::DEADLINE;

const EPISODES: &str = env!("CARGO_BIN_EXE_episodes");
const MIRROR: &str = env!("CARGO_BIN_EXE_mirror");
const MOVING_AVG: &str = env!("CARGO_BIN_EXE_moving_avg");
const OUTLIERS: &str = env!("CARGO_BIN_EXE_outliers");
const PERCENTILES: &str = env!("CARGO_BIN_EXE_percentiles");
const PROTOCOL_TRACE: &str = env!("CARGO_BIN_EXE_protocol_trace");
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data");

/// The command in an example's header.
fn command_of(source: &str) -> Vec<String> {
    let path = format!("{}/../examples/{source}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the example is there");
    let mut command = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("//!")) {
        let continues = command.last().is_some_and(|word| word == "\\");
        if continues || line.starts_with(" cargo run ") {
            command.retain(|word| word != "\\");
            command.extend(line.split_whitespace().map(str::to_owned));
        }
    }
    command
}

fn pipe(program: &str, arguments: &[&str], input: &str) -> Ran {
    let ran = run(program, ["pipe"].iter().chain(arguments), input);
    assert_eq!(ran.code(), 0, "{ran:?}");
    ran
}

/// Values of a field by time, of the points with a tag (`name=value`, or an empty text for all).
fn values(output: &str, tag: &str, field: &str) -> BTreeMap<i64, f64> {
    let mut values = BTreeMap::new();
    for line in output.lines().filter(|line| line.contains(tag)) {
        let mut parts = line.rsplitn(3, ' ');
        let time = parts.next().expect("a time").parse().expect("a number");
        let fields = parts.next().expect("fields");
        let value = fields
            .split(',')
            .find_map(|it| it.strip_prefix(field)?.strip_prefix('='));
        if let Some(value) = value {
            values.insert(time, value.trim_end_matches('i').parse().expect("a number"));
        }
    }
    values
}

#[test]
fn the_commands_of_the_headers_do_something() {
    for (name, program) in [
        ("episodes", EPISODES),
        ("mirror", MIRROR),
        ("moving_avg", MOVING_AVG),
        ("outliers", OUTLIERS),
        ("percentiles", PERCENTILES),
    ] {
        let command = command_of(&format!("{name}.rs"));
        let (cargo, arguments) = command.split_at(6);
        assert_eq!(
            cargo,
            ["cargo", "run", "--release", "--example", name, "--"]
        );
        let arguments = arguments
            .iter()
            .map(|argument| argument.replace("examples/data", DATA));
        let ran = run(program, arguments, "");
        assert_eq!(ran.code(), 0, "{command:?}: {}", ran.errors);
        assert!(!ran.output.is_empty(), "{command:?}");
    }
}

#[test]
fn mirror_gives_every_line_back() {
    for file in ["cpu.lp", "mem.lp", "net.lp"] {
        let path = format!("{DATA}/{file}");
        let data = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = data.lines().filter(|line| !line.starts_with('#')).collect();
        let ran = pipe(MIRROR, &[&path], "");
        assert_eq!(ran.text().lines().collect::<Vec<_>>(), lines);
    }
}

/// The numbers of Kapacitor's own test of the Go agent's example.
#[test]
fn moving_avg_gives_the_numbers_of_the_go_agents_example() {
    let mut input = String::new();
    for (time, a, b) in (0..10)
        .map(|time| (time, 1, 2))
        .chain([(10, 0, 1), (11, 0, 0)])
    {
        input += &format!("test,group=a value={a} {time}\ntest,group=b value={b} {time}\n");
    }
    let set = [
        "--group-by",
        "group",
        "--set",
        "field=value",
        "--set",
        "size=10",
        "--set",
        "as=mean",
    ];
    let ran = pipe(MOVING_AVG, &set, &input);
    let (a, b) = (
        values(ran.text(), "group=a", "mean"),
        values(ran.text(), "group=b", "mean"),
    );
    assert_eq!((a[&10], b[&10]), (0.9, 1.9));
    assert_eq!((a[&11], b[&11]), (0.8, 1.7));
    assert_eq!((a[&0], b[&0]), (1.0, 2.0));
}

#[test]
fn moving_avg_recovers_from_an_infinity_and_does_not_drift() {
    let mut input = String::from("m x=1e308 0\nm x=1e308 1\n");
    for time in 2..1_000 {
        input += &format!("m x=0.1 {time}\n");
    }
    let ran = pipe(MOVING_AVG, &["--set", "field=x", "--set", "size=3"], &input);
    let last = values(ran.text(), "", "avg")[&999];
    assert!((last - 0.1).abs() < 1e-12, "{last}");
}

/// The numbers of Kapacitor's own test of the Go agent's example.
#[test]
fn outliers_gives_the_numbers_of_the_go_agents_example() {
    let data = [
        5, 6, 7, 13, 33, 35, 36, 45, 46, 47, 48, 50, 51, 52, 53, 54, 80, 85, 90, 100,
    ];
    let input: String = data
        .iter()
        .enumerate()
        .map(|(time, value)| format!("m value={value} {time}\n"))
        .collect();
    let ran = pipe(OUTLIERS, &["--set", "field=value"], &input);
    let found: Vec<_> = values(ran.text(), "", "value").into_values().collect();
    assert_eq!(found, [5.0, 6.0, 85.0, 90.0, 100.0]);
}

#[test]
fn outliers_accepts_batches_of_any_size() {
    for size in 0..10 {
        let input: String = (0..size)
            .map(|time| format!("m x={} {time}\n", time * time))
            .collect();
        pipe(OUTLIERS, &["--set", "field=x"], &input);
    }
}

#[test]
fn outliers_finds_the_downloads_in_the_data() {
    let path = format!("{DATA}/net.lp");
    let set = ["--set", "field=bytes_recv", "--set", "scale=3.0"];
    let ran = pipe(
        OUTLIERS,
        &[
            &[&*path, "--group-by", "interface", "--period", "5m"][..],
            &set,
        ]
        .concat(),
        "",
    );
    let found = values(ran.text(), "interface=eth0", "bytes_recv");
    // All seconds with more than 20 MB are among them.
    let data = std::fs::read_to_string(&path).unwrap();
    let mut downloads = values(&data, "interface=eth0", "bytes_recv");
    downloads.retain(|_, bytes| *bytes > 20e6);
    assert!(downloads.len() > 10);
    assert!(
        downloads.keys().all(|time| found.contains_key(time)),
        "{found:?}"
    );
}

#[test]
fn percentiles_sends_the_percentiles_of_each_batch() {
    let input: String = (0..101)
        .map(|value| format!("m,host=a x={value} {value}\n"))
        .collect();
    let ran = pipe(
        PERCENTILES,
        &[
            "--group-by",
            "host",
            "--set",
            "field=x",
            "--set",
            "percentile=50",
            "--set",
            "percentile=99.5",
        ],
        &input,
    );
    assert_eq!(ran.text(), "m,host=a p50=50,p99.5=99.5,count=101i 100\n");

    let nearest = [
        "--set",
        "field=x",
        "--set",
        "percentile=50",
        "--set",
        "between=nearest",
    ];
    let ran = pipe(PERCENTILES, &nearest, "m x=1 1\nm x=2 2\n");
    assert_eq!(values(ran.text(), "", "p50")[&2], 1.0);
}

#[test]
fn percentiles_without_a_percentile_is_refused() {
    let ran = run(PERCENTILES, ["pipe", "--set", "field=x"], "");
    assert!(
        ran.errors.contains("call .percentile(99.0) at least once"),
        "{ran:?}"
    );
    assert_eq!(ran.code(), 2);
}

#[test]
fn episodes_are_the_stretches_above_the_limit() {
    // Above 5 at 2..=4, a gap of two seconds, then 7 and 8, and later at 20.
    let above = [2, 3, 4, 7, 8, 20];
    let input: String = (0..25)
        .map(|second: i64| {
            let value = if above.contains(&second) {
                10 + second
            } else {
                1
            };
            format!("cpu,host=a x={value} {}\n", second * 1_000_000_000)
        })
        .collect();
    let found = |arguments: &[&str]| {
        let set = [
            &["--group-by", "host", "--set", "field=x", "--set", "above=5"],
            arguments,
        ];
        let ran = pipe(EPISODES, &set.concat(), &input);
        values(ran.text(), "host=a", "x")
            .into_keys()
            .map(|it| it / 1_000_000_000)
            .collect()
    };
    let all: Vec<_> = found(&[]);
    assert_eq!(all, above);
    let long: Vec<_> = found(&["--set", "at_least=3"]);
    assert_eq!(long, [2, 3, 4]);
    let with_lulls: Vec<_> = found(&["--set", "at_least=4", "--set", "gap=3s"]);
    assert_eq!(with_lulls, [2, 3, 4, 7, 8]);
}

/// Points below the limit keep an episode open. Only a group without any points ends.
#[test]
fn an_episode_is_not_cut_while_points_come() {
    let set = ["field=x", "above=5", "gap=10m", "patience=2s", "at_least=2"];
    let mut episodes = Started::new(
        Command::new(EPISODES)
            .args(["pipe", "--group-by", "host"])
            .args(set.iter().flat_map(|set| ["--set", set]))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped()),
    );
    let mut input = episodes.child.stdin.take().unwrap();
    let output = BufReader::new(episodes.child.stdout.take().unwrap());
    let (sender, received) = channel();
    thread::spawn(move || {
        output
            .lines()
            .try_for_each(|line| sender.send(line.unwrap()))
    });

    input
        .write_all(b"m,host=a x=9 1\nm,host=b x=9 2\nm,host=b x=9 3\n")
        .unwrap();
    // Until the other group ends. At a rate at which a pipe holds all the output.
    let deadline = Instant::now() + DEADLINE;
    let first = loop {
        input.write_all(b"m,host=a x=1 4\n").unwrap();
        match received.recv_timeout(Duration::from_millis(50)) {
            Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => {}
            line => break line.unwrap(),
        }
    };
    input.write_all(b"m,host=a x=9 5\n").unwrap();
    drop(input);
    let rest = iter::from_fn(|| received.recv_timeout(DEADLINE).ok());
    let received: Vec<_> = iter::once(first).chain(rest).collect();
    let expected = ["b x=9 2", "b x=9 3", "a x=9 1", "a x=9 5"];
    assert_eq!(received, expected.map(|line| format!("m,host={line}")));
    assert!(episodes.wait().success());
}

#[test]
fn protocol_trace_traces_and_mirrors_batches() {
    use support::requests::{Requests, point};
    let requests = Requests::new()
        .info()
        .init([])
        .begin(2)
        .point(point(1, 1.5))
        .point(point(2, 2.5));
    let ran = run(
        PROTOCOL_TRACE,
        [] as [&str; 0],
        requests.end(9).snapshot().bytes(),
    );
    let responses = support::model::read(&ran.output).unwrap();
    assert_eq!(responses.len(), 7, "{responses:?}");
    assert!(
        ran.errors
            .contains("Begin of \"cpu\", group \"group=a\", 2 points"),
        "{}",
        ran.errors
    );
    assert_eq!(ran.code(), 0);
}
