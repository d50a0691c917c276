//! Property tests: no sequence of calls on the public API makes bytes that Kapacitor would not survive.

use std::mem;
use std::panic;
use std::sync::Once;
use std::thread;

use proptest::prelude::*;
use support::host::{Talk, talk};
use support::requests::{Requests, point};
use udf_runtime::proto::{BeginBatch, EdgeType, EndBatch, InitRequest, response::Message};
use udf_runtime::{
    Batch, BatchOutput, Handler, Info, Point, Result, SendError, Sender, StreamOutput, Verdict,
    bail,
};

/// An action of a handler in a callback.
#[derive(Clone, Debug)]
enum Call {
    Point(Change),
    Batch(usize, Change),
    /// Begins a batch, adds points, and then finishes, drops or leaks it.
    Written(usize, Fate),
    /// The same from several threads at once.
    Threads(usize, usize),
    /// Sends to the other edge, which must be refused.
    WrongEdge,
    Fail,
    Panic,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Finished,
    Dropped,
    Leaked,
}

/// A change of a point before it is sent.
#[derive(Clone, Debug)]
struct Change {
    name: String,
    time: i64,
    number: f64,
    key: String,
    text: String,
    calls: u8,
}

impl Change {
    fn make(&self, point: &mut Point) {
        let Self {
            name,
            time,
            number,
            key,
            text,
            calls,
        } = self;
        let acts: [&dyn Fn(&mut Point); 8] = [
            &|it| it.set_name(name),
            &|it| it.set_time(*time),
            &|it| it.set_field(key, *number),
            &|it| it.set_field(key, *time),
            &|it| it.set_field(key, &**text),
            &|it| it.set_tag(key, text),
            &|it| it.set_dimensions([&**key, "", "host"]),
            &|it| {
                it.set_by_name(true);
                it.set_field("", true);
                it.rename_field("value", key);
                it.remove_tag("host");
                it.clear_fields();
                it.set_field(key, *number);
            },
        ];
        for (bit, act) in acts.iter().enumerate() {
            if calls & (1 << bit) != 0 {
                act(point);
            }
        }
    }

    fn batch(&self, like: &Point, points: usize) -> Batch {
        let mut batch = Batch::for_group_of(like);
        for _ in 0..points {
            let mut point = like.clone();
            self.make(&mut point);
            batch.push(point);
        }
        if self.calls & 1 == 0 {
            batch.set_tag(&self.key, &self.text);
            batch.set_tmax(self.time);
            batch.set_by_name(true);
        }
        batch
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("value".to_owned()),
        any::<String>(),
    ]
}

fn any_time() -> impl Strategy<Value = i64> {
    prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(-1), any::<i64>()]
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(-0.0),
        any::<f64>(),
    ]
}

prop_compose! {
    fn any_change()(
        name in any_text(),
        time in any_time(),
        number in any_number(),
        key in any_text(),
        text in any_text(),
        calls in any::<u8>(),
    ) -> Change {
        Change { name, time, number, key, text, calls }
    }
}

fn any_call() -> impl Strategy<Value = Call> {
    let fate = prop_oneof![
        Just(Fate::Finished),
        Just(Fate::Dropped),
        Just(Fate::Leaked)
    ];
    prop_oneof![
        6 => any_change().prop_map(Call::Point),
        6 => (0..4_usize, any_change()).prop_map(|(points, change)| Call::Batch(points, change)),
        4 => (0..4_usize, fate).prop_map(|(points, fate)| Call::Written(points, fate)),
        1 => (1..4_usize, 0..4_usize).prop_map(|(threads, points)| Call::Threads(threads, points)),
        2 => Just(Call::WrongEdge),
        1 => Just(Call::Fail),
        1 => Just(Call::Panic),
    ]
}

/// Makes the given calls, one list for each callback.
struct Scripted<O> {
    wants: EdgeType,
    calls: std::vec::IntoIter<Vec<Call>>,
    sender: Option<Sender>,
    make: fn(&Self, &Call, &Point, &mut O) -> Result<()>,
}

impl<O> Scripted<O> {
    fn run_calls(&mut self, point: &Point, out: &mut O) -> Result<()> {
        for call in self.calls.next().unwrap_or_default() {
            match call {
                Call::Fail => bail!("failed on purpose"),
                Call::Panic => panic!("panicked on purpose"),
                call => (self.make)(self, &call, point, out)?,
            }
        }
        Ok(())
    }

    /// Sends from several threads at once.
    fn in_threads(&self, threads: usize, send: impl Fn(&Sender) -> Result<(), SendError> + Sync) {
        let sender = self.sender.as_ref().expect("init has set it");
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| send(sender).expect("the UDF has not ended"));
            }
        });
    }
}

fn to_stream(
    handler: &Scripted<StreamOutput>,
    call: &Call,
    like: &Point,
    out: &mut StreamOutput,
) -> Result<()> {
    match call {
        Call::Point(change) | Call::Batch(_, change) => {
            let mut point = Point::like(like);
            change.make(&mut point);
            out.point(point)?;
            let mut point = like.clone();
            change.make(&mut point);
            out.point(point)
        }
        Call::Threads(threads, points) => {
            handler.in_threads(*threads, |sender| {
                (0..*points).try_for_each(|_| sender.point(like))
            });
            Ok(())
        }
        _ => {
            let sent = handler
                .sender
                .as_ref()
                .map(|it| it.batch(&Batch::new("no")));
            assert!(
                matches!(sent, Some(Err(SendError::WrongEdge { .. }))),
                "{sent:?}"
            );
            Ok(())
        }
    }
}

fn to_batches(
    handler: &Scripted<BatchOutput>,
    call: &Call,
    like: &Point,
    out: &mut BatchOutput,
) -> Result<()> {
    match call {
        Call::Point(change) => out.batch(change.batch(like, 1)),
        Call::Batch(points, change) => out.batch(change.batch(like, *points)),
        Call::Written(points, fate) => {
            let mut batch = Batch::for_group_of(like);
            batch.extend((0..*points).map(|_| like.clone()));
            match fate {
                Fate::Finished => out.batch(batch)?,
                Fate::Dropped => drop(batch),
                Fate::Leaked => mem::forget(batch),
            }
            Ok(())
        }
        Call::Threads(threads, points) => {
            let mut batch = Batch::for_group_of(like);
            batch.extend((0..*points).map(|_| like.clone()));
            handler.in_threads(*threads, |sender| sender.batch(&batch));
            Ok(())
        }
        _ => {
            let sent = handler.sender.as_ref().map(|it| it.point(like));
            assert!(
                matches!(sent, Some(Err(SendError::WrongEdge { .. }))),
                "{sent:?}"
            );
            Ok(())
        }
    }
}

impl<O: udf_runtime::Output> Handler for Scripted<O> {
    type Output = O;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(self.wants))
    }
    fn init(&mut self, _: InitRequest, sender: Sender) -> Result<Verdict> {
        self.sender = Some(sender);
        Ok(Verdict::Accepted)
    }
    fn snapshot(&mut self) -> Result<Vec<u8>> {
        Ok(vec![1])
    }
    fn restore(&mut self, _: &[u8]) -> Result<Verdict> {
        Ok(Verdict::Refused(String::new()))
    }
    fn begin_batch(&mut self, _: BeginBatch, out: &mut O) -> Result<()> {
        self.run_calls(&Point::new("begin"), out)
    }
    fn point(&mut self, point: Point, out: &mut O) -> Result<()> {
        self.run_calls(&point, out)
    }
    fn end_batch(&mut self, _: EndBatch, out: &mut O) -> Result<()> {
        self.run_calls(&Point::new("end"), out)
    }
    fn stop(&mut self, out: &mut O) -> Result<()> {
        self.run_calls(&Point::new("stop"), out)
    }
}

fn requests(wants: EdgeType, rounds: usize) -> Requests {
    (0..rounds as i64).fold(Requests::new().info().init([]), |it, time| {
        let point = point(time, 1.5);
        let it = match wants {
            EdgeType::Stream => it.point(point),
            EdgeType::Batch => it.begin(time).point(point).end(time),
        };
        it.keepalive(time).snapshot()
    })
}

/// Checks that the UDF failed only if a call requested that. The model has checked the bytes.
fn check(talked: &Talk, calls: &[Vec<Call>]) {
    let failure_requested = calls
        .iter()
        .flatten()
        .any(|call| matches!(call, Call::Fail | Call::Panic));
    let failed = matches!(talked.responses.last(), Some(Message::Error(_)));
    assert_eq!(failed, talked.outcome.is_err());
    // It may have ended before that callback.
    assert!(failure_requested || !failed, "{:?}", talked.outcome);
}

/// Keeps expected panics out of the test's output.
fn silence_expected_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if panic.payload().downcast_ref::<&str>() != Some(&"panicked on purpose") {
                usual(panic);
            }
        }));
    });
}

fn any_calls() -> impl Strategy<Value = Vec<Vec<Call>>> {
    proptest::collection::vec(proptest::collection::vec(any_call(), 0..6), 0..10)
}

fn any_edge() -> impl Strategy<Value = EdgeType> {
    prop_oneof![Just(EdgeType::Stream), Just(EdgeType::Batch)]
}

proptest! {
    #[test]
    fn every_sequence_of_calls_yields_a_valid_stream(wants in any_edge(), calls in any_calls()) {
        silence_expected_panics();
        let handler = Scripted {
            wants,
            calls: calls.clone().into_iter(),
            sender: None,
            make: to_stream,
        };
        let talked = talk(handler, requests(wants, calls.len()));
        check(&talked, &calls);
    }

    #[test]
    fn every_sequence_of_calls_yields_whole_batches(wants in any_edge(), calls in any_calls()) {
        silence_expected_panics();
        let handler = Scripted {
            wants,
            calls: calls.clone().into_iter(),
            sender: None,
            make: to_batches,
        };
        let talked = talk(handler, requests(wants, calls.len()));
        check(&talked, &calls);
    }
}

/// The sends of a sender that outlives its UDF are refused, and so are sends after a failure.
#[test]
fn a_sender_that_outlives_its_udf_cannot_send() {
    for last in [None, Some(Call::Fail), Some(Call::Panic)] {
        silence_expected_panics();
        let (kept, keep) = std::sync::mpsc::channel();
        struct Keeping(Scripted<StreamOutput>, std::sync::mpsc::Sender<Sender>);
        impl Handler for Keeping {
            type Output = StreamOutput;
            fn info(&mut self) -> Result<Info> {
                self.0.info()
            }
            fn init(&mut self, init: InitRequest, sender: Sender) -> Result<Verdict> {
                self.1.send(sender.clone())?;
                self.0.init(init, sender)
            }
            fn snapshot(&mut self) -> Result<Vec<u8>> {
                self.0.snapshot()
            }
            fn restore(&mut self, snapshot: &[u8]) -> Result<Verdict> {
                self.0.restore(snapshot)
            }
            fn begin_batch(&mut self, begin: BeginBatch, out: &mut StreamOutput) -> Result<()> {
                self.0.begin_batch(begin, out)
            }
            fn point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
                self.0.point(point, out)
            }
            fn end_batch(&mut self, end: EndBatch, out: &mut StreamOutput) -> Result<()> {
                self.0.end_batch(end, out)
            }
            fn stop(&mut self, out: &mut StreamOutput) -> Result<()> {
                self.0.stop(out)
            }
        }
        let calls: Vec<Vec<Call>> = vec![last.into_iter().collect()];
        let handler = Scripted {
            wants: EdgeType::Stream,
            calls: calls.into_iter(),
            sender: None,
            make: to_stream,
        };
        talk(Keeping(handler, kept), requests(EdgeType::Stream, 1));
        let sender = keep.recv().unwrap();
        let sent = sender.point(&Point::new("late"));
        assert!(matches!(sent, Err(SendError::Closed)), "{sent:?}");
    }
}
