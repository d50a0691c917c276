//! What the protocol allows when, and what a handler answers.

use std::sync::Arc;
use std::time::Duration;

use udf_proto::{
    EdgeType, ErrorResponse, InitRequest, InitResponse, KeepaliveResponse, RestoreResponse,
    SnapshotResponse, response::Message,
};

use super::{AgentError, Callback, Limits};
use crate::agent::{Handler, Verdict};
use crate::data::Point;
use crate::error::{Error, Result};
use crate::output::sealed::Sealed as _;
use crate::output::{Output, Sender};
use crate::output::{To, Wire};
use crate::process::{clock, text};
use crate::protocol::{Request, read_request};

/// What a message that holds a snapshot has before it: keys and lengths.
const MESSAGE_HEAD: usize = 16;

/// A handler and how far it has come.
pub(super) struct Session<H: Handler> {
    handler: H,
    out: H::Output,
    wire: Arc<Wire>,
    phase: Phase,
    wants: EdgeType,
    /// What of a batch has come, while one is open.
    batch: Option<OpenBatch>,
    limits: Limits,
    /// Messages that have come.
    messages: u64,
    /// Points that have come.
    points: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Before `Init`.
    New,
    /// After an `Init` that was accepted; a `Restore` may follow.
    Accepted,
    /// Data comes.
    Ready,
    /// After one that was refused: Kapacitor gives the UDF up, data may still be on its way.
    Refused,
    /// Nothing more is done.
    Ended,
}

#[derive(Clone, Copy, Debug, Default)]
struct OpenBatch {
    points: usize,
    bytes: usize,
}

/// Who looks on while the handler works.
pub(super) trait Witness {
    /// The handler is asked for more than `Info` for the first time.
    fn work_begins(&self);
    /// An `Init` was accepted, and Kapacitor told so.
    fn init_answered(&self);
    /// The handler wants to be called by the clock.
    fn ticks(&self, every: Duration);
    /// A callback is called.
    fn calls(&self, callback: Callback);
}

impl<H: Handler> Session<H> {
    pub(super) fn new(handler: H, wire: Arc<Wire>, limits: Limits) -> Self {
        let out = H::Output::to(To::wire(wire.clone()));
        Self {
            handler,
            out,
            wire,
            phase: Phase::New,
            wants: EdgeType::Stream,
            batch: None,
            limits,
            messages: 0,
            points: 0,
        }
    }

    pub(super) fn is_ended(&self) -> bool {
        self.phase == Phase::Ended
    }

    /// Handles one frame.
    #[inline]
    pub(super) fn frame(
        &mut self,
        offset: u64,
        frame: &[u8],
        witness: &impl Witness,
    ) -> Result<(), AgentError> {
        self.messages += 1;
        match read_request(frame) {
            Ok(Some(Request::Point(message))) => self.point(offset, &message, witness),
            Ok(Some(request)) => self.request(offset, request, witness),
            Ok(None) => Err(self.violation(offset, "it is of no kind that this version knows")),
            Err(error) => Err(AgentError::Message {
                number: self.messages,
                offset,
                error,
            }),
        }
    }

    #[inline]
    fn point(
        &mut self,
        offset: u64,
        message: &[u8],
        witness: &impl Witness,
    ) -> Result<(), AgentError> {
        if self.phase != Phase::Ready || self.wants != EdgeType::Stream {
            match self.admit(offset, "a point") {
                Ok(true) => self.count_batched(offset, message.len())?,
                Ok(false) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        let point = match Point::decode(message) {
            Ok(point) => point,
            Err(error) => {
                return Err(AgentError::Message {
                    number: self.messages,
                    offset,
                    error,
                });
            }
        };
        self.points += 1;
        witness.calls(Callback::Point);
        match self.handler.point(point, &mut self.out) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.failed_on_point(error, message)),
        }
    }

    /// Counts a point of a batch.
    fn count_batched(&mut self, offset: u64, bytes: usize) -> Result<(), AgentError> {
        if self.wants == EdgeType::Stream {
            return Ok(());
        }
        let Some(batch) = &mut self.batch else {
            return Err(self.violation(
                offset,
                "a point outside of a batch, for a UDF that wants batches",
            ));
        };
        batch.points += 1;
        batch.bytes += bytes;
        let (points, bytes) = (batch.points, batch.bytes);
        if points > self.limits.batch_points {
            let limit = self.limits.batch_points;
            return Err(self.violation(
                offset,
                format!("the batch has more than {limit} points, the limit of one batch"),
            ));
        }
        if bytes > self.limits.batch_bytes {
            let limit = self.limits.batch_bytes;
            return Err(self.violation(
                offset,
                format!("the batch has more than {limit} bytes, the limit of one batch"),
            ));
        }
        Ok(())
    }

    fn request(
        &mut self,
        offset: u64,
        request: Request<'_>,
        witness: &impl Witness,
    ) -> Result<(), AgentError> {
        match request {
            Request::Info => {
                witness.calls(Callback::Info);
                let info = self.handler.info().map_err(failed(Callback::Info))?;
                self.wants = info.wants;
                respond(
                    self.out.target(),
                    Message::Info(info.response(H::Output::EDGE)),
                )
            }
            Request::Init(init) => {
                if self.phase != Phase::New {
                    return Err(self.violation(offset, "a second Init"));
                }
                witness.work_begins();
                witness.calls(Callback::Init);
                let verdict = self.init(init)?;
                let (success, error) = spoken(verdict);
                if success {
                    self.phase = Phase::Accepted;
                } else {
                    self.phase = Phase::Refused;
                    self.wire.refuse();
                }
                if success && let Some(every) = self.handler.tick_every() {
                    witness.ticks(every);
                }
                respond(
                    self.out.target(),
                    Message::Init(InitResponse { success, error }),
                )?;
                self.flush()?;
                if success {
                    witness.init_answered();
                }
                Ok(())
            }
            Request::Keepalive(keepalive) => respond(
                self.out.target(),
                Message::Keepalive(KeepaliveResponse {
                    time: keepalive.time,
                }),
            ),
            Request::Snapshot => {
                let snapshot = if self.is_at_work() {
                    witness.calls(Callback::Snapshot);
                    self.handler
                        .snapshot()
                        .map_err(failed(Callback::Snapshot))?
                } else {
                    Vec::new()
                };
                let snapshot = self.restorable(snapshot);
                respond(
                    self.out.target(),
                    Message::Snapshot(SnapshotResponse { snapshot }),
                )
            }
            Request::Restore(restore) => {
                let verdict = if self.is_at_work() {
                    witness.calls(Callback::Restore);
                    let restored = self.handler.restore(&restore.snapshot);
                    restored.map_err(failed(Callback::Restore))?
                } else {
                    Verdict::Refused("a Restore came before an Init was accepted".to_owned())
                };
                let (success, error) = spoken(verdict);
                respond(
                    self.out.target(),
                    Message::Restore(RestoreResponse { success, error }),
                )?;
                if !success {
                    self.wire.refuse();
                } else if self.is_at_work() {
                    self.flush()?;
                    self.wire.open()?;
                }
                Ok(())
            }
            Request::Begin(begin) => {
                if !self.admit(offset, "a batch")? {
                    return Ok(());
                }
                if self.wants == EdgeType::Stream {
                    return Err(
                        self.violation(offset, "a batch began, for a UDF that wants a stream")
                    );
                }
                if self.batch.is_some() {
                    return Err(self.violation(offset, "a batch began while another was open"));
                }
                self.batch = Some(OpenBatch::default());
                witness.calls(Callback::BeginBatch);
                self.handler
                    .begin_batch(begin, &mut self.out)
                    .map_err(failed(Callback::BeginBatch))
            }
            Request::End(end) => {
                if !self.admit(offset, "the end of a batch")? {
                    return Ok(());
                }
                if self.batch.take().is_none() {
                    return Err(self.violation(offset, "a batch ended that had not begun"));
                }
                witness.calls(Callback::EndBatch);
                let at = format!(
                    " (batch {:?}, group {:?}, tmax {})",
                    end.name, end.group, end.tmax
                );
                let ended = self.handler.end_batch(end, &mut self.out);
                ended.map_err(|error| AgentError::Handler {
                    callback: Callback::EndBatch,
                    at,
                    error,
                })
            }
            // Taken by `frame`.
            Request::Point(message) => self.point(offset, &message, witness),
        }
    }

    fn init(&mut self, init: InitRequest) -> Result<Verdict, AgentError> {
        // A host that does not ask for Info first still has to find what the handler wants.
        self.wants = self.handler.info().map_err(failed(Callback::Info))?.wants;
        let sender = Sender::new(self.wire.clone());
        self.handler
            .init(init, sender)
            .map_err(failed(Callback::Init))
    }

    /// Whether data is to be handled; after a refused `Init` it is dropped.
    fn admit(&mut self, offset: u64, what: &str) -> Result<bool, AgentError> {
        match self.phase {
            Phase::Ready => Ok(true),
            Phase::Accepted => {
                self.phase = Phase::Ready;
                self.flush()?;
                self.wire.open()?;
                Ok(true)
            }
            Phase::Refused | Phase::Ended => Ok(false),
            Phase::New => Err(self.violation(offset, format!("{what} came before Init"))),
        }
    }

    /// Whether the handler was initialized, and nothing has ended.
    fn is_at_work(&self) -> bool {
        matches!(self.phase, Phase::Accepted | Phase::Ready)
    }

    /// A snapshot that is not too large to come back. Kapacitor stores no empty one, and keeps the one
    /// before.
    fn restorable(&self, snapshot: Vec<u8>) -> Vec<u8> {
        let (size, limit) = (snapshot.len(), self.limits.message_bytes);
        if size + MESSAGE_HEAD <= limit {
            return snapshot;
        }
        log::error!(
            "a snapshot of {size} bytes could not be restored, since a message may have {limit} bytes; \
             it is not taken (--message-limit allows more)"
        );
        Vec::new()
    }

    pub(super) fn tick(&mut self, witness: &impl Witness) -> Result<(), AgentError> {
        if !self.is_at_work() {
            return Ok(());
        }
        witness.calls(Callback::Tick);
        self.handler
            .tick(clock::now(), &mut self.out)
            .map_err(failed(Callback::Tick))
    }

    /// The input has ended: the handler's last words, then the output's end.
    pub(super) fn stop(&mut self, witness: &impl Witness) -> Result<(), AgentError> {
        if self.is_at_work() {
            self.flush()?;
            self.wire.open()?;
            witness.calls(Callback::Stop);
            self.handler
                .stop(&mut self.out)
                .map_err(failed(Callback::Stop))?;
        }
        self.phase = Phase::Ended;
        Ok(self.out.target().close(None)?)
    }

    /// Delivers what was sent, then the error.
    pub(super) fn fail(&mut self, error: &AgentError) {
        self.phase = Phase::Ended;
        let last = ErrorResponse {
            error: text::cut(&error.to_string()).into_owned(),
        };
        // Where the output is the trouble, nobody is left to be told.
        let _ = self.out.target().close(Some(Message::Error(last)));
    }

    /// Writes what was gathered.
    pub(super) fn flush(&mut self) -> Result<(), AgentError> {
        Ok(self.out.target().flush()?)
    }

    #[cold]
    fn violation(&self, offset: u64, violation: impl Into<String>) -> AgentError {
        AgentError::Protocol {
            number: self.messages,
            offset,
            violation: violation.into(),
        }
    }

    #[cold]
    fn failed_on_point(&self, error: Error, message: &[u8]) -> AgentError {
        AgentError::Handler {
            callback: Callback::Point,
            at: self.describe(message),
            error,
        }
    }

    /// Adds to a panic which point it was about.
    pub(super) fn locate(&self, mut error: AgentError) -> AgentError {
        if let AgentError::Panic {
            callback: Callback::Point,
            at,
            ..
        } = &mut error
        {
            *at = format!(" (point {})", self.points);
        }
        error
    }

    /// Which point it was, for an error's text.
    fn describe(&self, message: &[u8]) -> String {
        let number = self.points;
        match Point::decode(message) {
            Ok(point) => {
                let (name, group, time) = (point.name(), point.group(), point.time());
                format!(" (point {number}: name {name:?}, group {group:?}, time {time})")
            }
            Err(_) => format!(" (point {number})"),
        }
    }
}

/// Answers a request. Callers name first where the answer goes, and have no message to drop then.
fn respond(to: &mut To, message: Message) -> Result<(), AgentError> {
    Ok(to.respond(message)?)
}

fn failed(callback: Callback) -> impl FnOnce(Error) -> AgentError {
    move |error| AgentError::Handler {
        callback,
        at: String::new(),
        error,
    }
}

fn spoken(verdict: Verdict) -> (bool, String) {
    match verdict {
        Verdict::Accepted => (true, String::new()),
        Verdict::Refused(reason) => (false, text::cut(&reason).into_owned()),
    }
}
