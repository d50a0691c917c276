//! A model of Kapacitor, which checks every output of a UDF.

use std::fmt;

use udf_runtime::proto::{EdgeType, Response, prost::Message as _, response::Message};

/// Reads a UDF's output as Kapacitor does, and refuses everything that would crash or confuse it.
///
/// # Errors
/// The first message that Kapacitor would not survive or would misread.
pub fn read(bytes: &[u8]) -> Result<Vec<Message>, Violation> {
    Host::default().read(bytes)
}

/// Whether a message is a heartbeat. A heartbeat is a keepalive with the wall clock's time, which no test
/// uses in its requests. The number of heartbeats depends on timing.
#[must_use]
pub fn is_heartbeat(message: &Message) -> bool {
    const YEAR_2020: i64 = 1_577_836_800_000_000_000;
    matches!(message, Message::Keepalive(keepalive) if keepalive.time > YEAR_2020)
}

/// A message that Kapacitor would not survive or would misread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Violation {}

/// The state of Kapacitor after a UDF's responses.
#[derive(Debug, Default)]
pub struct Host {
    provides: Option<EdgeType>,
    /// Points that the open batch still expects.
    batch: Option<i64>,
    /// Whether `Init` was answered. Data before the answer keeps Kapacitor from reading it.
    initialized: bool,
    failed: bool,
}

impl Host {
    /// Reads more of the UDF's output: whole responses and whole batches.
    ///
    /// # Errors
    /// The first message that Kapacitor would not survive or would misread.
    pub fn read(&mut self, mut bytes: &[u8]) -> Result<Vec<Message>, Violation> {
        let mut messages = Vec::new();
        while !bytes.is_empty() {
            // Kapacitor trusts the length, without any limit.
            let response = Response::decode_length_delimited(&mut bytes)
                .map_err(|error| Violation(format!("response {}: {error}", messages.len() + 1)))?;
            let message = response
                .message
                .ok_or_else(|| Violation("an empty response".into()))?;
            self.takes(&message)?;
            messages.push(message);
        }
        if self.batch.is_some() {
            return Err(Violation("a batch was never ended".into()));
        }
        Ok(messages)
    }

    fn takes(&mut self, message: &Message) -> Result<(), Violation> {
        let violation = |text: &str| Err(Violation(text.to_owned()));
        if self.failed {
            return violation("something came after an ErrorResponse");
        }
        let provides = |edge| self.provides.is_none_or(|provides| provides == edge);
        match message {
            Message::Info(info) => self.provides = Some(info.provides()),
            Message::Begin(_) | Message::Point(_) if !self.initialized => {
                return violation("data before the answer to Init");
            }
            Message::Begin(_) if self.batch.is_some() => {
                return violation("a batch began while another was open");
            }
            Message::Begin(_) if !provides(EdgeType::Batch) => {
                return violation("a batch from a UDF that provides a stream");
            }
            Message::Begin(begin) if !(0..=1 << 31).contains(&begin.size) => {
                return violation("a batch of an impossible size");
            }
            Message::Begin(begin) => self.batch = Some(begin.size),
            Message::End(_) if self.batch.is_none() => {
                return violation("a batch ended that had not begun");
            }
            Message::End(_) if self.batch != Some(0) => {
                return violation("a batch has fewer points than it said");
            }
            Message::End(_) => self.batch = None,
            Message::Point(_) => match &mut self.batch {
                Some(0) => return violation("a batch has more points than it said"),
                Some(left) => *left -= 1,
                None if !provides(EdgeType::Stream) => {
                    return violation(
                        "a point outside of a batch from a UDF that provides batches",
                    );
                }
                None => {}
            },
            Message::Error(_) => self.failed = true,
            Message::Init(_) => self.initialized = true,
            Message::Keepalive(_) | Message::Snapshot(_) | Message::Restore(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use udf_runtime::proto::{BeginBatch, EndBatch, ErrorResponse, InitResponse, Point};

    fn verdict(messages: Vec<Message>) -> Result<usize, String> {
        let init = Message::Init(InitResponse::default());
        let bytes: Vec<u8> = [init]
            .into_iter()
            .chain(messages)
            .flat_map(|message| {
                Response {
                    message: Some(message),
                }
                .encode_length_delimited_to_vec()
            })
            .collect();
        read(&bytes)
            .map(|messages| messages.len() - 1)
            .map_err(|violation| violation.0)
    }

    fn begin(size: i64) -> Message {
        Message::Begin(BeginBatch {
            size,
            ..BeginBatch::default()
        })
    }

    fn end() -> Message {
        Message::End(EndBatch::default())
    }

    fn point() -> Message {
        Message::Point(Point::default())
    }

    #[test]
    fn output_that_kapacitor_survives_is_accepted() {
        assert_eq!(verdict(vec![]), Ok(0));
        assert_eq!(
            verdict(vec![point(), begin(1), point(), end(), begin(0), end()]),
            Ok(6)
        );
    }

    #[test]
    fn output_that_crashes_or_confuses_kapacitor_is_refused() {
        for (messages, fragment) in [
            (vec![end()], "not begun"),
            (vec![begin(-1), end()], "impossible size"),
            (vec![begin(1 << 62), end()], "impossible size"),
            (vec![begin(0), begin(0)], "another was open"),
            (vec![begin(2), point(), end()], "fewer points"),
            (vec![begin(0), point(), end()], "more points"),
            (vec![begin(0)], "never ended"),
            (
                vec![Message::Error(ErrorResponse::default()), point()],
                "after an ErrorResponse",
            ),
        ] {
            let verdict = verdict(messages).unwrap_err();
            assert!(
                verdict.contains(fragment),
                "{verdict:?} does not say {fragment:?}"
            );
        }
        assert!(read(&[0]).is_err(), "an empty frame");
        assert!(read(&[5, 1]).is_err(), "a frame that is cut off");
    }
}
