//! What Kapacitor accepts: a model of the host, to hold every output against.

use std::fmt;

use udf_runtime::proto::{EdgeType, Response, prost::Message as _, response::Message};

/// Reads what a UDF wrote, as Kapacitor does, and refuses whatever would crash or confuse it.
///
/// # Errors
/// The first thing that Kapacitor would not survive or would misread.
pub fn read(bytes: &[u8]) -> Result<Vec<Message>, Violation> {
    Host::default().read(bytes)
}

/// A keepalive that nobody asked for has the wall clock's time, which no test gives. How many there
/// are is a matter of time.
#[must_use]
pub fn is_heartbeat(message: &Message) -> bool {
    const YEAR_2020: i64 = 1_577_836_800_000_000_000;
    matches!(message, Message::Keepalive(keepalive) if keepalive.time > YEAR_2020)
}

/// Something that Kapacitor would not survive or would misread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Violation {}

/// Kapacitor, as far as a UDF's responses have told it.
#[derive(Debug, Default)]
pub struct Host {
    provides: Option<EdgeType>,
    /// Points that the open batch still may have.
    batch: Option<i64>,
    /// `Init` was answered: what is data before it keeps the answer from being read.
    initialized: bool,
    failed: bool,
}

impl Host {
    /// Reads what the UDF wrote next: whole responses, and whole batches.
    ///
    /// # Errors
    /// The first thing that Kapacitor would not survive or would misread.
    pub fn read(&mut self, mut bytes: &[u8]) -> Result<Vec<Message>, Violation> {
        let mut messages = Vec::new();
        while !bytes.is_empty() {
            // Without any limit, Kapacitor trusts the length.
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
    fn what_kapacitor_survives_is_accepted() {
        assert_eq!(verdict(vec![]), Ok(0));
        assert_eq!(
            verdict(vec![point(), begin(1), point(), end(), begin(0), end()]),
            Ok(6)
        );
    }

    #[test]
    fn what_crashes_or_confuses_it_is_not() {
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
