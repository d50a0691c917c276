//! A callback that is busy is kept alive by heartbeats; one that is stuck is told and given up.

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

/// How often a heartbeat must have come before the busy callback is let go. Kapacitor would have
/// killed it by then, with a timeout of a second, if none had come.
const BEATS: usize = 2;

/// Is busy in one callback until it is released, or for as long as it may be at most.
struct Busy {
    wants: EdgeType,
    busy_in: Callback,
    release: Receiver<()>,
    at_most: Duration,
}

impl Busy {
    fn works(&self, callback: Callback) {
        if self.busy_in == callback {
            // Ends also when the test has.
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

/// What a UDF has to want, to be busy in a callback.
fn wants(busy_in: Callback) -> EdgeType {
    match busy_in {
        Callback::BeginBatch | Callback::EndBatch => EdgeType::Batch,
        _ => EdgeType::Stream,
    }
}

/// Kapacitor, with the UDF in the same process.
struct Host {
    stream: UnixStream,
    running: Running,
    release: Release<()>,
    bytes: Vec<u8>,
}

impl Host {
    /// Starts the UDF, and sends it all that Kapacitor may send.
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

    /// Reads until there are so many heartbeats.
    fn heartbeats(&mut self, count: usize) {
        let deadline = Instant::now() + DEADLINE;
        while self.count() < count {
            assert!(
                Instant::now() < deadline,
                "no heartbeat among all that comes"
            );
            self.more();
        }
    }

    /// Reads what comes next.
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

    /// Ends the input, and reads all that came until the UDF had ended.
    fn finish(mut self) -> (Vec<Message>, Result<(), AgentError>) {
        // Where the UDF has ended already, there is nothing to shut down.
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
                // One that sends without end is looked at again all the same.
                if !ended {
                    break;
                }
            }
            // Once more after the end, for what was written just before it.
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
                    // All of its rounds, where there are several.
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
                    let told = outcome.unwrap_err().to_string();
                    assert!(told.contains("has not returned for 1.5s, the limit of one call"), "{told}");
                    match responses.last() {
                        Some(Message::Error(error)) => assert_eq!(error.error, told),
                        other => panic!("{other:?} is no ErrorResponse"),
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

/// Many short callbacks are not one long one, and a UDF that writes needs no heartbeats.
#[test]
fn a_udf_of_many_short_callbacks_is_neither_stuck_nor_in_need_of_heartbeats() {
    let mut limits = Limits::default();
    limits.callback = Duration::from_millis(1_400);
    // Nobody releases them: they are short whatever the test is kept from.
    let mut short = Host::connect(Callback::Point, Duration::from_millis(10), limits);
    short.send(Requests::new().init([]));
    // The next point is there before the callback of the one before returns.
    short.send(Requests::new().point(point(1, 1.0)).point(point(1, 1.0)));
    let mut long = Host::start(Callback::Point, Limits::default());
    // Longer than the limit that the short ones have.
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
    // A machine that stops for a moment may stop it inside of one of them.
    assert!(heartbeats.count() < BEATS);
}

#[test]
fn a_udf_at_rest_is_neither_stuck_nor_in_need_of_heartbeats() {
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

both_ways! { a_stuck_callback_ends_the_process_or_the_connection a_busy_one_can_be_stopped_by_force }

fn stuck(via: Via, limit: &str) -> Udf {
    let program = env!("CARGO_BIN_EXE_faulty-udfs");
    let mut udf = Udf::start(via, program, &["misbehaving", "--call-limit", limit]);
    let mut stuck = point(1, 1.0);
    stuck.fields_string.insert("act".into(), "stuck".into());
    udf.connection.send(Requests::new().init([]));
    // What the callback that is stuck, and those just before it, have sent is not written yet.
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
            // Nobody waits for the callback any more.
            udf.process.signal(Signal::SIGTERM);
            assert_eq!(udf.process.wait(), Some(0));
        }
    }
}

/// What another thread sends is no sign of the callback's life.
#[test]
fn a_stuck_callback_is_found_though_a_thread_sends_all_the_time() {
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

/// The first signal waits for the callback, the second does not.
fn a_busy_one_can_be_stopped_by_force(via: Via) {
    let mut udf = stuck(via, "1h");
    udf.connection.heartbeat();
    udf.process.signal(Signal::SIGTERM);
    udf.connection.heartbeat();
    assert!(udf.process.is_running());
    udf.process.signal(Signal::SIGTERM);
    assert_eq!(udf.process.wait(), Some(1));
    // It was the signal, and not the time that a stop may take.
    assert!(!udf.process.log().contains("still running"));
}
