//! Compares our `moving_avg` and `outliers` with those of the official Go agent: both get the same
//! requests, and their responses are compared as messages. docs/kapacitor.md lists the intended differences
//! with their reasons. They are tested here too.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kapacitor_tests::programs;
use support::process::run;
use udf_runtime::proto::prost::Message as _;
use udf_runtime::proto::request::Message as Ask;
use udf_runtime::proto::response::Message as Answer;
use udf_runtime::proto::{
    BeginBatch, EndBatch, InfoRequest, InitRequest, KeepaliveRequest, Option as Call, OptionValue,
    Point, Request, Response, ValueType, option_value::Value,
};

#[test]
fn of_what_they_say_of_themselves() {
    for example in ["moving_avg", "outliers"] {
        let [go, ours] = both(example, &[Ask::Info(InfoRequest {})]);
        assert_eq!(ours, go, "{example}");
        assert_eq!(go.len(), 1);
    }
}

#[test]
fn of_moving_averages() {
    let mut random = Random(0x1234_5678_9ABC_DEF1);
    for (size, groups) in [(1, 1), (3, 7), (10, 200), (100, 20)] {
        let mut requests = vec![init(vec![
            call("field", string("value")),
            call("size", Value::IntValue(size)),
            call("as", string("mean")),
        ])];
        for i in 0..3000 {
            let mut point = any_point(&mut random, i, groups);
            // Zero is a value like any other, but its encoding omits it.
            let value = match random.below(10) {
                0 => 0.0,
                1 => -0.0,
                _ => random.float(),
            };
            point.fields_double.insert("value".into(), value);
            requests.push(Ask::Point(point));
            if i % 500 == 0 {
                requests.push(Ask::Keepalive(KeepaliveRequest { time: i }));
            }
        }
        let [go, ours] = both("moving_avg", &requests);
        assert_eq!(go.len(), requests.len());
        // The Go agent answers these from another goroutine, so the answers come at any time.
        let [go, ours] = [go, ours].map(|answers| {
            let keepalive = |answer: &Answer| matches!(answer, Answer::Keepalive(_));
            answers.into_iter().partition::<Vec<_>, _>(keepalive)
        });
        assert_eq!(ours.0, go.0);
        compare(&go.1, &ours.1);
    }
}

#[test]
fn of_moving_averages_without_a_name_for_them() {
    let mut random = Random(77);
    let mut requests = vec![init(vec![
        call("size", Value::IntValue(2)),
        call("field", string("value")),
    ])];
    requests.extend((0..100).map(|i| {
        let mut point = any_point(&mut random, i, 3);
        point.fields_double.insert("value".into(), random.float());
        Ask::Point(point)
    }));
    let [go, ours] = both("moving_avg", &requests);
    assert_eq!(go.len(), requests.len());
    compare(&go, &ours);
}

#[test]
fn of_outliers() {
    let mut random = Random(0xFEDC_BA98_7654_3211);
    let scales = [None, Some(1.0), Some(1.5), Some(3.0)];
    let mut found = 0;
    for scale in scales {
        let mut calls = vec![call("field", string("value"))];
        calls.extend(scale.map(|scale| call("scale", Value::DoubleValue(scale))));
        let mut requests = vec![init(calls)];
        for i in 0..400 {
            // Batches of 0, 1, 2, 5 and 6 points crash the Go agent's.
            let size = match random.below(4) {
                0 => 3,
                1 => 4,
                _ => 7 + random.below(200),
            };
            requests.extend(any_batch(&mut random, i, size));
        }
        let [go, ours] = both("outliers", &requests);
        compare(&go, &ours);
        let points = |message: &&Answer| matches!(message, Answer::Point(_));
        found += go.iter().filter(points).count();
    }
    assert!(found > 1000, "there were only {found} outliers to compare");
}

#[test]
fn of_refused_options() {
    let int = Value::IntValue;
    let wrong = [
        ("moving_avg", vec![]),
        ("moving_avg", vec![call("field", string("value"))]),
        ("moving_avg", vec![call("size", int(3))]),
        (
            "moving_avg",
            vec![call("field", string("value")), call("size", int(0))],
        ),
        ("outliers", vec![]),
        ("outliers", vec![call("scale", Value::DoubleValue(2.0))]),
    ];
    for (example, calls) in wrong {
        let [go, ours] = both(example, &[init(calls.clone())]);
        for answers in [go, ours] {
            let [Answer::Init(init)] = &*answers else {
                panic!("{example} {calls:?}: {answers:?}");
            };
            assert!(!init.success && !init.error.is_empty(), "{calls:?}");
        }
    }
}

/// The documented differences.
mod differences {
    use super::*;

    #[test]
    fn a_point_without_the_field_is_an_error_and_not_zero() {
        let point = Point {
            name: "m".into(),
            ..Point::default()
        };
        let [go, ours] = both("moving_avg", &[averages(2), Ask::Point(point)]);
        assert_eq!(mean(&go[1]), Some(0.0));
        let Answer::Error(error) = &ours[1] else {
            panic!("{ours:?}");
        };
        assert_eq!(
            error.error,
            "option .field('value'): the point has no field \"value\"; it has no fields \
             (point 1: name \"m\", group \"\", time 0)"
        );
    }

    #[test]
    fn an_int_counts_and_is_not_zero() {
        let mut point = Point::default();
        point.fields_int.insert("value".into(), 7);
        let [go, ours] = both("moving_avg", &[averages(2), Ask::Point(point)]);
        assert_eq!(mean(&go[1]), Some(0.0));
        assert_eq!(mean(&ours[1]), Some(7.0));
    }

    #[test]
    fn bool_fields_go_with_the_others() {
        let mut point = Point::default();
        point.fields_double.insert("value".into(), 7.0);
        point.fields_bool.insert("ok".into(), true);
        let [go, ours] = both("moving_avg", &[averages(2), Ask::Point(point)]);
        let bools = |answer: &Answer| match answer {
            Answer::Point(point) => point.fields_bool.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!((bools(&go[1]), bools(&ours[1])), (1, 0));
    }

    #[test]
    fn a_negative_size_is_refused() {
        let [go, ours] = both("moving_avg", &[averages(-1)]);
        let accepted = |answers: &[Answer]| match answers {
            [Answer::Init(init)] => init.success,
            other => panic!("{other:?}"),
        };
        assert!(accepted(&go) && !accepted(&ours));
    }

    #[test]
    fn small_batches_do_not_crash() {
        for size in [0, 1, 2, 5, 6] {
            let mut requests = vec![init(vec![call("field", string("value"))])];
            requests.extend(any_batch(&mut Random(5), 0, size));
            let [go, ours] = both("outliers", &requests);
            assert!(!matches!(go[..], [.., Answer::End(_)]), "{size}: {go:?}");
            assert!(
                matches!(
                    ours[..],
                    [Answer::Init(_), Answer::Begin(_), .., Answer::End(_)]
                ),
                "{size}: {ours:?}"
            );
        }
    }

    fn averages(size: i64) -> Ask {
        init(vec![
            call("field", string("value")),
            call("size", Value::IntValue(size)),
        ])
    }

    fn mean(answer: &Answer) -> Option<f64> {
        match answer {
            Answer::Point(point) => point.fields_double.get("avg").copied(),
            _ => None,
        }
    }
}

/// The answers of both programs with this name.
#[track_caller]
fn both(example: &str, requests: &[Ask]) -> [Vec<Answer>; 2] {
    let mut bytes = Vec::new();
    for message in requests {
        let message = Some(message.clone());
        bytes.extend(Request { message }.encode_length_delimited_to_vec());
    }
    [programs::go_example(example), programs::example(example)]
        .map(|program| answers(program, bytes.clone()))
}

#[track_caller]
fn answers(program: PathBuf, requests: Vec<u8>) -> Vec<Answer> {
    let program = program.to_str().expect("its path is text");
    let ran = run(program, [] as [&str; 0], requests);
    let mut left = &*ran.output;
    let mut answers = Vec::new();
    while !left.is_empty() {
        let response = match Response::decode_length_delimited(&mut left) {
            Ok(response) => response,
            // The Go agent's may crash in the middle of a response.
            Err(_) if !ran.status.success() => break,
            Err(error) => panic!("no response: {error}"),
        };
        answers.push(response.message.expect("a message of a known kind"));
    }
    answers
}

/// Compares messages. Numbers may differ by rounding.
#[track_caller]
fn compare(go: &[Answer], ours: &[Answer]) {
    assert_eq!(ours.len(), go.len());
    for (i, (go, ours)) in go.iter().zip(ours).enumerate() {
        match (go, ours) {
            (Answer::Point(go), Answer::Point(ours)) => {
                let names = |point: &Point| point.fields_double.keys().cloned().collect::<Vec<_>>();
                assert_eq!(names(ours), names(go), "response {i}");
                for (name, go) in &go.fields_double {
                    let ours = ours.fields_double[name];
                    let near = (ours - go).abs() <= 1e-9 * (1.0 + go.abs());
                    assert!(near, "response {i}: {name} is {ours}, and {go} by Go's");
                }
                let rest = |point: &Point| Point {
                    fields_double: BTreeMap::new(),
                    ..point.clone()
                };
                assert_eq!(rest(ours), rest(go), "response {i}");
            }
            (go, ours) => assert_eq!(ours, go, "response {i}"),
        }
    }
}

fn init(options: Vec<Call>) -> Ask {
    Ask::Init(InitRequest {
        options,
        task_id: "task".into(),
        node_id: "udf2".into(),
    })
}

fn call(name: &str, value: Value) -> Call {
    let kind = match value {
        Value::BoolValue(_) => ValueType::Bool,
        Value::IntValue(_) => ValueType::Int,
        Value::DoubleValue(_) => ValueType::Double,
        Value::StringValue(_) => ValueType::String,
        Value::DurationValue(_) => ValueType::Duration,
    };
    Call {
        name: name.into(),
        values: vec![OptionValue {
            r#type: kind.into(),
            value: Some(value),
        }],
    }
}

fn string(text: &str) -> Value {
    Value::StringValue(text.into())
}

/// A point of one of `groups` groups, with everything that a point can have except `value` and bools.
fn any_point(random: &mut Random, time: i64, groups: usize) -> Point {
    let group = random.below(groups).to_string();
    let mut point = Point {
        time: time - 100,
        name: "cpu".into(),
        database: "telegraf".into(),
        retention_policy: "autogen".into(),
        group: format!("host={group}"),
        dimensions: vec!["host".into()],
        tags: BTreeMap::from([
            ("host".into(), group),
            ("région".into(), "日本, \"quoted\"=x".into()),
        ]),
        by_name: random.below(3) == 0,
        ..Point::default()
    };
    if random.below(2) == 0 {
        point.fields_double.insert("other".into(), random.float());
        point.fields_int.insert("count".into(), -7);
        point.fields_string.insert("text".into(), "🦀".into());
    }
    point
}

fn any_batch(random: &mut Random, number: i64, size: usize) -> Vec<Ask> {
    let group = format!("host={number}");
    let tags = BTreeMap::from([("host".to_owned(), number.to_string())]);
    let mut requests = vec![Ask::Begin(BeginBatch {
        name: "cpu".into(),
        group: group.clone(),
        tags: tags.clone(),
        // Zero means that the size is unknown.
        size: if number % 2 == 0 { size as i64 } else { 0 },
        by_name: false,
    })];
    for i in 0..size {
        let wide = if random.below(8) == 0 { 1000.0 } else { 1.0 };
        let value = if random.below(40) == 0 {
            0.0
        } else {
            random.float() * wide
        };
        let mut point = Point {
            time: i as i64,
            group: group.clone(),
            tags: tags.clone(),
            ..Point::default()
        };
        point.fields_double.insert("value".into(), value);
        if random.below(2) == 0 {
            point.fields_string.insert("text".into(), "kept".into());
            point.fields_bool.insert("ok".into(), false);
        }
        requests.push(Ask::Point(point));
    }
    requests.push(Ask::End(EndBatch {
        name: "cpu".into(),
        group,
        tmax: number * 1_000,
        tags,
        by_name: false,
    }));
    requests
}

/// Pseudorandom numbers, the same in each run.
struct Random(u64);

impl Random {
    /// A number from 0 to `limit` - 1, by xorshift.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    /// A number from -50 to 50.
    fn float(&mut self) -> f64 {
        self.below(1 << 50) as f64 / (1_u64 << 50) as f64 * 100.0 - 50.0
    }
}
