//! A UDF's answers, each summarized in a few words.

use support::model::{self, is_heartbeat};
use udf_runtime::proto::response::Message;

/// Everything that a UDF answered until it closed its end. The model of Kapacitor has accepted it.
#[derive(Debug)]
pub struct Answer {
    /// The responses.
    pub messages: Vec<Message>,
}

impl Answer {
    /// Reads responses as Kapacitor does.
    ///
    /// # Panics
    /// If Kapacitor would not have survived them.
    #[track_caller]
    pub fn read(bytes: &[u8]) -> Self {
        match model::read(bytes) {
            Ok(messages) => Self { messages },
            Err(violation) => panic!("Kapacitor would not survive the output: {violation}"),
        }
    }

    /// Each response in a few words.
    pub fn summary(&self) -> Vec<String> {
        self.messages
            .iter()
            // The number of heartbeats depends on timing.
            .filter(|message| !is_heartbeat(message))
            .map(describe)
            .collect()
    }

    /// Compares the [`summary`](Self::summary) with the expected texts. Each is a part of its line.
    #[track_caller]
    pub fn expect(&self, case: &str, expected: &[&str]) {
        expect(case, &self.summary(), expected);
    }

    /// Whether the last response is an `ErrorResponse`.
    pub fn failed(&self) -> bool {
        matches!(self.messages.last(), Some(Message::Error(_)))
    }

    /// The text of the last response, which must be an `ErrorResponse`.
    #[track_caller]
    pub fn error(&self) -> &str {
        match self.messages.last() {
            Some(Message::Error(error)) => &error.error,
            other => panic!("expected an ErrorResponse, found {other:?}"),
        }
    }

    /// The points among the responses.
    pub fn points(&self) -> impl Iterator<Item = &udf_runtime::proto::Point> {
        self.messages.iter().filter_map(|message| match message {
            Message::Point(point) => Some(point),
            _ => None,
        })
    }

    /// The number of heartbeats.
    pub fn heartbeats(&self) -> usize {
        self.messages
            .iter()
            .filter(|message| is_heartbeat(message))
            .count()
    }
}

/// Compares line by line. Each expected text is a part of its line.
///
/// # Panics
/// If they differ.
#[track_caller]
pub fn expect(case: &str, summary: &[String], expected: &[&str]) {
    let fits = summary.len() == expected.len()
        && summary
            .iter()
            .zip(expected)
            .all(|(summary, expected)| summary.contains(expected));
    assert!(
        fits,
        "{case}:\n  expected {expected:#?}\n  got {summary:#?}"
    );
}

fn describe(message: &Message) -> String {
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
