//! The cost of mirroring line protocol, compared with `cat`, and with parsing and formatting by the
//! `influxdb-line-protocol` crate.
//!
//! `cargo bench -p udf-runtime --bench pipe`. Each candidate reads the same lines, once from a
//! file and once from a pipe that this process fills, and writes into a pipe that this process
//! drains. The candidates take turns. Each number is the median of its turns.

#![allow(clippy::unwrap_used, reason = "a failure ends the benchmark")]

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, PipeWriter, Read, Write as _, pipe};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use udf_runtime::pipe::{PipeConfig, Streams, run};
use udf_runtime::proto::{EdgeType, InitRequest};
use udf_runtime::{Handler, Info, Point, Result, Sender, StreamOutput, Verdict};

const BYTES: usize = 64 << 20;
const TURNS: usize = 7;

fn main() {
    let directory = tempfile::tempdir().unwrap();
    for (name, tags, fields, value) in [
        (
            "typical: 4 tags, 10 floats",
            4,
            10,
            short as fn(usize) -> String,
        ),
        ("typical, floats of 16 to 17 digits", 4, 10, long),
        ("small: 1 tag, 1 float", 1, 1, short),
        ("wide: 8 tags, 40 floats", 8, 40, short),
    ] {
        let path = directory.path().join("lines");
        let lines = write_lines(&path, tags, fields, value);
        let bytes = std::fs::metadata(&path).unwrap().len();
        println!("{name} ({} bytes a line)", bytes / lines);
        for from in ["a file", "a pipe"] {
            let input = || match from {
                "a file" => OwnedFd::from(File::open(&path).unwrap()),
                _ => fed(&path),
            };
            let candidates: [fn(OwnedFd, PipeWriter); 3] = [cat, mirror, other];
            let mut times = [const { Vec::new() }; 3];
            for _ in 0..TURNS {
                for (candidate, times) in candidates.iter().zip(&mut times) {
                    times.push(timed(*candidate, input(), bytes));
                }
            }
            let [cat, ours, theirs] = times.map(median);
            println!("  from {from}:");
            for (name, time) in [
                ("cat", cat),
                ("mirror", ours),
                ("influxdb-line-protocol", theirs),
            ] {
                println!(
                    "    {name:<24} {:>6} ns a line {:>7.0} MB/s",
                    time.as_nanos() / u128::from(lines),
                    bytes as f64 / time.as_secs_f64() / 1e6
                );
            }
            println!(
                "    mirror is {:.2} of cat and {:.1} times influxdb-line-protocol",
                cat.as_secs_f64() / ours.as_secs_f64(),
                theirs.as_secs_f64() / ours.as_secs_f64()
            );
        }
    }
}

/// The reading end of a pipe that a thread fills from a file.
fn fed(path: &Path) -> OwnedFd {
    let (reader, mut writer) = pipe().unwrap();
    let mut file = File::open(path).unwrap();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match file.read(&mut buffer).unwrap() {
                0 => return,
                read => writer.write_all(&buffer[..read]).unwrap(),
            }
        }
    });
    reader.into()
}

/// Measures the time until all of a candidate's output has been read.
fn timed(candidate: fn(OwnedFd, PipeWriter), input: OwnedFd, bytes: u64) -> Duration {
    let (mut reader, writer) = pipe().unwrap();
    let start = Instant::now();
    let drain = std::thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        let mut total = 0;
        loop {
            match reader.read(&mut buffer).unwrap() {
                0 => return total,
                read => total += read as u64,
            }
        }
    });
    candidate(input, writer);
    let total = drain.join().unwrap();
    // Another writer formats a few floats shorter.
    assert!(total > bytes * 9 / 10, "{total} of {bytes} bytes");
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn cat(input: OwnedFd, output: PipeWriter) {
    let mut cat = Command::new("cat")
        .stdin(Stdio::from(input))
        .stdout(Stdio::from(output))
        .spawn()
        .unwrap();
    assert!(cat.wait().unwrap().success());
}

fn mirror(input: OwnedFd, output: PipeWriter) {
    let mut report = |_, text: &str| eprintln!("{text}");
    let streams = Streams::new(input, Box::new(output), &mut report);
    let outcome = run(Mirror, &PipeConfig::default(), streams, None).unwrap();
    assert_eq!(
        (outcome.bad_lines, outcome.points_in),
        (0, outcome.points_out)
    );
}

/// Copies with that crate's `Display` of parsed lines.
fn other(input: OwnedFd, output: PipeWriter) {
    let mut input = BufReader::with_capacity(64 * 1024, File::from(input));
    let mut output = BufWriter::with_capacity(64 * 1024, output);
    let mut text = String::new();
    while input.read_line(&mut text).unwrap() > 0 {
        for line in influxdb_line_protocol::parse_lines(&text) {
            writeln!(output, "{}", line.unwrap()).unwrap();
        }
        text.clear();
    }
    output.flush().unwrap();
}

fn write_lines(path: &Path, tags: usize, fields: usize, value: fn(usize) -> String) -> u64 {
    let mut out = BufWriter::new(File::create(path).unwrap());
    let (mut line, mut bytes) = (0, 0);
    while bytes < BYTES {
        let mut text = String::from("cpu");
        for tag in 0..tags {
            text.push_str(&format!(",tag_{tag}=value-{}", (line * 7 + tag) % 50));
        }
        for field in 0..fields {
            let separator = if field == 0 { ' ' } else { ',' };
            let value = value(line * 31 + field * 17);
            text.push_str(&format!("{separator}usage_field_{field}={value}"));
        }
        text.push_str(&format!(
            " {}\n",
            1_700_000_000_000_000_000 + line * 1_000_000_007
        ));
        out.write_all(text.as_bytes()).unwrap();
        bytes += text.len();
        line += 1;
    }
    out.flush().unwrap();
    line as u64
}

/// A float with few digits, as from a rounding program.
fn short(n: usize) -> String {
    format!("{}.{:02}", n % 100, n % 97)
}

/// A float with all its digits, as from a division.
fn long(n: usize) -> String {
    format!("{}", (n % 1_000) as f64 / 7.3)
}

/// Sends every point back.
struct Mirror;

impl Handler for Mirror {
    type Output = StreamOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(EdgeType::Stream))
    }

    fn init(&mut self, _: InitRequest, _: Sender) -> Result<Verdict> {
        Ok(Verdict::Accepted)
    }

    fn point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}
