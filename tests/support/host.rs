//! Runs an agent in this process, with the test as Kapacitor.

#![expect(clippy::panic, reason = "a failure fails the test")]

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};

use udf_runtime::proto::response::Message;
use udf_runtime::{Agent, AgentError, Handler, Limits, Running};

use crate::{model, requests::Requests, wait::aside};

/// The answers of a handler to requests, and how its agent ended.
#[derive(Debug)]
pub struct Talk {
    /// The responses. The model of Kapacitor has accepted all of them.
    pub responses: Vec<Message>,
    /// How the agent ended.
    pub outcome: Result<(), AgentError>,
}

impl Talk {
    /// The text of the last response, which must be an `ErrorResponse`.
    ///
    /// # Panics
    /// If it is something else.
    #[must_use]
    pub fn error(&self) -> &str {
        match self.responses.last() {
            Some(Message::Error(error)) => &error.error,
            other => panic!("expected an ErrorResponse, found {other:?}"),
        }
    }

    /// The points among the responses.
    #[must_use]
    pub fn points(&self) -> Vec<&udf_runtime::proto::Point> {
        self.responses
            .iter()
            .filter_map(|message| match message {
                Message::Point(point) => Some(point),
                _ => None,
            })
            .collect()
    }
}

/// Lets a handler answer requests until they end.
///
/// # Panics
/// If Kapacitor would not survive the answers.
pub fn talk(handler: impl Handler, requests: Requests) -> Talk {
    talk_within(Limits::default(), handler, requests)
}

/// Lets a handler answer requests until they end, with resource limits.
///
/// # Panics
/// If Kapacitor would not survive the answers.
pub fn talk_within(limits: Limits, handler: impl Handler, requests: Requests) -> Talk {
    answer(limits, handler, io::Cursor::new(requests.bytes()))
}

/// Lets a handler answer any input, with resource limits.
///
/// # Panics
/// If Kapacitor would not survive the answers.
pub fn answer(limits: Limits, handler: impl Handler, input: impl Read + Send + 'static) -> Talk {
    let written = Written::default();
    let outcome = Agent::new(input, written.clone())
        .limits(limits)
        .run(handler);
    let responses = match model::read(&written.bytes()) {
        Ok(responses) => responses,
        Err(violation) => panic!("Kapacitor would not survive the output: {violation}"),
    };
    Talk { responses, outcome }
}

/// Waits for an agent's end and returns how it ended.
///
/// # Errors
/// The error that ended the agent.
///
/// # Panics
/// If it does not end in time.
#[track_caller]
pub fn ended(running: Running) -> Result<(), AgentError> {
    aside("the agent to end", move || running.wait()).join()
}

/// A writer that keeps its bytes for the test.
#[derive(Clone, Debug, Default)]
pub struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    /// The bytes written so far.
    ///
    /// # Panics
    /// After a panic in a writer.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().expect("writing does not panic").clone()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("writing does not panic")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
