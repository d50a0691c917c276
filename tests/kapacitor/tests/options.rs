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

/// What the task's error says of wrong calls, word for word: the name in it, what was given, what
/// is allowed, and a call to copy.
#[test]
fn wrong_ones_are_told_so_that_they_can_be_mended() {
    let wrong = [
        ("text", r#".text("double")"#, ""),
        ("text", "", ""),
        ("small", ".small(256)", ""),
        ("positive", ".positive(0)", ""),
        ("float", ".float(5)", ""),
        ("int", ".int(5.5)", ""),
        ("wait", ".wait('1m')", ""),
        ("mode", ".mode('slow')", ""),
        ("limited", ".limited(11)", ""),
        ("flagged", ".flagged(TRUE).flagged(FALSE)", ""),
    ];
    let kapacitor = start();
    for (i, (name, call, expected)) in wrong.into_iter().enumerate() {
        let task = kapacitor.stream(&format!("task_{i}"), &script(name, call));
        let error = task.expect_error();
        assert_eq!(
            error,
            format!("options2: failed to initialize processes {expected}"),
            "{call}"
        );
    }
}

/// All that is wrong is told at once.
#[test]
fn every_mistake_is_told_at_once() {
    let kapacitor = start();
    let task = kapacitor.stream(
        "task",
        "stream|from().measurement('m')@options().flagged(TRUE).small(300).text(\"x\")",
    );
    assert_eq!(task.expect_error(), "");
}

