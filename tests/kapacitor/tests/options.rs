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

/// The exact errors of wrong calls: the option's name, what was expected and found, and a call to copy.
#[test]
fn the_error_of_the_task_says_how_to_correct_an_option() {
    let wrong = [
        (
            "text",
            "",
            "option \"text\" is missing; expected a STRING; help: .text('x')",
        ),
        (
            "small",
            ".small(256)",
            "option \"small\": expected an INT from 0 to 255, found 256; help: .small(10)",
        ),
        (
            "positive",
            ".positive(0)",
            "option \"positive\": expected an INT from 1 to 4294967295, found 0; help: .positive(10)",
        ),
        (
            "wait",
            ".wait(-1s)",
            "option \"wait\": expected a DURATION, found -1s: it is negative; help: .wait(10s)",
        ),
        (
            "mode",
            ".mode('slow')",
            "option \"mode\": expected one of 'fast', 'careful', found 'slow'; help: .mode('fast')",
        ),
        (
            "limited",
            ".limited(11)",
            "option \"limited\": expected an INT from 1 to 10, found 11; help: .limited(1)",
        ),
        (
            "flagged",
            ".flagged(TRUE).flagged(FALSE)",
            "option \"flagged\": expected one call, found 2; help: .flagged(TRUE)",
        ),
        (
            "flagged",
            ".flagged(\"on\")",
            "option \"flagged\": expected a BOOL, found a reference, which has double quotes; help: \
             .flagged(TRUE)",
        ),
        (
            "range",
            ".range(1, 5).range(2, 6)",
            "option \"range\": expected one call, found 2; help: .range(10, 10)",
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

/// Everything that is wrong is in one error.
#[test]
fn every_mistake_is_reported_at_once() {
    let kapacitor = start();
    let task = kapacitor.stream(
        "task",
        "stream|from().measurement('m')@options().flagged(TRUE).small(300).text('x').float(0.5)
            .mode('hasty').limited(0).limited(1)",
    );
    let expected = "options2: failed to initialize processes 8 problems with the options:
- option \"int\" is missing; expected an INT; help: .int(10)
- option \"small\": expected an INT from 0 to 255, found 300; help: .small(10)
- option \"positive\" is missing; expected an INT from 1 to 4294967295; help: .positive(10)
- option \"wait\" is missing; expected a DURATION; help: .wait(10s)
- option \"mode\": expected one of 'fast', 'careful', found 'hasty'; help: did you mean 'fast'?
- option \"pair\" is missing; expected 2 arguments (STRING, DOUBLE); help: .pair('x', 1.5)
- option \"range\" is missing; expected 2 arguments (INT, INT); help: .range(10, 10)
- option \"limited\": expected one call, found 2; help: .limited(1)";
    assert_eq!(task.expect_error(), expected);
}

/// Kapacitor itself checks names, numbers of arguments and their types, when the task is defined. Double
/// quotes are such a mistake, because a reference has the type BOOL.
#[test]
fn kapacitor_refuses_calls_that_do_not_fit_the_declaration() {
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
