//! The protocol's state machine: which message is allowed when, and how the handler answers it.
//! It reads no input and starts no threads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use udf_proto::{
    BeginBatch, EdgeType, EndBatch, InitRequest, InitResponse, KeepaliveResponse, RestoreRequest,
    RestoreResponse, SnapshotResponse, response::Message,
};

use super::control::{Control, error_response};
use super::{AgentError, Callback, Handler, Limits, Verdict};
use crate::data::Point;
use crate::error::{Error, Result};
use crate::output::{Destination, Output, ResponseWriter, Sender, sealed::Sealed as _};
use crate::process::{clock, text};
use crate::protocol::{Request, read_point, read_request};

/// Bytes that a message needs beside its snapshot, for keys and lengths.
const MESSAGE_HEAD: usize = 16;
/// How long to wait for a `Restore` after `Init` before the senders' data goes out.
const RESTORE_WAIT: Duration = Duration::from_millis(500);

/// A handler and the state of its conversation with Kapacitor.
pub(crate) struct Session<H: Handler> {
    handler: H,
    out: H::Output,
    writer: Arc<ResponseWriter>,
    control: Arc<Control>,
    phase: Phase,
    wants: EdgeType,
    /// The size so far of the open batch, if any.
    batch: Option<OpenBatch>,
    limits: Limits,
    /// Messages received.
    messages: u64,
    /// Points received.
    points: u64,
    ticks: Option<Ticks>,
    /// When the senders' data goes out if no `Restore` comes.
    opens: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Before `Init`.
    New,
    /// After an accepted `Init`. A `Restore` may follow.
    Accepted,
    /// While data is handled.
    Ready,
    /// After a refused `Init` or `Restore`. Kapacitor abandons the UDF. Data that is still on its way is
    /// dropped.
    Refused,
    /// After the end. Nothing is handled any more.
    Ended,
}

#[derive(Clone, Copy, Debug, Default)]
struct OpenBatch {
    points: usize,
    bytes: usize,
}

/// The schedule of the handler's ticks.
#[derive(Clone, Copy, Debug)]
struct Ticks {
    every: Duration,
    next: Instant,
}

impl<H: Handler> Session<H> {
    pub(super) fn new(handler: H, control: Arc<Control>, limits: Limits) -> Self {
        let writer = control.writer.clone();
        Self {
            handler,
            out: H::Output::to(Destination::kapacitor(writer.clone())),
            writer,
            control,
            phase: Phase::New,
            wants: EdgeType::Stream,
            batch: None,
            limits,
            messages: 0,
            points: 0,
            ticks: None,
            opens: None,
        }
    }

    pub(super) fn handler(&self) -> &H {
        &self.handler
    }

    pub(super) fn handler_mut(&mut self) -> &mut H {
        &mut self.handler
    }

    /// Messages received.
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    // ---- time ----

    /// When [`on_time`](Self::on_time) has something to do.
    pub(super) fn due(&self) -> Option<Instant> {
        let tick = self.ticks.map(|ticks| ticks.next);
        match (tick, self.opens) {
            (Some(tick), Some(opens)) => Some(tick.min(opens)),
            (due, None) | (None, due) => due,
        }
    }

    /// Notes that input has come, so a `Restore` may be on its way.
    #[inline]
    pub(super) fn on_input(&mut self) {
        if self.opens.is_some() {
            self.opens = Some(Instant::now() + RESTORE_WAIT);
        }
    }

    /// Does what is due, between two messages or while one is incomplete.
    pub(super) fn on_time(&mut self, is_amid_message: bool) -> Result<(), AgentError> {
        if self.opens.is_some_and(|opens| opens <= Instant::now()) {
            if is_amid_message {
                self.on_input();
            } else {
                self.open()?;
            }
        }
        self.tick_if_due()
    }

    /// Calls `tick` if it is due. Reads the clock only if there are ticks.
    #[inline]
    pub(super) fn tick_if_due(&mut self) -> Result<(), AgentError> {
        match &mut self.ticks {
            Some(ticks) if ticks.next <= Instant::now() => {
                ticks.next = Instant::now() + ticks.every;
                self.tick(clock::now())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn tick(&mut self, now: i64) -> Result<(), AgentError> {
        // The output of a tick cannot be held.
        if !self.is_at_work() || self.writer.is_holding() {
            return Ok(());
        }
        self.control.calls(Callback::Tick);
        self.handler
            .tick(now, &mut self.out)
            .map_err(failed(Callback::Tick))
    }

    // ---- messages ----

    /// Handles one frame.
    #[inline]
    pub(super) fn frame(&mut self, offset: u64, frame: &[u8]) -> Result<(), AgentError> {
        self.messages += 1;
        if let Some(message) = read_point(frame) {
            return self.point(offset, message);
        }
        match read_request(frame) {
            Ok(Some(request)) => self.request(offset, request),
            Ok(None) => Err(self.violation(offset, "its kind is unknown to this version")),
            Err(error) => Err(self.malformed(offset, &error)),
        }
    }

    #[inline]
    fn point(&mut self, offset: u64, message: &[u8]) -> Result<(), AgentError> {
        if self.phase != Phase::Ready || self.wants != EdgeType::Stream {
            match self.admit(offset, "a point") {
                Ok(true) => self.count_batched(offset, message.len())?,
                Ok(false) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        let point = match Point::decode(message) {
            Ok(point) => point,
            Err(error) => return Err(self.malformed(offset, &error)),
        };
        self.points += 1;
        self.control.calls(Callback::Point);
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

    fn request(&mut self, offset: u64, request: Request<'_>) -> Result<(), AgentError> {
        match request {
            Request::Info => self.info(),
            Request::Init(init) => self.init(offset, init),
            Request::Keepalive(keepalive) => self.respond(Message::Keepalive(KeepaliveResponse {
                time: keepalive.time,
            })),
            Request::Snapshot => self.snapshot(),
            Request::Restore(restore) => self.restore(&restore),
            Request::Begin(begin) => self.begin(offset, begin),
            Request::End(end) => self.end(offset, end),
            // Merged from several in one frame.
            Request::Point(message) => self.point(offset, &message),
        }
    }

    fn info(&mut self) -> Result<(), AgentError> {
        self.control.calls(Callback::Info);
        let info = self.handler.info().map_err(failed(Callback::Info))?;
        self.wants = info.wants;
        self.respond(Message::Info(info.response(H::Output::EDGE)))
    }

    fn init(&mut self, offset: u64, init: InitRequest) -> Result<(), AgentError> {
        if self.phase != Phase::New {
            return Err(self.violation(offset, "a second Init"));
        }
        self.control.work_begins();
        // A host may skip Info, but the handler's edge is needed in any case.
        self.control.calls(Callback::Info);
        self.wants = self.handler.info().map_err(failed(Callback::Info))?.wants;
        self.control.calls(Callback::Init);
        let sender = Sender::new(self.writer.clone());
        let verdict = self.handler.init(init, sender);
        let (success, error) = answer(verdict.map_err(failed(Callback::Init))?);
        if success {
            self.phase = Phase::Accepted;
            let now = Instant::now();
            let ticks = |every| Ticks {
                every,
                next: now + every,
            };
            self.ticks = self.handler.tick_every().map(ticks);
            self.opens = Some(now + RESTORE_WAIT);
        } else {
            self.refuse();
        }
        self.respond(Message::Init(InitResponse { success, error }))?;
        self.flush()
    }

    fn snapshot(&mut self) -> Result<(), AgentError> {
        let snapshot = if self.is_at_work() {
            self.control.calls(Callback::Snapshot);
            let snapshot = self.handler.snapshot();
            snapshot.map_err(failed(Callback::Snapshot))?
        } else {
            Vec::new()
        };
        let (size, limit) = (snapshot.len(), self.limits.message_bytes);
        if size + MESSAGE_HEAD > limit {
            // It could not be restored. An empty snapshot would look like a UDF without state.
            return Err(AgentError::SnapshotTooLarge { size, limit });
        }
        self.respond(Message::Snapshot(SnapshotResponse { snapshot }))?;
        // What a thread sends for the next input must not overtake the answer.
        self.flush()
    }

    fn restore(&mut self, restore: &RestoreRequest) -> Result<(), AgentError> {
        let verdict = if self.is_at_work() {
            self.control.calls(Callback::Restore);
            let restored = self.handler.restore(&restore.snapshot);
            restored.map_err(failed(Callback::Restore))?
        } else {
            Verdict::Refused("a Restore came before an Init was accepted".to_owned())
        };
        let (success, error) = answer(verdict);
        if !success {
            self.refuse();
        }
        self.respond(Message::Restore(RestoreResponse { success, error }))?;
        if success { self.open() } else { Ok(()) }
    }

    fn begin(&mut self, offset: u64, begin: BeginBatch) -> Result<(), AgentError> {
        if !self.admit(offset, "a batch")? {
            return Ok(());
        }
        if self.wants == EdgeType::Stream {
            return Err(self.violation(offset, "a batch began, for a UDF that wants a stream"));
        }
        if self.batch.is_some() {
            return Err(self.violation(offset, "a batch began while another was open"));
        }
        self.batch = Some(OpenBatch::default());
        self.control.calls(Callback::BeginBatch);
        self.handler
            .begin_batch(begin, &mut self.out)
            .map_err(failed(Callback::BeginBatch))
    }

    fn end(&mut self, offset: u64, end: EndBatch) -> Result<(), AgentError> {
        if !self.admit(offset, "the end of a batch")? {
            return Ok(());
        }
        if self.batch.take().is_none() {
            return Err(self.violation(offset, "a batch ended that had not begun"));
        }
        self.control.calls(Callback::EndBatch);
        // Taken now for the text of an error, because the handler consumes the message.
        let (name, group, tmax) = (end.name.clone(), end.group.clone(), end.tmax);
        let ended = self.handler.end_batch(end, &mut self.out);
        ended.map_err(|error| AgentError::Handler {
            callback: Callback::EndBatch,
            at: format!(" (batch {name:?}, group {group:?}, tmax {tmax})"),
            error,
        })
    }

    /// Answers a request.
    fn respond(&mut self, message: Message) -> Result<(), AgentError> {
        Ok(self.out.target().respond(message)?)
    }

    /// Discards everything that the UDF sends from now on.
    fn refuse(&mut self) {
        self.phase = Phase::Refused;
        self.opens = None;
        self.writer.refuse();
    }

    /// Releases the senders' held data, because Kapacitor takes data from now on.
    pub(super) fn open(&mut self) -> Result<(), AgentError> {
        self.opens = None;
        self.flush()?;
        Ok(self.writer.open()?)
    }

    /// Whether to handle data. After a refusal, data is dropped.
    fn admit(&mut self, offset: u64, what: &str) -> Result<bool, AgentError> {
        match self.phase {
            Phase::Ready => Ok(true),
            Phase::Accepted => {
                self.phase = Phase::Ready;
                self.open()?;
                Ok(true)
            }
            Phase::Refused | Phase::Ended => Ok(false),
            Phase::New => Err(self.violation(offset, format!("{what} came before Init"))),
        }
    }

    /// Whether the handler is initialized and the session has not ended.
    fn is_at_work(&self) -> bool {
        matches!(self.phase, Phase::Accepted | Phase::Ready)
    }

    // ---- the end ----

    /// Calls the handler's `stop` and closes the output, after the input has ended.
    pub(super) fn stop(&mut self) -> Result<(), AgentError> {
        if self.is_at_work() {
            self.open()?;
            self.control.calls(Callback::Stop);
            self.handler
                .stop(&mut self.out)
                .map_err(failed(Callback::Stop))?;
        }
        self.close(None)
    }

    /// Delivers the output, then the error.
    pub(super) fn fail(&mut self, error: &AgentError) {
        // If the output itself has failed, the error cannot be delivered.
        let _ = self.close(Some(error_response(error)));
    }

    /// Delivers the output, then the last message, if any.
    pub(super) fn close(&mut self, last: Option<Message>) -> Result<(), AgentError> {
        self.phase = Phase::Ended;
        Ok(self.out.target().close(last)?)
    }

    /// Writes the buffered output.
    pub(super) fn flush(&mut self) -> Result<(), AgentError> {
        Ok(self.out.target().flush()?)
    }

    #[cold]
    fn malformed(&self, offset: u64, error: &impl std::fmt::Display) -> AgentError {
        AgentError::Message {
            number: self.messages,
            offset,
            reason: error.to_string(),
        }
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

    /// Adds the current point to a panic's error.
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

    /// Describes a point for an error's text.
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

fn failed(callback: Callback) -> impl FnOnce(Error) -> AgentError {
    move |error| AgentError::Handler {
        callback,
        at: String::new(),
        error,
    }
}

/// The two fields of an answer: success, and the reason for a refusal.
fn answer(verdict: Verdict) -> (bool, String) {
    match verdict {
        Verdict::Accepted => (true, String::new()),
        Verdict::Refused(reason) => (false, text::cut(&reason).into_owned()),
    }
}
