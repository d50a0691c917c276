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
