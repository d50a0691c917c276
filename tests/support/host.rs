//! Kapacitor's end of an agent that runs in this process.

#![expect(clippy::panic, reason = "it is a test that fails")]

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};

use udf_runtime::proto::response::Message;
use udf_runtime::{Agent, AgentError, Handler, Limits, Running};

use crate::{model, requests::Requests, wait::aside};

/// What a handler answered to requests, and how its agent ended.
#[derive(Debug)]
pub struct Talk {
    /// The responses, all of which Kapacitor would have survived.
    pub responses: Vec<Message>,
    /// How the agent ended.
    pub outcome: Result<(), AgentError>,
}

impl Talk {
    /// The text of the last response, which has to be an `ErrorResponse`.
    ///
    /// # Panics
    /// When it is something else.
    #[must_use]
    pub fn error(&self) -> &str {
        match self.responses.last() {
            Some(Message::Error(error)) => &error.error,
            other => panic!("{other:?} is no ErrorResponse"),
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
/// When the answers are not such that Kapacitor survives them.
pub fn talk(handler: impl Handler, requests: Requests) -> Talk {
    talk_within(Limits::default(), handler, requests)
}

/// Lets a handler answer requests until they end, within limits.
///
/// # Panics
/// When the answers are not such that Kapacitor survives them.
pub fn talk_within(limits: Limits, handler: impl Handler, requests: Requests) -> Talk {
    answer(limits, handler, io::Cursor::new(requests.bytes()))
}

/// Lets a handler answer whatever comes, within limits.
///
/// # Panics
/// When the answers are not such that Kapacitor survives them.
pub fn answer(limits: Limits, handler: impl Handler, input: impl Read + Send + 'static) -> Talk {
    let written = Written::default();
    let outcome = Agent::new(input, written.clone())
        .limits(limits)
        .run(handler);
    let responses = match model::read(&written.bytes()) {
        Ok(responses) => responses,
        Err(violation) => panic!("Kapacitor would not bear it: {violation}"),
    };
    Talk { responses, outcome }
}

/// Waits for an agent's end, and gives how it ended.
///
/// # Errors
/// What ended it before its time.
///
/// # Panics
/// When it does not end.
#[track_caller]
pub fn ended(running: Running) -> Result<(), AgentError> {
    aside("the agent to end", move || running.wait()).join()
}

/// A writer whose bytes can be looked at.
#[derive(Clone, Debug, Default)]
pub struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    /// What was written so far.
    ///
    /// # Panics
    /// After a panic in a writer.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().expect("nobody panics while writing").clone()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("nobody panics while writing")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
