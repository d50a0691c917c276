//! The cost of reading and writing a line, compared with the `influxdb-line-protocol` crate.
//!
//! `cargo bench -p udf-runtime --bench line`. The candidates of a row take turns, so that
//! other load of the machine affects all of them alike. Each number is the median of its turns.

#![allow(clippy::unwrap_used, reason = "a failure ends the benchmark")]

use std::collections::HashSet;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use udf_runtime::line::{LineWriter, Parser};

const LINES: usize = 1_000;
const TURNS: usize = 41;

fn main() {
    println!(
        "{:<28} {:>12} {:>12} {:>12} {:>8}",
        "a line", "ours", "", "theirs", "ratio"
    );
    for (name, text) in [
        ("small: 1 tag, 1 float", lines(1, 1, short)),
        ("typical: 4 tags, 10 floats", lines(4, 10, short)),
        ("  with 16 to 17 digits", lines(4, 10, long)),
        (
            "  with integers",
            lines(4, 10, |n| format!("{}i", n * 7_919)),
        ),
        ("  with strings", lines(4, 10, |n| format!("\"state {n}\""))),
        ("wide: 8 tags, 40 floats", lines(8, 40, short)),
    ] {
        println!("{name} ({} bytes)", text.len() / LINES);
        row("  read", &text, &mut [&mut read_ours(), &mut read_theirs]);
        row(
            "  read and write",
            &text,
            &mut [&mut copy_ours(), &mut copy_theirs()],
        );
    }
    shortcuts();
    println!(
        "{:<28} {:>14} {:>14}",
        "a field of a line", "all different", "half repeated"
    );
    for count in [10, 100, 1_000, 10_000, 100_000] {
        let different = cost_of_a_field(count, |n| n);
        let repeated = cost_of_a_field(count, |n| n / 2);
        println!(
            "{:<28} {different:>11.1} ns {repeated:>11.1} ns",
            format!("of {count} fields")
        );
    }
}

/// Shows what the parser saves by expecting the keys of the line before (`line/habit.rs`), and by a filter in
/// place of a set of keys (`line/unique.rs`).
fn shortcuts() {
    let same = lines(4, 10, short);
    // Each line has the fields of the one before in another order, so none is expected.
    let rotated = rotate_fields(&same);
    let mut times = [const { Vec::new() }; 3];
    let (mut read_same, mut read_rotated) = (read_ours(), read_ours());
    let mut parser = Parser::default();
    let mut read_with_a_set = |text: &str| {
        for line in text.lines() {
            let line = parser.parse(line.as_bytes()).unwrap().unwrap();
            let keys: HashSet<_> = line.fields().map(|(key, _)| key).collect();
            black_box(keys);
        }
    };
    for _ in 0..TURNS {
        let candidates: [&mut dyn FnMut(); 3] = [
            &mut || read_same(black_box(&same)),
            &mut || read_rotated(black_box(&rotated)),
            &mut || read_with_a_set(black_box(&rotated)),
        ];
        for (candidate, times) in candidates.into_iter().zip(&mut times) {
            let start = Instant::now();
            candidate();
            times.push(start.elapsed());
        }
    }
    let names = [
        "  keys of the line before",
        "  keys in another order",
        "  and a set of the keys",
    ];
    println!("what reading a typical line takes");
    for (name, times) in names.into_iter().zip(times) {
        println!(
            "{name:<28} {:>9} ns",
            median(times).as_nanos() / LINES as u128
        );
    }
}

/// The same lines, with the fields of each rotated by the line's number.
fn rotate_fields(text: &str) -> String {
    let mut rotated = String::new();
    for (number, line) in text.lines().enumerate() {
        let [head, fields, time] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let mut fields: Vec<_> = fields.split(',').collect();
        let by = number % fields.len();
        fields.rotate_left(by);
        rotated.push_str(&format!("{head} {} {time}\n", fields.join(",")));
    }
    rotated
}

/// Nanoseconds to read and write a field of a line with so many. Linear cost shows as the same number
/// in each row.
fn cost_of_a_field(count: usize, name: impl Fn(usize) -> usize) -> f64 {
    let fields: Vec<_> = (0..count).map(|n| format!("f{}={n}i", name(n))).collect();
    let line = format!("m {} 1\n", fields.join(","));
    let text = line.repeat((100_000 / count).max(1));
    let mut copy = copy_ours();
    let times = (0..TURNS).map(|_| {
        let start = Instant::now();
        copy(black_box(&text));
        start.elapsed()
    });
    let fields = count * (100_000 / count).max(1);
    median(times.collect()).as_secs_f64() * 1e9 / fields as f64
}

/// Measures the candidates, ours first, and prints their row.
fn row(name: &str, text: &str, candidates: &mut [&mut dyn FnMut(&str); 2]) {
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..TURNS {
        for (candidate, times) in candidates.iter_mut().zip(&mut times) {
            let start = Instant::now();
            candidate(black_box(text));
            times.push(start.elapsed());
        }
    }
    let [ours, theirs] = times.map(median);
    println!(
        "{name:<28} {:>9} ns {:>7.0} MB/s {:>9} ns {:>7.1}x",
        ours.as_nanos() / LINES as u128,
        text.len() as f64 / ours.as_secs_f64() / 1e6,
        theirs.as_nanos() / LINES as u128,
        theirs.as_secs_f64() / ours.as_secs_f64(),
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn read_ours() -> impl FnMut(&str) {
    let mut parser = Parser::default();
    move |text| {
        for line in text.lines() {
            black_box(parser.parse(line.as_bytes()).unwrap());
        }
    }
}

fn read_theirs(text: &str) {
    for line in influxdb_line_protocol::parse_lines(text) {
        black_box(line.unwrap());
    }
}

fn copy_ours() -> impl FnMut(&str) {
    let mut parser = Parser::default();
    let mut out = Vec::new();
    move |text| {
        out.clear();
        for line in text.lines() {
            let line = parser.parse(line.as_bytes()).unwrap().unwrap();
            let mut writer = LineWriter::new(&mut out, line.name());
            for (key, value) in line.tags() {
                writer.tag(key, value);
            }
            for (key, value) in line.fields() {
                writer.field(key, value);
            }
            black_box(writer.finish(line.time()));
        }
        black_box(&out);
    }
}

/// Copies with that crate's `Display` of parsed lines.
fn copy_theirs() -> impl FnMut(&str) {
    let mut out = Vec::new();
    move |text| {
        out.clear();
        for line in influxdb_line_protocol::parse_lines(text) {
            writeln!(out, "{}", line.unwrap()).unwrap();
        }
        black_box(&out);
    }
}

/// Lines with a number of tags and fields. All values differ.
fn lines(tags: usize, fields: usize, value: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for line in 0..LINES {
        text.push_str("cpu");
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
    }
    text
}

/// A float with few digits, as from a rounding program.
fn short(n: usize) -> String {
    format!("{}.{:02}", n % 100, n % 97)
}

/// A float with all its digits, as from a division.
fn long(n: usize) -> String {
    format!("{}", (n % 1_000) as f64 / 7.3)
}
