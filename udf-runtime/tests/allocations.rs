//! Counts allocations: once the buffers have grown, a point of a stream or a batch costs none.

#![allow(clippy::unwrap_used, reason = "a failure fails the test")]

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use udf_runtime::prelude::*;
use udf_runtime::proto::{
    self, BeginBatch, EndBatch, InitRequest, OptionValue, Request, ValueType, option_value::Value,
    prost::Message as _, request::Message,
};
use udf_runtime::{Agent, Handler, UdfHandler};

/// Points of a stream, or of a small batch.
const POINTS: i64 = 1_000;

/// Sends points back.
#[udf(stream)]
struct Mirror;

impl OnPoint for Mirror {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

/// Averages a field.
#[udf(stream)]
struct MovingAvg {
    /// Field to average.
    field: String,
    #[state]
    windows: PerGroup<VecDeque<f64>>,
}

impl OnPoint for MovingAvg {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let value = point.number(&self.field)?;
        let window = self.windows.of(&point);
        if window.len() == 10 {
            window.pop_front();
        }
        window.push_back(value);
        let average = window.iter().sum::<f64>() / window.len() as f64;
        point.clear_fields();
        point.set_field("mean", average);
        out.point(point)
    }
}

/// Adds, renames, changes and removes fields and tags.
#[udf(stream)]
struct Change;

impl OnPoint for Change {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        point.set_field("added", 1.5);
        point.set_field("text", "of some length, to move what is behind it");
        point.rename_field("float_1", "renamed");
        point.set_field("float_2", 2.5);
        point.remove_field("int_0");
        point.set_tag("rack", "7");
        point.remove_tag("region");
        let time = point.time();
        point.set_time(time + 1);
        out.point(point)
    }
}

/// Reads and sets the fields of wide points by name, and moves the points to another group.
#[udf(stream)]
struct Wide;

impl OnPoint for Wide {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        for name in WIDE {
            let value = point.number(name)?;
            point.set_field(name, value + 0.5);
            point.set_field(name, 7);
        }
        ensure!(point.fields().count() == WIDE.len(), "no field comes twice");
        point.set_tag("host", "another");
        point.set_dimensions(["region", "host"]);
        ensure!(
            point.group() == "region=eu,host=another",
            "{}",
            point.group()
        );
        out.point(point)
    }
}

/// Names of the fields of wide points.
const WIDE: [&str; 40] = [
    "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "b0", "b1", "b2", "b3", "b4", "b5",
    "b6", "b7", "b8", "b9", "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "d0", "d1",
    "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9",
];

/// Sends batches back without the points of one value.
#[udf(batch)]
struct Filter;

impl OnBatch for Filter {
    fn on_batch(&mut self, mut batch: Batch, out: &mut BatchOutput) -> Result<()> {
        batch
            .points_mut()
            .retain(|point| point.int("int_0") != Ok(3));
        out.batch(batch)
    }
}

#[test]
fn a_mirrored_point_costs_no_allocation() {
    assert!(for_more(UdfHandler::<Mirror>::new, &[], &stream()) < FEW);
}

#[test]
fn an_average_of_a_known_group_costs_no_allocation() {
    assert!(for_more(UdfHandler::<MovingAvg>::new, &["float_1"], &stream()) < FEW);
}

#[test]
fn changed_fields_and_tags_cost_no_allocation() {
    assert!(for_more(UdfHandler::<Change>::new, &[], &stream()) < FEW);
}

#[test]
fn names_and_groups_of_wide_points_cost_no_allocation() {
    let points = (0..POINTS).flat_map(|index| {
        let mut point = proto::Point {
            name: "cpu".into(),
            group: "host=server-0".into(),
            dimensions: vec!["host".into()],
            ..point(index)
        };
        point.fields_int.clear();
        point.fields_string.clear();
        point.fields_bool.clear();
        point.fields_double = WIDE.map(|name| (name.to_owned(), index as f64)).into();
        frame(Message::Point(point))
    });
    let data: Vec<u8> = points.collect();
    assert!(for_more(UdfHandler::<Wide>::new, &[], &data) < FEW);
}

#[test]
fn a_point_of_a_batch_costs_no_allocation() {
    let of = |points| for_more(UdfHandler::<Filter>::new, &[], &batch(points)) / ROUNDS as u64;
    let (small, large) = (of(POINTS), of(8 * POINTS));
    // Each batch allocates its name, group, tags and list of points. A list of eight times as many points
    // grows three times more. Nothing else grows with a batch.
    assert!(small <= 20, "{small} for a batch");
    assert!(
        large <= small + 3,
        "{small} for a batch, {large} for a large one"
    );
}

/// Allocations that do not depend on the number of points, such as growth of the watch's list of agents.
/// There are thousands of points.
const FEW: u64 = 3;
const ROUNDS: usize = 5;

/// Counts the allocations of handling some data a few more times.
fn for_more<H: Handler>(handler: impl Fn() -> H, options: &[&str], data: &[u8]) -> u64 {
    let of = |rounds| {
        let input = [start(options), data.repeat(rounds)].concat();
        let sent = Sent::default();
        let counted = allocation_counter::measure(|| {
            let input = io::Cursor::new(input.clone());
            Agent::new(input, sent.clone()).run(handler()).unwrap();
        });
        let sent = sent.0.load(Ordering::Relaxed);
        assert!(sent > input.len() / 10, "only {sent} bytes came out");
        counted.count_total
    };
    // Agents on the same thread reuse each other's buffers.
    of(ROUNDS);
    of(2 * ROUNDS).saturating_sub(of(ROUNDS))
}

fn frame(message: Message) -> Vec<u8> {
    let request = Request {
        message: Some(message),
    };
    request.encode_length_delimited_to_vec()
}

/// An `Init` with one option `field` for each value.
fn start(fields: &[&str]) -> Vec<u8> {
    let option = |field: &&str| proto::Option {
        name: "field".into(),
        values: vec![OptionValue {
            r#type: ValueType::String.into(),
            value: Some(Value::StringValue((*field).into())),
        }],
    };
    frame(Message::Init(InitRequest {
        options: fields.iter().map(option).collect(),
        ..InitRequest::default()
    }))
}

/// Counts the bytes that were sent.
#[derive(Clone, Default)]
struct Sent(Arc<AtomicUsize>);

impl Write for Sent {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.fetch_add(bytes.len(), Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn stream() -> Vec<u8> {
    let points = (0..POINTS).flat_map(|index| {
        frame(Message::Point(proto::Point {
            name: "cpu".into(),
            group: format!("host=server-{}", index % 20),
            dimensions: vec!["host".into()],
            ..point(index)
        }))
    });
    points.collect()
}

fn batch(points: i64) -> Vec<u8> {
    let tags = [("host".to_owned(), "server-0".to_owned())];
    let begin = frame(Message::Begin(BeginBatch {
        name: "cpu".into(),
        group: "host=server-0".into(),
        tags: tags.clone().into(),
        size: points,
        by_name: false,
    }));
    let end = frame(Message::End(EndBatch {
        name: "cpu".into(),
        group: "host=server-0".into(),
        tmax: points,
        tags: tags.into(),
        by_name: false,
    }));
    let points = (0..points).flat_map(|index| frame(Message::Point(point(index))));
    begin.into_iter().chain(points).chain(end).collect()
}

/// Four tags and ten fields of all types.
fn point(index: i64) -> proto::Point {
    let mut point = proto::Point {
        time: index,
        ..proto::Point::default()
    };
    for (name, value) in [
        ("host", "server-0"),
        ("region", "eu"),
        ("os", "linux"),
        ("ü", "é"),
    ] {
        point.tags.insert(name.into(), value.into());
    }
    for field in 0..3 {
        point
            .fields_double
            .insert(format!("float_{field}"), index as f64);
        point.fields_int.insert(format!("int_{field}"), index % 10);
        point
            .fields_string
            .insert(format!("text_{field}"), "running".into());
    }
    point.fields_bool.insert("up".into(), true);
    point
}
