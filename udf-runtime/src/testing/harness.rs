//! [`Harness`]: a UDF at work in a test.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

use udf_proto::{
    EdgeType, InfoRequest, InitRequest, RestoreRequest, SnapshotRequest, request, response::Message,
};

use super::clock::Clock;
use super::frames;
use super::host::Host;
use super::script::{Part, Step};
use super::subject::Handwritten;
use super::{Failure, FailureKind, Log, Script, Sent, Setup, Subject, log};
use crate::agent::{AgentError, Driven, Handler};
use crate::data::{Batch, Point};
use crate::pipe::{GroupBy, TextReader};
use crate::process::clock;
use crate::udf::{Udf, UdfHandler};

/// How long the output of threads is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A UDF at work, with the test in the place of Kapacitor.
///
/// Input goes through the codec and the session of the agent, as in production, but in the test's own thread: when a
/// call returns, the UDF has handled all of it, and what its callbacks have sent is in the [`Sent`] that comes back.
/// See [the module](super) for examples.
pub struct Harness<U: Subject> {
    setup: Setup<U>,
    agent: Driven<U::Handler>,
    host: Host,
    reader: TextReader,
    wants: EdgeType,
    clock: Clock,
    /// The error that has ended the UDF, or that it was stopped.
    ended: Option<String>,
}

impl<U: Udf> Harness<U> {
    /// Starts a UDF with options as TICKscript writes them: `.field('usage').size(10)`.
    ///
    /// [`setup`](Self::setup) has all other settings.
    ///
    /// # Errors
    /// The UDF refuses its options, or they are not TICKscript.
    pub fn new(options: &str) -> Result<Self, Failure> {
        Self::setup().options(options).start()
    }

    /// The settings of a UDF that is to be started.
    pub fn setup() -> Setup<U> {
        Setup::new(UdfHandler::new)
    }

    /// The UDF itself.
    ///
    /// # Panics
    /// A snapshot was refused, so that there is none.
    #[must_use]
    #[track_caller]
    pub fn udf(&self) -> &U {
        self.agent.handler().made().expect(THERE_IS_ONE)
    }

    /// The UDF itself, to be changed.
    ///
    /// # Panics
    /// A snapshot was refused, so that there is none.
    #[track_caller]
    pub fn udf_mut(&mut self) -> &mut U {
        self.agent.handler_mut().made_mut().expect(THERE_IS_ONE)
    }
}

/// The harness of a [`Handler`] that is written by hand.
///
/// It has all methods of [`Harness`] that do not need the options of a struct.
///
/// ```
/// use udf_runtime::proto::{EdgeType, InitRequest};
/// use udf_runtime::testing::HandlerHarness;
/// use udf_runtime::{Handler, Info, Point, Result, Sender, StreamOutput, Verdict};
///
/// /// Sends every other point.
/// struct EveryOther {
///     sends: bool,
/// }
///
/// impl Handler for EveryOther {
///     type Output = StreamOutput;
///
///     fn info(&mut self) -> Result<Info> {
///         Ok(Info::new(EdgeType::Stream))
///     }
///
///     fn init(&mut self, _: InitRequest, _: Sender) -> Result<Verdict> {
///         Ok(Verdict::Accepted)
///     }
///
///     fn point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
///         self.sends = !self.sends;
///         if self.sends { out.point(point) } else { Ok(()) }
///     }
/// }
///
/// let mut handler = HandlerHarness::of(|| EveryOther { sends: false }).start()?;
/// assert_eq!(handler.lines("m v=1 1\nm v=2 2\nm v=3 3")?, "m v=1 1\nm v=3 3\n");
/// assert!(handler.handler().sends);
/// # Ok::<(), udf_runtime::testing::Failure>(())
/// ```
pub type HandlerHarness<H> = Harness<Handwritten<H>>;

impl<H: Handler> HandlerHarness<H> {
    /// The settings of a handler that is to be started. It is made again for each restore.
    pub fn of(make: impl Fn() -> H + Send + Sync + 'static) -> Setup<Handwritten<H>> {
        Setup::new(make)
    }

    /// The handler itself.
    #[must_use]
    pub fn handler(&self) -> &H {
        self.agent.handler()
    }

    /// The handler itself, to be changed.
    pub fn handler_mut(&mut self) -> &mut H {
        self.agent.handler_mut()
    }
}

impl<U: Subject> Harness<U> {
    /// Starts a UDF, perhaps with a snapshot, and with the clock of another.
    pub(super) fn start(setup: Setup<U>, from: Option<(&[u8], Clock)>) -> Result<Self, Failure> {
        if let Some(mistake) = &setup.mistake {
            return Err(Failure::of_test(mistake.clone()));
        }
        if setup.log.is_some() && !log::install() {
            return Err(Failure::of_test(ANOTHER_LOGGER));
        }
        let host = Host::default();
        let failed = host.clone();
        let agent = Driven::new(
            (setup.make)(),
            host.clone(),
            setup.limits.clone(),
            move |error| failed.sender_failed(error),
        );
        let clock = from.map_or_else(|| Clock::of(&setup), |(_, clock)| clock);
        let mut udf = Self {
            reader: setup.reader()?,
            setup,
            agent,
            host,
            // The answer to the first request says it.
            wants: EdgeType::Stream,
            clock,
            ended: None,
        };
        if let Some(Message::Info(info)) = udf.ask(request::Message::Info(InfoRequest {}))? {
            udf.wants = info.wants();
        }
        udf.init()?;
        match from {
            // Kapacitor does not keep an empty one.
            Some((snapshot, _)) if !snapshot.is_empty() => udf.send_snapshot(snapshot)?,
            _ => udf.drive(Driven::open)?,
        }
        udf.clock.start_ticks(udf.agent.handler().tick_every());
        udf.host.keep_early();
        Ok(udf)
    }

    fn init(&mut self) -> Result<(), Failure> {
        let Setup {
            options,
            task_id,
            node_id,
            ..
        } = &self.setup;
        let init = InitRequest {
            options: options.clone(),
            task_id: task_id.clone(),
            node_id: node_id.clone(),
        };
        match self.ask(request::Message::Init(init))? {
            Some(Message::Init(answer)) if !answer.success => {
                let refused = self.refused(answer.error);
                Err(refused.with_problems(U::problems(&self.setup.options)))
            }
            _ => Ok(()),
        }
    }

    fn send_snapshot(&mut self, snapshot: &[u8]) -> Result<(), Failure> {
        let snapshot = snapshot.to_vec();
        match self.ask(request::Message::Restore(RestoreRequest { snapshot }))? {
            Some(Message::Restore(answer)) if !answer.success => Err(self.refused(answer.error)),
            _ => Ok(()),
        }
    }

    fn refused(&mut self, error: String) -> Failure {
        self.ended = Some(error.clone());
        Failure::new(FailureKind::Refused, error)
    }

    // ---- input ----

    /// Sends line protocol. A line without a time gets that of the [clock](Self::now).
    ///
    /// For a UDF that wants batches, the lines are one batch for each group and name, or for each such
    /// [period](Setup::period), and all of them end with the text.
    ///
    /// # Errors
    /// The UDF fails or has ended, or a line is bad; then nothing was sent.
    pub fn lines(&mut self, text: impl AsRef<str>) -> Result<Sent, Failure> {
        let steps = self.steps_of(text.as_ref())?;
        self.run_steps(steps)
    }

    /// Sends the line protocol of a file.
    ///
    /// # Errors
    /// Those of [`lines`](Self::lines), or the file cannot be read.
    pub fn file(&mut self, path: impl AsRef<Path>) -> Result<Sent, Failure> {
        let path = path.as_ref();
        let in_file =
            |error: &dyn fmt::Display| Failure::of_test(format!("{}: {error}", path.display()));
        let text = fs::read_to_string(path).map_err(|error| in_file(&error))?;
        let steps = self
            .steps_of(&text)
            .map_err(|failure| match failure.kind() {
                FailureKind::Test => in_file(&failure),
                _ => failure,
            })?;
        self.run_steps(steps)
    }

    /// Sends a point.
    ///
    /// # Errors
    /// The UDF fails, has ended or wants batches.
    pub fn point(&mut self, point: Point) -> Result<Sent, Failure> {
        self.run_steps([Step::Point(point)])
    }

    /// Sends points.
    ///
    /// # Errors
    /// The UDF fails, has ended or wants batches.
    pub fn points(&mut self, points: impl IntoIterator<Item = Point>) -> Result<Sent, Failure> {
        self.run_steps(points.into_iter().map(Step::Point))
    }

    /// Sends a batch.
    ///
    /// # Errors
    /// The UDF fails, has ended or wants a stream.
    pub fn batch(&mut self, batch: Batch) -> Result<Sent, Failure> {
        self.run_steps([Step::Batch(batch)])
    }

    /// Sends batches.
    ///
    /// # Errors
    /// The UDF fails, has ended or wants a stream.
    pub fn batches(&mut self, batches: impl IntoIterator<Item = Batch>) -> Result<Sent, Failure> {
        self.run_steps(batches.into_iter().map(Step::Batch))
    }

    /// Runs a script.
    ///
    /// # Errors
    /// Those of its parts.
    pub fn run(&mut self, script: impl Into<Script>) -> Result<Sent, Failure> {
        let steps = self.steps(script.into())?;
        self.run_steps(steps)
    }

    /// Ends the input: `on_stop` is called.
    ///
    /// # Errors
    /// The UDF fails or has ended.
    pub fn stop(&mut self) -> Result<Sent, Failure> {
        self.check_senders()?;
        self.drive(Driven::stop)?;
        self.ended = Some("it was stopped".to_owned());
        Ok(self.take_sent())
    }

    // ---- time ----

    /// The time of the clock, in nanoseconds since the epoch, UTC.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.clock.now
    }

    /// Moves the clock on, and calls each tick that is due on the way with its own time.
    ///
    /// # Errors
    /// The UDF fails or has ended.
    pub fn advance(&mut self, time: Duration) -> Result<Sent, Failure> {
        self.run_steps([Step::Advance(time)])
    }

    // ---- state ----

    /// Asks for a snapshot, as Kapacitor does now and then. Without any state it is empty.
    ///
    /// # Errors
    /// The UDF fails or has ended.
    pub fn snapshot(&mut self) -> Result<Vec<u8>, Failure> {
        self.check_senders()?;
        match self.ask(request::Message::Snapshot(SnapshotRequest {}))? {
            Some(Message::Snapshot(answer)) => Ok(answer.snapshot),
            _ => Ok(Vec::new()),
        }
    }

    /// Starts the UDF again with a snapshot, as Kapacitor does: from the same options, and with nothing of before but
    /// the time. `on_stop` is not called, as when the process was killed.
    ///
    /// An empty snapshot is not restored, because Kapacitor does not keep one.
    ///
    /// # Errors
    /// The UDF refuses the snapshot.
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), Failure> {
        let clock = self.clock.without_ticks();
        match Self::start(self.setup.clone(), Some((snapshot, clock))) {
            Ok(restored) => {
                *self = restored;
                Ok(())
            }
            Err(failure) => {
                self.ended = Some(failure.text().to_owned());
                Err(failure)
            }
        }
    }

    /// Starts the UDF again with a snapshot that is taken now.
    ///
    /// # Errors
    /// The UDF fails, or refuses its own snapshot.
    pub fn restart(&mut self) -> Result<(), Failure> {
        let snapshot = self.snapshot()?;
        self.restore(&snapshot)
    }

    // ---- threads of the UDF ----

    /// Waits until threads of the UDF have sent at least so many points or batches by a
    /// [`Sender`](crate::Sender), and takes all that they have sent. What a sender sends in `on_init` is among it.
    ///
    /// # Errors
    /// The UDF has failed, or the wait has taken 30 s.
    pub fn wait_for_output(&mut self, count: usize) -> Result<Sent, Failure> {
        let data = self.host.wait_for_threads(count, PATIENCE);
        let found = data.points.len() + data.batches.len();
        let sent = Sent::new(data, self.setup.precision);
        if found >= count {
            return Ok(sent);
        }
        match self.check_senders() {
            Err(failure) => Err(failure.with_sent(sent)),
            Ok(()) => {
                let text = format!(
                    "expected threads to send {count} points or batches in {PATIENCE:?}, found {found}"
                );
                Err(Failure::of_test(text).with_sent(sent))
            }
        }
    }

    /// Waits until a thread of the UDF calls [`Sender::fail`](crate::Sender::fail), and returns the failure, after
    /// which the UDF has ended. Its text is what the task shows.
    ///
    /// A thread's failure never shows in `start` or in the call with the last input, only in a later call.
    ///
    /// The failure is of the kind [`FailureKind::Test`] if the UDF has ended before, or no thread fails within 30 s.
    pub fn wait_for_failure(&mut self) -> Failure {
        if let Some(ended) = &self.ended {
            return has_ended(ended);
        }
        match self.host.wait_for_sender_failure(PATIENCE) {
            Some(error) => self.failed(&error),
            None => Failure::of_test(format!("expected a thread to fail in {PATIENCE:?}")),
        }
    }

    // ---- log ----

    /// Takes what the UDF's callbacks, and the SDK in their place, have logged since the last call.
    ///
    /// # Panics
    /// [`Setup::capture_log`] was not called.
    #[track_caller]
    pub fn log(&mut self) -> Log {
        self.setup.log.as_ref().expect(NO_CAPTURE).take()
    }

    // ---- faults ----

    /// The host goes away: nothing can be sent any more.
    pub fn disconnect(&mut self) {
        self.disconnect_after(0);
    }

    /// The host goes away after so many more points or batches.
    pub fn disconnect_after(&mut self, count: usize) {
        self.host.leave_after(count);
    }

    // ---- within ----

    pub(super) fn clock(&self) -> Clock {
        self.clock
    }

    /// The steps of a script.
    pub(super) fn steps(&mut self, script: Script) -> Result<Vec<Step>, Failure> {
        let mut steps = Vec::new();
        for part in script.parts {
            match part {
                Part::Lines(text) => steps.extend(self.steps_of(&text)?),
                Part::Step(step) => steps.push(step),
            }
        }
        Ok(steps)
    }

    fn steps_of(&mut self, text: &str) -> Result<Vec<Step>, Failure> {
        let bad = |error| Failure::of_test(format!("the input is not line protocol: {error}"));
        let now = self.clock.now;
        Ok(match self.wants {
            EdgeType::Stream => {
                let points = self.reader.points(text, now).map_err(bad)?;
                points.into_iter().map(Step::Point).collect()
            }
            EdgeType::Batch => {
                let batches = self.reader.batches(text, now).map_err(bad)?;
                batches.into_iter().map(Step::Batch).collect()
            }
        })
    }

    fn run_steps(&mut self, steps: impl IntoIterator<Item = Step>) -> Result<Sent, Failure> {
        for step in steps {
            self.check_senders()?;
            self.step(step)?;
        }
        // Whether another thread has failed by now is chance, so that only a later call shows it.
        if self.host.has_failed_in_callback() {
            self.check_senders()?;
        }
        Ok(self.take_sent())
    }

    fn step(&mut self, step: Step) -> Result<(), Failure> {
        match step {
            Step::Point(point) => {
                self.expect(EdgeType::Stream)?;
                self.clock.follow(point.time());
                let point = self.grouped(point);
                self.receive(&frames::of_point(&point))
            }
            Step::Batch(batch) => {
                self.expect(EdgeType::Batch)?;
                self.clock.follow(batch.tmax());
                self.receive(&frames::of_batch(&batch))
            }
            Step::Advance(time) => self.advance_clock(time),
        }
    }

    /// Runs one step, and takes what it sends.
    pub(super) fn sent_at(&mut self, step: Step) -> Result<Sent, Failure> {
        self.run_steps([step])
    }

    fn expect(&self, given: EdgeType) -> Result<(), Failure> {
        let is_wanted = self.wants == given;
        is_wanted.then_some(()).ok_or_else(|| {
            Failure::of_test(match given {
                EdgeType::Stream => {
                    "a point was given to a UDF that wants batches; help: give a batch, or lines"
                }
                EdgeType::Batch => {
                    "a batch was given to a UDF that wants a stream; help: give points, or lines"
                }
            })
        })
    }

    /// A point without dimensions, in the group that the setup says.
    fn grouped(&self, mut point: Point) -> Point {
        let Setup {
            group_by, by_name, ..
        } = &self.setup;
        if point.dimensions().next().is_some() || !point.group().is_empty() {
            return point;
        }
        let mut dimensions: Vec<String> = match group_by {
            GroupBy::Tags(tags) => tags.clone(),
            GroupBy::AllTags => point.tags().map(|(tag, _)| tag.to_owned()).collect(),
            GroupBy::Nothing => Vec::new(),
        };
        if dimensions.is_empty() && !by_name {
            return point;
        }
        dimensions.sort_unstable();
        dimensions.dedup();
        // A batch spells its group by itself.
        let mut group = Batch::new(point.name());
        group.set_by_name(*by_name);
        for tag in &dimensions {
            group.set_tag(tag, point.tag(tag).unwrap_or_default());
        }
        point.set_by_name(*by_name);
        point.set_dimensions(dimensions.iter().map(String::as_str));
        point.set_group(group.group());
        point
    }

    fn advance_clock(&mut self, time: Duration) -> Result<(), Failure> {
        let time = i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
        let end = self.clock.now.saturating_add(time);
        while let Some(tick) = self.clock.next_tick(end) {
            self.drive(|agent| agent.tick(tick))?;
        }
        self.clock.now = end;
        Ok(())
    }

    /// Sends a request, and takes the answer.
    fn ask(&mut self, message: request::Message) -> Result<Option<Message>, Failure> {
        self.receive(&frames::of_request(message))?;
        Ok(self.host.take_answer())
    }

    fn receive(&mut self, frames: &[u8]) -> Result<(), Failure> {
        self.drive(|agent| agent.receive(frames))
    }

    /// Lets the agent act at the time of the clock.
    fn drive(
        &mut self,
        act: impl FnOnce(&mut Driven<U::Handler>) -> Result<(), AgentError>,
    ) -> Result<(), Failure> {
        if let Some(ended) = &self.ended {
            return Err(has_ended(ended));
        }
        self.host.driven_here();
        let agent = &mut self.agent;
        let act = || clock::at(self.clock.now, || act(agent));
        let acted = match &self.setup.log {
            Some(capture) => capture.during(act),
            None => act(),
        };
        acted.map_err(|error| self.failed(&error))
    }

    /// Ends the UDF where a thread of it has failed.
    fn check_senders(&mut self) -> Result<(), Failure> {
        match self.host.take_sender_failure() {
            Some(error) => Err(self.failed(&error)),
            None => Ok(()),
        }
    }

    fn failed(&mut self, error: &AgentError) -> Failure {
        self.agent.fail(error);
        let (kind, text) = match self.host.take_answer() {
            Some(Message::Error(last)) => (FailureKind::Ended, last.error),
            _ => (FailureKind::HostGone, error.to_string()),
        };
        self.ended = Some(text.clone());
        Failure::new(kind, text).with_sent(self.take_sent())
    }

    fn take_sent(&mut self) -> Sent {
        Sent::new(self.host.take_by_callbacks(), self.setup.precision)
    }
}

fn has_ended(ended: &str) -> Failure {
    Failure::of_test(format!("the UDF has ended: {ended}"))
}

const ANOTHER_LOGGER: &str =
    "the log cannot be captured, because the test program has installed a logger";
const NO_CAPTURE: &str = "the log was not captured; help: call `capture_log` on the setup";
const THERE_IS_ONE: &str = "a UDF is there until it refuses a snapshot";

impl<U: Subject> fmt::Debug for Harness<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Harness")
            .field("setup", &self.setup)
            .field("now", &self.clock.now)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
