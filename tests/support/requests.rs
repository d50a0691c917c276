//! Requests as Kapacitor sends them.

use udf_runtime::proto::{
    BeginBatch, EndBatch, InfoRequest, InitRequest, KeepaliveRequest, Option as OptionCall,
    OptionValue, Point, Request, RestoreRequest, SnapshotRequest, ValueType, option_value::Value,
    prost::Message as _, request::Message,
};

/// The bytes of requests, one frame after the other.
///
/// ```
/// use support::requests::{Requests, point};
///
/// let bytes = Requests::new().info().init([]).point(point(1, 2.0)).bytes();
/// assert_eq!(bytes[..3], [2, 0x0a, 0]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Requests {
    bytes: Vec<u8>,
}

impl Requests {
    /// No requests.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends any request.
    #[must_use]
    pub fn request(mut self, message: Message) -> Self {
        let frame = Request {
            message: Some(message),
        }
        .encode_length_delimited_to_vec();
        self.bytes.extend_from_slice(&frame);
        self
    }

    /// Appends raw bytes.
    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Asks for `Info`.
    #[must_use]
    pub fn info(self) -> Self {
        self.request(Message::Info(InfoRequest {}))
    }

    /// Sends `Init` with options.
    #[must_use]
    pub fn init<const N: usize>(self, options: [OptionCall; N]) -> Self {
        self.request(Message::Init(InitRequest {
            options: options.into(),
            task_id: "task".into(),
            node_id: "udf2".into(),
        }))
    }

    /// Asks for a keepalive.
    #[must_use]
    pub fn keepalive(self, time: i64) -> Self {
        self.request(Message::Keepalive(KeepaliveRequest { time }))
    }

    /// Asks for a snapshot.
    #[must_use]
    pub fn snapshot(self) -> Self {
        self.request(Message::Snapshot(SnapshotRequest {}))
    }

    /// Sends `Restore` with a snapshot.
    #[must_use]
    pub fn restore(self, snapshot: &[u8]) -> Self {
        self.request(Message::Restore(RestoreRequest {
            snapshot: snapshot.into(),
        }))
    }

    /// Sends a point.
    #[must_use]
    pub fn point(self, point: Point) -> Self {
        self.request(Message::Point(point))
    }

    /// Begins a batch of the group `group=a`.
    #[must_use]
    pub fn begin(self, size: i64) -> Self {
        self.request(Message::Begin(BeginBatch {
            name: "cpu".into(),
            group: "group=a".into(),
            tags: [("group".to_owned(), "a".to_owned())].into(),
            size,
            by_name: false,
        }))
    }

    /// Ends the batch that [`begin`](Self::begin) began.
    #[must_use]
    pub fn end(self, tmax: i64) -> Self {
        self.request(Message::End(EndBatch {
            name: "cpu".into(),
            group: "group=a".into(),
            tmax,
            tags: [("group".to_owned(), "a".to_owned())].into(),
            by_name: false,
        }))
    }

    /// The bytes of all requests.
    #[must_use]
    pub fn bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A point of the group `group=a` with the field `value`.
#[must_use]
pub fn point(time: i64, value: f64) -> Point {
    Point {
        time,
        name: "cpu".into(),
        database: "telegraf".into(),
        retention_policy: "autogen".into(),
        group: "group=a".into(),
        dimensions: vec!["group".into()],
        tags: [
            ("group".to_owned(), "a".to_owned()),
            ("host".to_owned(), "h1".to_owned()),
        ]
        .into(),
        fields_double: [("value".to_owned(), value)].into(),
        ..Point::default()
    }
}

/// A call of an option.
#[must_use]
pub fn option<const N: usize>(name: &str, values: [Value; N]) -> OptionCall {
    let values = values.map(|value| {
        let kind = match value {
            Value::BoolValue(_) => ValueType::Bool,
            Value::IntValue(_) => ValueType::Int,
            Value::DoubleValue(_) => ValueType::Double,
            Value::StringValue(_) => ValueType::String,
            Value::DurationValue(_) => ValueType::Duration,
        };
        OptionValue {
            r#type: kind.into(),
            value: Some(value),
        }
    });
    OptionCall {
        name: name.into(),
        values: values.into(),
    }
}

/// A string as an option's argument.
#[must_use]
pub fn string(text: &str) -> Value {
    Value::StringValue(text.into())
}
