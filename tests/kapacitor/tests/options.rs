//! Options, as TICKscript sends them.

use std::collections::BTreeMap;

use kapacitor_tests::{Kapacitor, Udf, Via, programs};

/// A call of each, right.
const CALLS: [(&str, &str); 15] = [
    ("flagged", ".flagged(TRUE)"),
    ("verbose", ".verbose()"),
    ("int", ".int(-9223372036854775807)"),
    ("small", ".small(255)"),
    ("positive", ".positive(1)"),
    ("float", ".float(-0.5)"),
    ("text", ".text('it\\'s \"quoted\", ünicode')"),
    ("wait", ".wait(1m)"),
    ("mode", ".mode('careful')"),
    ("pair", ".pair('x', 2.0)"),
    ("range", ".range(1, 5)"),
    ("many", ".many('a').many('b').many('a')"),
    ("many_pairs", ".many_pairs('a', 5s).many_pairs('b', 10ms)"),
    ("limited", ".limited(10)"),
    ("given", ""),
];

/// What a handler sees of [`CALLS`].
#[test]
fn every_type_arrives() {
    let expected = [
        ("flagged", "true"),
        ("verbose", "true"),
        ("int", "-9223372036854775807"),
        ("small", "255"),
        ("positive", "1"),
        ("float", "-0.5"),
        ("text", r#""it's \"quoted\", ünicode""#),
        ("wait", "60s"),
        ("mode", "Careful"),
        ("given", "7"),
        ("absent", "None"),
        ("pair", r#"("x", 2.0)"#),
        ("range", "[1, 5]"),
        ("many", r#"["a", "b", "a"]"#),
        ("many_pairs", r#"[("a", 5s), ("b", 10ms)]"#),
        ("limited", "10"),
    ];
    let kapacitor = start();
    let task = kapacitor.stream("task", &script("", ""));
    kapacitor.write("m value=1 1\n");
    let output = task.output_when("out", |output| output["series"].is_array());
    let series = &output["series"][0];
    let columns = series["columns"].as_array().expect("a series has columns");
    let values = series["values"][0].as_array().expect("a series has values");
    let fields: BTreeMap<_, _> = columns
        .iter()
        .zip(values)
        .filter_map(|(column, value)| Some((column.as_str()?, value.as_str()?)))
        .filter(|(column, _)| *column != "time")
        .collect();
    assert_eq!(fields, BTreeMap::from(expected));
}

/// What the task's error says of wrong calls, word for word: the option's name, what was given,
/// what is allowed, and a call to copy.
#[test]
fn wrong_ones_are_told_so_that_they_can_be_mended() {
    let wrong = [
        (
            "text",
            "",
            "option \"text\" is missing; it takes a STRING, as .text('x')",
        ),
        (
            "small",
            ".small(256)",
            "option \"small\": 256 is not allowed; it takes an INT from 0 to 255, as .small(10)",
        ),
        (
            "positive",
            ".positive(0)",
            "option \"positive\": 0 is not allowed; it takes an INT from 1 to 4294967295, \
             as .positive(10)",
        ),
        (
            "wait",
            ".wait(-1s)",
            "option \"wait\": -1s is not allowed: it is negative; it takes a DURATION, \
             as .wait(10s)",
        ),
        (
            "mode",
            ".mode('slow')",
            "option \"mode\": 'slow' is not allowed; it takes one of 'fast', 'careful', \
             as .mode('fast')",
        ),
        (
            "limited",
            ".limited(11)",
            "option \"limited\": 11 is not allowed; it takes an INT from 1 to 10, as .limited(1)",
        ),
        (
            "flagged",
            ".flagged(TRUE).flagged(FALSE)",
            "option \"flagged\" is given 2 times; it takes one call, as .flagged(TRUE)",
        ),
        (
            "flagged",
            ".flagged(\"on\")",
            "option \"flagged\": double quotes make a reference in TICKscript (a STRING has \
             single quotes); it takes a BOOL, as .flagged(TRUE)",
        ),
        (
            "range",
            ".range(1, 5).range(2, 6)",
            "option \"range\" is given 2 times; it takes one call, as .range(10, 10)",
        ),
    ];
    let kapacitor = start();
    for (i, (name, call, expected)) in wrong.into_iter().enumerate() {
        let task = kapacitor.stream(&format!("task_{i}"), &script(name, call));
        let error = task.expect_error();
        let expected = format!("options2: failed to initialize processes {expected}");
        assert_eq!(error, expected, "{call}");
    }
}

/// All that is wrong is told at once.
#[test]
fn every_mistake_is_told_at_once() {
    let kapacitor = start();
    let task = kapacitor.stream(
        "task",
        "stream|from().measurement('m')@options().flagged(TRUE).small(300).text('x').float(0.5)
            .mode('hasty').limited(0).limited(1)",
    );
    let expected = "options2: failed to initialize processes 8 problems with the options:
- option \"int\" is missing; it takes an INT, as .int(10)
- option \"small\": 300 is not allowed; it takes an INT from 0 to 255, as .small(10)
- option \"positive\" is missing; it takes an INT from 1 to 4294967295, as .positive(10)
- option \"wait\" is missing; it takes a DURATION, as .wait(10s)
- option \"mode\": 'hasty' is not allowed (did you mean 'fast'?); it takes one of 'fast', 'careful', as .mode('fast')
- option \"pair\" is missing; it takes 2 arguments (STRING, DOUBLE), as .pair('x', 1.5)
- option \"range\" is missing; it takes 2 arguments (INT, INT), as .range(10, 10)
- option \"limited\" is given 2 times; it takes one call, as .limited(1)";
    assert_eq!(task.expect_error(), expected);
}

/// Names, numbers of arguments and their types Kapacitor itself checks: such a task cannot even
/// be defined. The double-quote mistake is one of them: a reference has the type BOOL.
#[test]
fn the_host_refuses_what_does_not_fit_the_declaration() {
    let wrong = [
        (
            "text",
            ".text(\"double\")",
            "unexpected arg to text, got BOOL expected STRING",
        ),
        (
            "float",
            ".float(5)",
            "unexpected arg to float, got INT expected DOUBLE",
        ),
        (
            "int",
            ".int(5.5)",
            "unexpected arg to int, got DOUBLE expected INT",
        ),
        (
            "wait",
            ".wait('1m')",
            "unexpected arg to wait, got STRING expected DURATION",
        ),
        (
            "pair",
            ".pair('x')",
            "unexpected number of args to pair, got 1 expected 2",
        ),
        (
            "verbose",
            ".verbose(TRUE)",
            "unexpected number of args to verbose, got 1 expected 0",
        ),
        (
            "given",
            ".gven(1)",
            "no method or property \"gven\" on *pipeline.UDFNode",
        ),
    ];
    let kapacitor = start();
    for (i, (name, call, expected)) in wrong.into_iter().enumerate() {
        let error = kapacitor.refused(&format!("task_{i}"), &script(name, call));
        assert!(error.ends_with(expected), "{call}: {error}");
    }
}

fn start() -> Kapacitor {
    Kapacitor::with(Udf::new(
        "options",
        programs::test_udf("options"),
        Via::Process,
    ))
}

/// A script with all of [`CALLS`], but `call` in the place of the one of this name.
fn script(name: &str, call: &str) -> String {
    let calls = CALLS
        .iter()
        .map(|(of, right)| if *of == name { call } else { right });
    format!(
        "stream|from().measurement('m')@options(){}|httpOut('out')",
        calls.collect::<String>()
    )
}
