//! Makes the bytes that Kapacitor would send.
//!
//! They are written by hand. Kapacitor writes the entries of a map in an order that differs from point to
//! point, which matters to branch predictors and which ordinary encoders do not do.

use udf_proto::prost::Message as _;
use udf_proto::{
    BeginBatch, EndBatch, InfoRequest, InitRequest, Option as OptionCall, OptionValue, Request,
    ValueType, option_value::Value, request::Message,
};

/// The shape of the points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// 1 tag, 1 float.
    Small,
    /// 4 tags, 10 floats: Telegraf's `cpu`.
    Typical,
    /// 8 tags, 40 fields of all types.
    Wide,
    /// 1 tag, this many floats.
    Floats(usize),
}

impl Shape {
    /// The name in tables.
    pub fn name(self) -> String {
        match self {
            Self::Small => "small".to_owned(),
            Self::Typical => "typical".to_owned(),
            Self::Wide => "wide".to_owned(),
            Self::Floats(count) => format!("{count} floats"),
        }
    }
}

/// Requests, one frame after the other.
#[derive(Clone, Debug, Default)]
pub struct Workload {
    /// The frames.
    pub bytes: Vec<u8>,
    /// Number of points in them.
    pub points: usize,
}

/// `Info` and `Init`, with the options of an example's UDF.
pub fn start(options: &[OptionCall]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in [
        Message::Info(InfoRequest {}),
        Message::Init(InitRequest {
            options: options.to_vec(),
            task_id: "task".to_owned(),
            node_id: "node2".to_owned(),
        }),
    ] {
        frame(message, &mut bytes);
    }
    bytes
}

/// The options of `moving_avg`.
pub fn moving_avg_options() -> Vec<OptionCall> {
    let value = |value| OptionValue {
        r#type: match value {
            Value::IntValue(_) => ValueType::Int.into(),
            _ => ValueType::String.into(),
        },
        value: Some(value),
    };
    let option = |name: &str, of| OptionCall {
        name: name.to_owned(),
        values: vec![value(of)],
    };
    vec![
        option("field", Value::StringValue("usage_user".to_owned())),
        option("size", Value::IntValue(10)),
        option("as", Value::StringValue("mean".to_owned())),
    ]
}

/// The options of `outliers`.
pub fn outliers_options() -> Vec<OptionCall> {
    let option = |name: &str, kind: ValueType, value| OptionCall {
        name: name.to_owned(),
        values: vec![OptionValue {
            r#type: kind.into(),
            value: Some(value),
        }],
    };
    vec![
        option(
            "field",
            ValueType::String,
            Value::StringValue("usage_user".to_owned()),
        ),
        option("scale", ValueType::Double, Value::DoubleValue(1.5)),
    ]
}

/// Points of a stream, spread over groups.
pub fn stream(shape: Shape, points: usize, groups: usize) -> Workload {
    let mut random = Random::default();
    let mut workload = Workload {
        points,
        ..Workload::default()
    };
    let mut message = Vec::new();
    for index in 0..points {
        message.clear();
        // Scattered, so that many groups show the effect of the caches.
        let group = (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) % groups as u64;
        point(shape, index, Some(group), &mut random, &mut message);
        point_frame(&message, &mut workload.bytes);
    }
    workload
}

/// One point of each group, so that a UDF knows all of them.
pub fn all_groups(shape: Shape, groups: usize) -> Workload {
    let mut random = Random::default();
    let mut workload = Workload {
        points: groups,
        ..Workload::default()
    };
    let mut message = Vec::new();
    for group in 0..groups {
        message.clear();
        point(shape, group, Some(group as u64), &mut random, &mut message);
        point_frame(&message, &mut workload.bytes);
    }
    workload
}

/// Batches of one group.
pub fn batches(shape: Shape, size: usize, batches: usize) -> Workload {
    let mut random = Random::default();
    let mut workload = Workload {
        points: size * batches,
        ..Workload::default()
    };
    let mut message = Vec::new();
    let tags = [("host".to_owned(), "server-017".to_owned())];
    for batch in 0..batches {
        let begin = BeginBatch {
            name: "cpu".to_owned(),
            group: "host=server-017".to_owned(),
            tags: tags.clone().into(),
            size: size as i64,
            by_name: false,
        };
        frame(Message::Begin(begin), &mut workload.bytes);
        for index in 0..size {
            message.clear();
            point(shape, batch * size + index, None, &mut random, &mut message);
            point_frame(&message, &mut workload.bytes);
        }
        let end = EndBatch {
            name: "cpu".to_owned(),
            group: "host=server-017".to_owned(),
            tmax: time((batch + 1) * size),
            tags: tags.clone().into(),
            by_name: false,
        };
        frame(Message::End(end), &mut workload.bytes);
    }
    workload
}

fn frame(message: Message, to: &mut Vec<u8>) {
    let request = Request {
        message: Some(message),
    };
    request
        .encode_length_delimited(to)
        .expect("a Vec takes any number of bytes");
}

fn point_frame(message: &[u8], to: &mut Vec<u8>) {
    let mut inner = Vec::with_capacity(message.len() + 8);
    inner.extend_from_slice(&[0x8a, 0x01]);
    delimited(message, &mut inner);
    delimited(&inner, to);
}

fn time(index: usize) -> i64 {
    1_700_000_000_000_000_000 + index as i64 * 10_000_000
}

const TAGS: [&str; 8] = [
    "host",
    "region",
    "datacenter",
    "os",
    "rack",
    "team",
    "service",
    "environment",
];
const FLOATS: [&str; 10] = [
    "usage_user",
    "usage_system",
    "usage_idle",
    "usage_nice",
    "usage_iowait",
    "usage_irq",
    "usage_softirq",
    "usage_steal",
    "usage_guest",
    "usage_guest_nice",
];

/// Appends a `Point` message. A point without a group belongs to a batch.
fn point(shape: Shape, index: usize, group: Option<u64>, random: &mut Random, to: &mut Vec<u8>) {
    let (tags, fields) = match shape {
        Shape::Small => (1, 1),
        Shape::Typical => (4, 10),
        Shape::Wide => (8, 40),
        Shape::Floats(count) => (1, count),
    };
    let host = format!("server-{:03}", group.unwrap_or(17));
    key(1, 0, to);
    varint(time(index) as u64, to);
    if group.is_some() {
        text(2, "cpu", to);
        text(3, "telegraf", to);
        text(4, "autogen", to);
    }
    text(5, &format!("host={host}"), to);
    if group.is_some() {
        text(6, "host", to);
    }
    let order = random.order(tags);
    for tag in order {
        let value = match tag {
            0 => host.clone(),
            1 => "eu-west-1".to_owned(),
            2 => format!("eu-west-1{}", ["a", "b", "c"][index % 3]),
            3 => "Ubuntu22.04".to_owned(),
            _ => format!("{}-{}", TAGS[tag], index % 10),
        };
        let mut entry = Vec::new();
        text(1, TAGS[tag], &mut entry);
        text(2, &value, &mut entry);
        key(7, 2, to);
        delimited(&entry, to);
    }
    // Kapacitor writes one map after the other: floats, ints, strings, bools.
    let kind_of = |field: usize| match shape {
        Shape::Wide => [8, 8, 9, 9, 10, 12, 8, 8, 9, 8][field % 10],
        _ => 8,
    };
    let order = random.order(fields);
    for kind in [8, 9, 10, 12] {
        for &field in order.iter().filter(|field| kind_of(**field) == kind) {
            let mut entry = Vec::new();
            match (FLOATS.get(field), field / 10) {
                (Some(name), 0) => text(1, name, &mut entry),
                _ => text(
                    1,
                    &format!("{}_{}", FLOATS[field % 10], field / 10),
                    &mut entry,
                ),
            }
            let number = random.next();
            match kind {
                8 => {
                    key(2, 1, &mut entry);
                    entry.extend_from_slice(&((number % 10_000) as f64 / 100.0).to_le_bytes());
                }
                9 => {
                    key(2, 0, &mut entry);
                    varint(number % 1_000_000, &mut entry);
                }
                10 => text(2, ["running", "sleeping", "zombie"][index % 3], &mut entry),
                _ => {
                    key(2, 0, &mut entry);
                    varint(number % 2, &mut entry);
                }
            }
            key(kind, 2, to);
            delimited(&entry, to);
        }
    }
}

fn key(number: u8, wire_type: u8, to: &mut Vec<u8>) {
    to.push(number << 3 | wire_type);
}

fn text(number: u8, text: &str, to: &mut Vec<u8>) {
    key(number, 2, to);
    delimited(text.as_bytes(), to);
}

fn delimited(bytes: &[u8], to: &mut Vec<u8>) {
    varint(bytes.len() as u64, to);
    to.extend_from_slice(bytes);
}

fn varint(mut value: u64, to: &mut Vec<u8>) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

/// Pseudorandom numbers, the same in every run.
struct Random(u64);

impl Default for Random {
    fn default() -> Self {
        Self(0x2545_f491_4f6c_dd1d)
    }
}

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// The numbers below `count`, shuffled.
    fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<_> = (0..count).collect();
        for index in (1..count).rev() {
            order.swap(index, (self.next() % (index as u64 + 1)) as usize);
        }
        order
    }
}
