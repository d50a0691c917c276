//! UDFs as Telegraf's `processors.execd`, with the section that `config --telegraf` prints.

use std::collections::HashSet;
use std::fmt::Write as _;

use rustix::process::Signal;
use telegraf_tests::{Telegraf, section, with_arguments};

const UDFS: &str = env!("CARGO_BIN_EXE_telegraf-udfs");

fn metrics(range: std::ops::Range<usize>) -> String {
    range.fold(String::new(), |mut text, n| {
        // Writing into a String does not fail.
        let _ = writeln!(
            text,
            "m,host=h{} n={n}i,load=0.5 {}",
            n % 10,
            1_700_000_000_000_000_000 + n
        );
        text
    })
}

/// The numbers of metrics, each of which came once.
#[track_caller]
fn numbers(lines: &[String]) -> HashSet<usize> {
    let number = |line: &String| {
        let rest = line.split_once(" n=").expect("a number").1;
        rest.split_once('i')
            .expect("an integer")
            .0
            .parse()
            .expect("a number")
    };
    let numbers: HashSet<_> = lines.iter().map(number).collect();
    assert_eq!(numbers.len(), lines.len(), "some came twice");
    numbers
}

#[test]
fn a_hundred_thousand_metrics_come_through() {
    let mut telegraf = Telegraf::start(&section(UDFS, "mirror"));
    telegraf.send(&metrics(0..100_000));
    let lines = telegraf.receive(100_000);
    assert_eq!(numbers(&lines), (0..100_000).collect());
}

#[test]
fn a_udf_that_fails_is_started_again_after_its_delay() {
    let section = section(UDFS, "failing");
    assert!(section.contains("\"--set\", \"field="), "{section}");
    let mut telegraf = Telegraf::start(&section);
    telegraf.send(&metrics(0..10));
    telegraf.receive(10);
    let field = section
        .split_once("\"field=")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0;
    telegraf.send(&format!("bad {field}=1 1\n"));
    telegraf.until("the restart", |it| it.logs("Restarting in 1s"));
    telegraf.until("the second start", |it| {
        let starts = it
            .log()
            .iter()
            .filter(|line| line.contains("[processors.execd] Starting process"))
            .count();
        starts == 2
    });
    // The error says which line it was, and was cut.
    let log = telegraf.log();
    let error = log
        .iter()
        .find(|line| line.contains("E! [processors.execd] error: stdin:11: on purpose"));
    assert!(error.is_some_and(|line| line.len() < 20_000), "{log:#?}");
    telegraf.send(&metrics(10..20));
    assert_eq!(numbers(&telegraf.receive(20)), (0..20).collect());
}

#[test]
fn a_stop_loses_nothing_that_the_udf_has_taken() {
    let mut telegraf = Telegraf::start(&section(UDFS, "mirror"));
    telegraf.send(&metrics(0..50_000));
    // In the middle of it.
    telegraf.receive(1);
    telegraf.stop();
    let log = telegraf.log();
    let points = log
        .iter()
        .find_map(|line| line.strip_suffix(" points in all"));
    let points = points.unwrap_or_else(|| panic!("{log:#?}"));
    let taken: usize = points.rsplit(' ').next().unwrap().parse().unwrap();
    assert_eq!(numbers(&telegraf.output()), (0..taken).collect());
    assert!(
        log.iter()
            .any(|line| line.contains("I! [processors.execd] telegraf_udfs: ")),
        "{log:#?}"
    );
}

#[test]
fn a_reload_keeps_the_state() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("count.state");
    let section = with_arguments(
        &section(UDFS, "count"),
        &["--state", file.to_str().unwrap()],
    );
    let mut telegraf = Telegraf::start(&section);
    telegraf.send(&metrics(0..5));
    telegraf.receive(5);
    telegraf.signal(Signal::HUP);
    telegraf.until("the reload", |it| {
        let log = it.log();
        log.iter()
            .filter(|line| line.contains("[processors.execd] Starting process"))
            .count()
            == 2
    });
    telegraf.connect();
    telegraf.send(&metrics(5..10));
    let lines = telegraf.receive(10);
    assert!(lines[9].contains("count=10i"), "{lines:#?}");
}

#[test]
fn the_log_has_the_levels_of_the_udf_and_is_read_to_the_end() {
    let udf = section(UDFS, "talking").replace(
        "  restart_delay",
        "  environment = [\"UDF_LOG=debug\"]\n  restart_delay",
    );
    let mut telegraf = Telegraf::start(&udf);
    // Far more than what a pipe holds.
    for n in 0..50 {
        telegraf.send(&metrics(n..n + 1));
        telegraf.receive(n + 1);
    }
    for line in [
        "E! [processors.execd] telegraf_udfs: an error",
        "W! [processors.execd] telegraf_udfs: a warning",
        "W! [processors.execd]     of two lines",
        "I! [processors.execd] telegraf_udfs: an info",
        "D! [processors.execd] telegraf_udfs: a detail",
        "I! [processors.execd] a print",
        "I! [processors.execd] a long print a long print",
    ] {
        telegraf.until(line, |it| {
            it.log().iter().filter(|it| it.contains(line)).count() >= 50
        });
    }
    let log = telegraf.log();
    assert!(
        !log.iter()
            .any(|line| line.contains("E! [processors.execd] stderr:")),
        "{log:#?}"
    );
}

#[test]
fn a_metric_of_five_megabytes_comes_through() {
    let mut telegraf = Telegraf::start(&section(UDFS, "mirror"));
    let text = "lang ".repeat(1 << 20);
    telegraf.send(&format!("m n=0i,s=\"{text}\" 1\n"));
    telegraf.send(&metrics(1..2));
    let lines = telegraf.receive(2);
    assert_eq!(numbers(&lines), [0, 1].into());
    assert!(lines[0].contains(&text));
}

#[test]
fn windows_line_ends_and_blank_lines_are_taken() {
    let mut telegraf = Telegraf::start(&section(UDFS, "mirror"));
    telegraf.send(&metrics(0..100).replace('\n', "\r\n\r\n"));
    assert_eq!(numbers(&telegraf.receive(100)), (0..100).collect());
}

#[test]
fn a_udf_that_is_slower_than_the_input_gets_it_all() {
    let mut telegraf = Telegraf::start(&section(UDFS, "slow"));
    telegraf.send(&metrics(0..3_000));
    assert_eq!(numbers(&telegraf.receive(3_000)), (0..3_000).collect());
}

#[test]
fn awkward_metrics_come_back_as_they_were() {
    let mut telegraf = Telegraf::start(&section(UDFS, "mirror"));
    let awkward = "a\\=b\\ c,t\\\\x=C:\\dir\\,y,u=\\\"q\\\" f\\ k=1,s=\"a\\\"b\\\\ c\nd\",n=0i 5\n";
    telegraf.send(awkward);
    let lines = telegraf.receive(2);
    assert_eq!(lines.join("\n") + "\n", awkward);
}
