//! What a UDF answered, in words.

use support::model::{self, is_heartbeat};
use udf_runtime::proto::response::Message;

/// Everything that a UDF answered until it closed its end, all of which Kapacitor would have
/// survived.
#[derive(Debug)]
pub struct Answer {
    /// The responses.
    pub messages: Vec<Message>,
}

impl Answer {
    /// Reads responses as Kapacitor does.
    ///
    /// # Panics
    /// Where it would not have survived them.
    #[track_caller]
    pub fn read(bytes: &[u8]) -> Self {
        match model::read(bytes) {
            Ok(messages) => Self { messages },
            Err(violation) => panic!("Kapacitor would not bear it: {violation}"),
        }
    }

    /// Each response in a few words.
    pub fn told(&self) -> Vec<String> {
        self.messages
            .iter()
            // How many heartbeats there are is a matter of time.
            .filter(|message| !is_heartbeat(message))
            .map(tell)
            .collect()
    }

    /// Compares with what is expected, each a part of what [`told`](Self::told) says.
    #[track_caller]
    pub fn expect(&self, case: &str, expected: &[&str]) {
        expect(case, &self.told(), expected);
    }

    /// Whether the last response is an `ErrorResponse`.
    pub fn failed(&self) -> bool {
        matches!(self.messages.last(), Some(Message::Error(_)))
    }

    /// The text of the last response, which has to be an `ErrorResponse`.
    #[track_caller]
    pub fn error(&self) -> &str {
        match self.messages.last() {
            Some(Message::Error(error)) => &error.error,
            other => panic!("{other:?} is no ErrorResponse"),
        }
    }

    /// The points among the responses.
    pub fn points(&self) -> impl Iterator<Item = &udf_runtime::proto::Point> {
        self.messages.iter().filter_map(|message| match message {
            Message::Point(point) => Some(point),
            _ => None,
        })
    }

    /// How many heartbeats came.
    pub fn heartbeats(&self) -> usize {
        self.messages
            .iter()
            .filter(|message| is_heartbeat(message))
            .count()
    }
}

/// Compares line by line; each expected text is a part of its line.
///
/// # Panics
/// Where they differ.
#[track_caller]
pub fn expect(case: &str, told: &[String], expected: &[&str]) {
    let fits = told.len() == expected.len()
        && told
            .iter()
            .zip(expected)
            .all(|(told, expected)| told.contains(expected));
    assert!(fits, "{case}:\n  expected {expected:#?}\n  got {told:#?}");
}

fn tell(message: &Message) -> String {
    match message {
        Message::Info(_) => "info".to_owned(),
        Message::Init(init) if init.success => "init accepted".to_owned(),
        Message::Init(init) => format!("init refused: {}", init.error),
        Message::Keepalive(keepalive) => format!("keepalive {}", keepalive.time),
        Message::Snapshot(snapshot) => format!("snapshot of {} bytes", snapshot.snapshot.len()),
        Message::Restore(restore) if restore.success => "restore accepted".to_owned(),
        Message::Restore(restore) => format!("restore refused: {}", restore.error),
        Message::Begin(begin) => format!("begin of {}", begin.size),
        Message::Point(point) => format!("point at {}", point.time),
        Message::End(end) => format!("end at {}", end.tmax),
        Message::Error(error) => format!("error: {}", error.error),
    }
}
