//! Heartbeats keep a UDF alive while a callback is busy. A stuck callback ends its agent with an error.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender as Release, channel};
use std::thread;
use std::time::{Duration, Instant};

use fault_tests::{DEADLINE, Signal, Udf, Via, both_ways, until};
use support::model;
use support::requests::{Requests, point};
use udf_runtime::proto::{
    BeginBatch, EdgeType, EndBatch, InitRequest, Response, prost::Message as _, response::Message,
};
use udf_runtime::{
    Agent, AgentError, Batch, BatchOutput, Callback, Handler, Info, Limits, Point, Result, Running,
    Sender, Verdict,
};

/// Heartbeats to wait for before the busy callback is released. Without heartbeats, Kapacitor would have
/// killed the UDF by then, with a timeout of a second.
const BEATS: usize = 2;

/// Is busy in one callback until it is released, or until its time is over.
struct Busy {
    wants: EdgeType,
    busy_in: Callback,
    release: Receiver<()>,
    at_most: Duration,
}

impl Busy {
    fn works(&self, callback: Callback) {
        if self.busy_in == callback {
            // Also returns when the test has ended.
            let _ = self.release.recv_timeout(self.at_most);
        }
    }
}

impl Handler for Busy {
    type Output = BatchOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(self.wants))
    }
    fn init(&mut self, _: InitRequest, _: Sender) -> Result<Verdict> {
        self.works(Callback::Init);
        Ok(Verdict::Accepted)
    }
    fn snapshot(&mut self) -> Result<Vec<u8>> {
        self.works(Callback::Snapshot);
        Ok(vec![1])
    }
    fn restore(&mut self, _: &[u8]) -> Result<Verdict> {
        self.works(Callback::Restore);
        Ok(Verdict::Accepted)
    }
    fn begin_batch(&mut self, _: BeginBatch, _: &mut BatchOutput) -> Result<()> {
        self.works(Callback::BeginBatch);
        Ok(())
    }
    fn point(&mut self, point: Point, out: &mut BatchOutput) -> Result<()> {
        self.works(Callback::Point);
        let mut batch = Batch::for_group_of(&point);
        batch.push(point);
        out.batch(batch)
    }
    fn end_batch(&mut self, _: EndBatch, _: &mut BatchOutput) -> Result<()> {
        self.works(Callback::EndBatch);
        Ok(())
    }
    fn stop(&mut self, _: &mut BatchOutput) -> Result<()> {
        self.works(Callback::Stop);
        Ok(())
    }
    fn tick_every(&self) -> Option<Duration> {
        (self.busy_in == Callback::Tick).then_some(Duration::from_millis(1))
    }
    fn tick(&mut self, _: i64, _: &mut BatchOutput) -> Result<()> {
        self.works(Callback::Tick);
        Ok(())
    }
}

/// The edge that a UDF must want, to be busy in a callback.
fn wants(busy_in: Callback) -> EdgeType {
    match busy_in {
        Callback::BeginBatch | Callback::EndBatch => EdgeType::Batch,
        _ => EdgeType::Stream,
    }
}

/// Kapacitor's side, with the UDF in the same process.
struct Host {
    stream: UnixStream,
    running: Running,
    release: Release<()>,
    bytes: Vec<u8>,
}

impl Host {
    /// Starts the UDF and sends it every kind of request.
    fn start(busy_in: Callback, limits: Limits) -> Self {
        let mut host = Self::connect(busy_in, DEADLINE, limits);
        let requests = Requests::new().init([]).restore(&[1]);
        let requests = match wants(busy_in) {
            EdgeType::Batch => requests.begin(1).point(point(1, 1.0)).end(1),
            EdgeType::Stream => requests.point(point(1, 1.0)),
        };
        host.send(requests.snapshot());
        if busy_in != Callback::Tick {
            host.stream.shutdown(Shutdown::Write).unwrap();
        }
        host
    }

    fn connect(busy_in: Callback, at_most: Duration, limits: Limits) -> Self {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (release, released) = channel();
        let handler = Busy {
            wants: wants(busy_in),
            busy_in,
            release: released,
            at_most,
        };
        let running = Agent::new(theirs.try_clone().unwrap(), theirs)
            .limits(limits)
            .start(handler)
            .unwrap();
        ours.set_read_timeout(Some(DEADLINE)).unwrap();
        ours.set_write_timeout(Some(DEADLINE)).unwrap();
        Self {
            stream: ours,
            running,
            release,
            bytes: Vec::new(),
        }
    }

    fn send(&mut self, requests: Requests) {
        self.stream.write_all(&requests.bytes()).unwrap();
    }

    /// Reads until `count` heartbeats have come.
    fn heartbeats(&mut self, count: usize) {
        let deadline = Instant::now() + DEADLINE;
        while self.count() < count {
            assert!(
                Instant::now() < deadline,
                "no heartbeat among the responses"
            );
            self.more();
        }
    }

    /// Reads more responses.
    fn more(&mut self) {
        let mut piece = [0; 1024];
        let read = self.stream.read(&mut piece).expect("something comes");
        assert!(read > 0, "the UDF ended after {} heartbeats", self.count());
        self.bytes.extend_from_slice(&piece[..read]);
    }

    fn count(&self) -> usize {
        let mut bytes = &self.bytes[..];
        let mut count = 0;
        while let Ok(response) = Response::decode_length_delimited(&mut bytes) {
            count += usize::from(matches!(response.message, Some(Message::Keepalive(_))));
            if bytes.is_empty() {
                break;
            }
        }
        count
    }

    /// Ends the input and reads everything until the UDF has ended.
    fn finish(mut self) -> (Vec<Message>, Result<(), AgentError>) {
        // Fails if the UDF has already ended.
        let _ = self.stream.shutdown(Shutdown::Write);
        let running = self.running;
        let waiting = thread::spawn(move || running.wait());
        let mut piece = [0; 1024];
        self.stream
            .set_read_timeout(Some(Duration::from_millis(10)))
            .unwrap();
        let mut done = false;
        until("the UDF to end", || {
            let ended = waiting.is_finished();
            while let Ok(read @ 1..) = self.stream.read(&mut piece) {
                self.bytes.extend_from_slice(&piece[..read]);
                // Checks the time again even if the UDF keeps sending.
                if !ended {
                    break;
                }
            }
            // Reads once more after the end, for output that was written just before it.
            std::mem::replace(&mut done, ended).then_some(())
        });
        (model::read(&self.bytes).unwrap(), waiting.join().unwrap())
    }
}

macro_rules! each_callback {
    ($($test:ident: $callback:ident,)*) => {
        mod busy {
            use super::*;
            $(
                #[test]
                fn $test() {
                    let mut host = Host::start(Callback::$callback, Limits::default());
                    host.heartbeats(BEATS);
                    // All rounds, if there are several.
                    drop(std::mem::replace(&mut host.release, channel().0));
                    let (responses, outcome) = host.finish();
                    outcome.unwrap();
                    assert!(!responses.iter().any(|it| matches!(it, Message::Error(_))));
                }
            )*
        }

        mod stuck {
            use super::*;
            $(
                #[test]
                fn $test() {
                    let mut limits = Limits::default();
                    limits.callback = Duration::from_millis(1_500);
                    let mut host = Host::start(Callback::$callback, limits);
                    host.heartbeats(1);
                    let release = host.release.clone();
                    let (responses, outcome) = host.finish();
                    let error_text = outcome.unwrap_err().to_string();
                    assert!(error_text.contains("has not returned for 1.5s, the limit of one call"), "{error_text}");
                    match responses.last() {
                        Some(Message::Error(error)) => assert_eq!(error.error, error_text),
                        other => panic!("expected an ErrorResponse, found {other:?}"),
                    }
                    drop(release);
                }
            )*
        }
    };
}

each_callback! {
    init: Init,
    restore: Restore,
    point: Point,
    snapshot: Snapshot,
    begin_batch: BeginBatch,
    end_batch: EndBatch,
    tick: Tick,
    stop: Stop,
}

/// Many short callbacks do not count as one long one, and a UDF that writes needs no heartbeats.
#[test]
fn many_short_callbacks_cause_neither_heartbeats_nor_a_stuck_error() {
    let mut limits = Limits::default();
    limits.callback = Duration::from_millis(1_400);
    // Not released by the test, so that they are short even if the test is delayed.
    let mut short = Host::connect(Callback::Point, Duration::from_millis(10), limits);
    short.send(Requests::new().init([]));
    // The next point arrives before the previous callback returns.
    short.send(Requests::new().point(point(1, 1.0)).point(point(1, 1.0)));
    let mut long = Host::start(Callback::Point, Limits::default());
    // Longer in total than the limit of one call.
    let beaten = thread::spawn(move || long.heartbeats(BEATS + 2));
    while !beaten.is_finished() {
        short.send(Requests::new().point(point(1, 1.0)));
        short.more();
    }
    beaten.join().unwrap();
    drop(std::mem::replace(&mut short.release, channel().0));
    let (responses, outcome) = short.finish();
    outcome.unwrap();
    let heartbeats = responses
        .iter()
        .filter(|it| matches!(it, Message::Keepalive(_)));
    // If the machine stalls for a moment, one callback may take long.
    assert!(heartbeats.count() < BEATS);
}

#[test]
fn an_idle_udf_causes_neither_heartbeats_nor_a_stuck_error() {
    let mut limits = Limits::default();
    limits.callback = Duration::from_millis(1);
    let mut at_rest = Host::connect(Callback::Info, DEADLINE, limits);
    at_rest.send(Requests::new().init([]));
    let mut busy = Host::start(Callback::Point, Limits::default());
    busy.heartbeats(BEATS);
    at_rest.send(Requests::new().point(point(1, 1.0)));
    let (responses, outcome) = at_rest.finish();
    outcome.unwrap();
    assert!(
        matches!(
            &responses[..],
            [
                Message::Init(_),
                Message::Begin(_),
                Message::Point(_),
                Message::End(_)
            ]
        ),
        "{responses:?}"
    );
}

both_ways! { a_stuck_callback_ends_the_process_or_the_connection a_second_signal_stops_a_busy_callback }

fn stuck(via: Via, limit: &str) -> Udf {
    let program = env!("CARGO_BIN_EXE_faulty-udfs");
    let mut udf = Udf::start(via, program, &["misbehaving", "--call-limit", limit]);
    let mut stuck = point(1, 1.0);
    stuck.fields_string.insert("act".into(), "stuck".into());
    udf.connection.send(Requests::new().init([]));
    // The output of the stuck callback and of those just before it is not written yet.
    assert!(matches!(udf.connection.receive(), Some(Message::Init(_))));
    udf.connection.send(Requests::new().point(stuck));
    udf
}

fn a_stuck_callback_ends_the_process_or_the_connection(via: Via) {
    let mut udf = stuck(via, "1s");
    let answer = udf.connection.answer();
    let error = "error: point has not returned for 1s, the limit of one call";
    answer.expect("stuck", &["init accepted", error]);
    assert!(answer.heartbeats() > 0);
    udf.process.logs("point has not returned for 1s");
    match &udf.server {
        None => assert_eq!(udf.process.wait(), Some(1)),
        Some(server) => {
            server.is_alive();
            // The server does not wait for the stuck callback.
            udf.process.signal(Signal::SIGTERM);
            assert_eq!(udf.process.wait(), Some(0));
        }
    }
}

/// Output of another thread does not show that the callback is alive.
#[test]
fn a_stuck_callback_is_found_while_a_thread_keeps_sending() {
    let program = env!("CARGO_BIN_EXE_faulty-udfs");
    let mut udf = Udf::start(Via::Pipes, program, &["misbehaving", "--call-limit", "1s"]);
    let mut requests = Requests::new().init([]);
    for act in ["later", "stuck"] {
        let mut acting = point(1, 1.0);
        acting.fields_string.insert("act".into(), act.into());
        requests = requests.point(acting);
    }
    udf.connection.send(requests);
    let answer = udf.connection.answer();
    assert!(answer.error().contains("point has not returned for "));
    assert_eq!(udf.process.wait(), Some(1));
}

/// The first signal waits for the callback. The second does not.
fn a_second_signal_stops_a_busy_callback(via: Via) {
    let mut udf = stuck(via, "1h");
    udf.connection.heartbeat();
    udf.process.signal(Signal::SIGTERM);
    udf.connection.heartbeat();
    assert!(udf.process.is_running());
    udf.process.signal(Signal::SIGTERM);
    assert_eq!(udf.process.wait(), Some(1));
    // The signal ended it, not the time limit of a stop.
    assert!(!udf.process.log().contains("still running"));
}
