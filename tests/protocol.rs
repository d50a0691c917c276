//! The agent's side of the protocol, with a handler written by hand.

#![allow(clippy::panic, reason = "the test is about panics")]

use std::io::{self, Cursor, Read};
use std::sync::mpsc;

use support::host::{Talk, ended, talk, talk_within};
use support::requests::{Requests, option, point, string};
use support::wait::{DEADLINE, aside};
use udf_runtime::proto::{
    BeginBatch, EdgeType, EndBatch, InitRequest, ValueType, response::Message,
};
use udf_runtime::{
    Agent, AgentError, Batch, BatchOutput, Handler, Info, Limits, Point, Result, Sender,
    StreamOutput, Verdict, bail,
};

/// Sends points back. Some values make it fail or panic.
#[derive(Default)]
struct Mirror {
    init: Option<InitRequest>,
    points: u64,
}

impl Handler for Mirror {
    type Output = StreamOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(EdgeType::Stream).option("field", &[ValueType::String, ValueType::Int]))
    }

    fn init(&mut self, init: InitRequest, _: Sender) -> Result<Verdict> {
        let refused = init.options.iter().any(|option| option.name != "field");
        self.init = Some(init);
        Ok(if refused {
            Verdict::Refused("no such option".into())
        } else {
            Verdict::Accepted
        })
    }

    fn snapshot(&mut self) -> Result<Vec<u8>> {
        Ok(vec![self.points as u8; 3])
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<Verdict> {
        Ok(match snapshot {
            [points, ..] => {
                self.points = u64::from(*points);
                Verdict::Accepted
            }
            [] => Verdict::Refused("nothing to restore".into()),
        })
    }

    fn point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        self.points += 1;
        match point.float("value")? {
            666.0 => bail!("a beastly value"),
            13.0 => panic!("an unlucky value"),
            _ => out.point(point),
        }
    }

    fn stop(&mut self, out: &mut StreamOutput) -> Result<()> {
        let mut last = Point::new("last words");
        last.set_field("points", self.points as i64);
        out.point(last)
    }
}

/// Sends batches back as a whole.
#[derive(Default)]
struct Batches {
    open: Option<Batch>,
}

impl Handler for Batches {
    type Output = BatchOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(EdgeType::Batch))
    }

    fn init(&mut self, _: InitRequest, _: Sender) -> Result<Verdict> {
        Ok(Verdict::Accepted)
    }

    fn snapshot(&mut self) -> Result<Vec<u8>> {
        Ok(vec![1; 5_000])
    }

    fn restore(&mut self, _: &[u8]) -> Result<Verdict> {
        Ok(Verdict::Accepted)
    }

    fn begin_batch(&mut self, begin: BeginBatch, _: &mut BatchOutput) -> Result<()> {
        let mut batch = Batch::new(&begin.name);
        for (name, value) in &begin.tags {
            batch.set_tag(name, value);
        }
        self.open = Some(batch);
        Ok(())
    }

    fn point(&mut self, point: Point, _: &mut BatchOutput) -> Result<()> {
        self.open.get_or_insert_default().push(point);
        Ok(())
    }

    fn end_batch(&mut self, end: EndBatch, out: &mut BatchOutput) -> Result<()> {
        let mut batch = self.open.take().unwrap_or_default();
        batch.set_tmax(end.tmax);
        out.batch(batch)
    }
}

fn ready() -> Requests {
    Requests::new().info().init([])
}

#[test]
fn info_says_wants_provides_and_options() {
    let Talk { responses, outcome } = talk(Mirror::default(), Requests::new().info());
    outcome.unwrap();
    let [Message::Info(info)] = &responses[..] else {
        panic!("{responses:?}")
    };
    assert_eq!(
        (info.wants(), info.provides()),
        (EdgeType::Stream, EdgeType::Stream)
    );
    assert_eq!(info.options["field"].value_types, [3, 1]);

    let Talk { responses, .. } = talk(Batches::default(), Requests::new().info());
    let [Message::Info(info)] = &responses[..] else {
        panic!("{responses:?}")
    };
    assert_eq!(
        (info.wants(), info.provides()),
        (EdgeType::Batch, EdgeType::Batch)
    );
}

#[test]
fn an_init_is_accepted_or_refused_with_the_reason() {
    let requests = Requests::new().init([option("field", [string("a")])]);
    let talked = talk(Mirror::default(), requests);
    let [Message::Init(init), _] = &talked.responses[..] else {
        panic!("{talked:?}")
    };
    assert!(init.success && init.error.is_empty());

    // Data that was on its way when the options were refused is not another error.
    let requests = Requests::new()
        .init([option("size", [])])
        .point(point(1, 1.0));
    let talked = talk(Mirror::default(), requests);
    talked.outcome.unwrap();
    let [Message::Init(init)] = &talked.responses[..] else {
        panic!("{:?}", talked.responses)
    };
    assert!(!init.success);
    assert_eq!(init.error, "no such option");
}

#[test]
fn points_come_back_unchanged_and_the_output_of_stop_comes_last() {
    let sent: Vec<_> = (0..1_000)
        .map(|time| point(time - 500, time as f64 + 0.1))
        .collect();
    let requests = sent.iter().cloned().fold(ready(), Requests::point);
    let talked = talk(Mirror::default(), requests);
    talked.outcome.as_ref().unwrap();
    let points = talked.points();
    assert_eq!(points.len(), 1_001);
    for (sent, got) in sent.iter().zip(&points) {
        assert_eq!(sent, *got);
    }
    assert_eq!(points[1_000].name, "last words");
    assert_eq!(points[1_000].fields_int["points"], 1_000);
}

#[test]
fn keepalives_are_answered_with_their_time_in_the_order_of_the_data() {
    let requests = Requests::new()
        .keepalive(-7)
        .init([])
        .point(point(1, 1.0))
        .keepalive(8);
    let talked = talk(Mirror::default(), requests);
    let times: Vec<_> = talked
        .responses
        .iter()
        .map(|response| match response {
            Message::Keepalive(keepalive) => keepalive.time,
            Message::Point(_) => 0,
            _ => -1,
        })
        .collect();
    assert_eq!(times, [-7, -1, 0, 8, 0]);
}

#[test]
fn state_goes_out_in_snapshots_and_comes_back_in_restores() {
    let requests = ready().point(point(1, 1.0)).point(point(2, 1.0)).snapshot();
    let talked = talk(Mirror::default(), requests);
    let snapshot = talked.responses.iter().find_map(|response| match response {
        Message::Snapshot(snapshot) => Some(snapshot.snapshot.clone()),
        _ => None,
    });
    let snapshot = snapshot.unwrap();
    assert_eq!(snapshot, [2, 2, 2]);

    let talked = talk(Mirror::default(), ready().restore(&snapshot).snapshot());
    assert!(matches!(&talked.responses[2], Message::Restore(restore) if restore.success));
    assert!(matches!(&talked.responses[3], Message::Snapshot(it) if it.snapshot == [2, 2, 2]));

    let talked = talk(Mirror::default(), ready().restore(&[]));
    let Message::Restore(restore) = &talked.responses[2] else {
        panic!("{talked:?}")
    };
    assert_eq!(
        (restore.success, &*restore.error),
        (false, "nothing to restore")
    );
    talked.outcome.unwrap();
}

#[test]
fn a_restore_or_snapshot_before_init_does_not_reach_the_handler() {
    let talked = talk(Mirror::default(), Requests::new().snapshot().restore(&[1]));
    let [Message::Snapshot(snapshot), Message::Restore(restore)] = &talked.responses[..] else {
        panic!("{talked:?}")
    };
    assert!(snapshot.snapshot.is_empty());
    assert!(!restore.success);
    assert!(
        restore.error.contains("before an Init"),
        "{}",
        restore.error
    );
}

#[test]
fn batches_come_back_whole() {
    let mut requests = ready();
    for size in [0_i64, 1, 2, 3, 100] {
        requests = requests.begin(size);
        requests = (0..size).fold(requests, |it, time| it.point(point(time, 1.5)));
        requests = requests.end(size + 7);
    }
    let talked = talk(Batches::default(), requests);
    talked.outcome.as_ref().unwrap();
    let ends: Vec<_> = talked
        .responses
        .iter()
        .filter_map(|response| match response {
            Message::End(end) => {
                Some((end.tmax, &*end.name, &*end.group, end.tags["group"].clone()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(ends.len(), 5);
    assert_eq!(ends[4], (107, "cpu", "group=a", "a".to_owned()));
    assert_eq!(talked.points().len(), 106);
}

/// Misplaced requests, and the text of the error.
#[test]
fn the_error_of_a_misplaced_message_says_where_it_came() {
    let cases = [
        (
            Requests::new().point(point(1, 1.0)),
            "message 1 at offset 0: a point came before Init",
        ),
        (
            Requests::new().begin(1),
            "message 1 at offset 0: a batch came before Init",
        ),
        (
            ready().begin(1),
            "a batch began, for a UDF that wants a stream",
        ),
        (ready().end(1), "a batch ended that had not begun"),
        (ready().init([]), "a second Init"),
        (ready().raw(&[0]), "its kind is unknown to this version"),
        (
            ready().raw(&[3, 0x9a, 0x06, 0]),
            "its kind is unknown to this version",
        ),
        (ready().raw(&[2, 0x8a, 0x01]), "is not a request"),
        (
            ready().raw(&[5, 0x8a, 0x01, 2, 0x12, 9]),
            "is not a request",
        ),
    ];
    for (requests, fragment) in cases {
        let talked = talk(Mirror::default(), requests);
        assert!(talked.outcome.is_err());
        let error = talked.error();
        assert!(
            error.contains(fragment),
            "{error:?} does not say {fragment:?}"
        );
    }
    let batches = [
        (ready().point(point(1, 1.0)), "a point outside of a batch"),
        (
            ready().begin(0).begin(0),
            "a batch began while another was open",
        ),
        (
            ready().begin(0).end(1).end(1),
            "a batch ended that had not begun",
        ),
    ];
    for (requests, fragment) in batches {
        let talked = talk(Batches::default(), requests);
        let error = talked.error();
        assert!(
            error.contains(fragment),
            "{error:?} does not say {fragment:?}"
        );
    }
}

#[test]
fn output_before_an_error_or_a_panic_is_delivered_first() {
    for (value, fragment) in [
        (
            666.0,
            "a beastly value (point 3: name \"cpu\", group \"group=a\", time 3)",
        ),
        (13.0, "point panicked: an unlucky value"),
    ] {
        let requests = ready()
            .point(point(1, 1.0))
            .point(point(2, 1.0))
            .point(point(3, value))
            .point(point(4, 1.0));
        let talked = talk(Mirror::default(), requests);
        assert_eq!(talked.points().len(), 2);
        assert!(talked.error().contains(fragment), "{}", talked.error());
        assert!(talked.outcome.is_err());
    }
}

#[test]
fn an_invalid_frame_is_reported_with_its_offset_after_earlier_answers() {
    let good = ready().point(point(1, 1.0));
    let offset = good.clone().bytes().len();
    for noise in [&[0xff; 20][..], &[0x80], &[9, 1, 2], b"hello, world"] {
        let talked = talk(Mirror::default(), good.clone().raw(noise));
        assert_eq!(talked.points().len(), 1, "{noise:?}");
        let error = talked.error();
        assert!(
            error.contains(&format!("offset {offset}")),
            "{error:?} does not say where"
        );
    }
}

#[test]
fn a_length_beyond_the_limit_is_refused() {
    let talked = talk(
        Mirror::default(),
        ready().raw(&[0x80, 0x80, 0x80, 0x80, 0x10]),
    );
    let error = talked.error();
    assert!(error.contains("4294967296 bytes"), "{error:?}");
    assert!(error.contains("limit of 67108864 bytes"), "{error:?}");
}

#[test]
fn a_batch_without_end_hits_the_limit() {
    let mut limits = Limits::default();
    limits.batch_points = 10;
    let requests = (0..11).fold(ready().begin(0), |it, time| it.point(point(time, 1.0)));
    let talked = talk_within(limits, Batches::default(), requests);
    assert!(
        talked.error().contains("more than 10 points"),
        "{}",
        talked.error()
    );

    let mut limits = Limits::default();
    limits.batch_bytes = 200;
    let requests = (0..11).fold(ready().begin(0), |it, time| it.point(point(time, 1.0)));
    let talked = talk_within(limits, Batches::default(), requests);
    assert!(
        talked.error().contains("more than 200 bytes"),
        "{}",
        talked.error()
    );
}

#[test]
fn sending_a_message_that_is_too_large_is_an_error_of_the_handler() {
    struct Grow;

    impl Handler for Grow {
        type Output = StreamOutput;

        fn info(&mut self) -> Result<Info> {
            Ok(Info::new(EdgeType::Stream))
        }
        fn init(&mut self, _: InitRequest, _: Sender) -> Result<Verdict> {
            Ok(Verdict::Accepted)
        }
        fn point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
            point.set_field("large", &*"x".repeat(2_000));
            out.point(point)
        }
    }

    let mut limits = Limits::default();
    limits.message_bytes = 1_000;
    let talked = talk_within(limits, Grow, ready().point(point(1, 1.0)));
    assert!(
        talked
            .error()
            .contains("larger than the limit of 1000 bytes"),
        "{}",
        talked.error()
    );
}

/// Kapacitor would store it, and the task would fail at every start.
#[test]
fn a_snapshot_that_could_not_be_restored_is_an_error() {
    let snapshot = |limit| {
        let mut limits = Limits::default();
        limits.message_bytes = limit;
        talk_within(limits, Batches::default(), ready().snapshot())
    };
    for limit in [10_000, 5_100] {
        let talked = snapshot(limit);
        talked.outcome.unwrap();
        let Some(Message::Snapshot(taken)) = talked.responses.last() else {
            panic!("{:?}", talked.responses);
        };
        assert_eq!(taken.snapshot.len(), 5_000);
    }
    let error = "the snapshot has 5000 bytes, and a message at most 5000; \
                 help: keep less state, or raise the limit of a message";
    assert_eq!(snapshot(5_000).error(), error);
    // A snapshot that is accepted can be restored.
    let mut limits = Limits::default();
    limits.message_bytes = 5_100;
    let requests = ready().restore(&[1; 5_000]);
    talk_within(limits, Batches::default(), requests)
        .outcome
        .unwrap();
}

#[test]
fn a_minimal_handler_keeps_no_state_takes_no_batches_and_ends_quietly() {
    struct Least(EdgeType);

    impl Handler for Least {
        type Output = StreamOutput;

        fn info(&mut self) -> Result<Info> {
            Ok(Info::new(self.0))
        }
        fn init(&mut self, _: InitRequest, _: Sender) -> Result<Verdict> {
            Ok(Verdict::Accepted)
        }
        fn point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
            out.point(point)
        }
    }

    let requests = Requests::new().init([]).snapshot().point(point(1, 1.0));
    let talked = talk(Least(EdgeType::Stream), requests.restore(&[1]));
    talked.outcome.unwrap();
    let [
        _,
        Message::Snapshot(kept),
        Message::Point(_),
        Message::Restore(restored),
    ] = &talked.responses[..]
    else {
        panic!("{:?}", talked.responses)
    };
    assert!(!restored.success);
    assert_eq!(restored.error, "this UDF keeps no state");
    assert!(kept.snapshot.is_empty());

    let talked = talk(Least(EdgeType::Batch), ready().begin(1));
    assert_eq!(talked.error(), "this UDF takes no batches");
}

#[test]
fn an_empty_input_is_a_quiet_end() {
    let talked = talk(Mirror::default(), Requests::new());
    talked.outcome.unwrap();
    assert!(talked.responses.is_empty());
}

#[test]
fn a_failing_reader_or_writer_ends_the_agent() {
    struct Broken;

    impl std::io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let bytes = ready().bytes();
    let ended = Agent::new(Cursor::new(bytes), Broken).run(Mirror::default());
    assert!(matches!(ended, Err(AgentError::Send(_))), "{ended:?}");
}

#[test]
fn data_after_a_refused_restore_is_dropped_as_after_a_refused_init() {
    let requests = ready().restore(&[]).point(point(1, 1.0)).keepalive(7);
    let Talk { responses, outcome } = talk(Mirror::default(), requests);
    outcome.unwrap();
    let [.., Message::Restore(restore), Message::Keepalive(_)] = &responses[..] else {
        panic!("{responses:?}");
    };
    assert_eq!(restore.error, "nothing to restore");
}

#[test]
fn a_started_agent_can_be_stopped_while_it_waits() {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let reader = theirs.try_clone().unwrap();
    let running = Agent::new(reader, theirs).start(Mirror::default()).unwrap();
    let mut host = &ours;
    std::io::Write::write_all(&mut host, &ready().point(point(1, 1.0)).bytes()).unwrap();
    running.stopper().stop();
    ended(running).unwrap();
    ours.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut bytes = vec![0; 10_000];
    let count = std::io::Read::read(&mut host, &mut bytes).unwrap();
    let responses = support::model::read(&bytes[..count]).unwrap();
    assert!(matches!(responses.last(), Some(Message::Point(last)) if last.name == "last words"));
}

/// With a reader that has no descriptor.
#[test]
fn bytes_that_a_reader_returned_are_handled_before_a_stop() {
    struct ThenSilent {
        returned: Vec<Vec<u8>>,
        reads: mpsc::Sender<()>,
        ended: mpsc::Receiver<()>,
    }

    impl Read for ThenSilent {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let Some(bytes) = self.returned.pop() else {
                self.reads.send(()).unwrap();
                // Blocks until the test has ended.
                let _ = self.ended.recv();
                return Ok(0);
            };
            to[..bytes.len()].copy_from_slice(&bytes);
            Ok(bytes.len())
        }
    }

    let (mut host, output) = io::pipe().unwrap();
    let (reads, reading) = mpsc::channel();
    let (_end, ended_test) = mpsc::channel();
    let input = ThenSilent {
        returned: vec![
            Requests::new().point(point(1, 1.0)).bytes(),
            ready().bytes(),
        ],
        reads,
        ended: ended_test,
    };
    let running = Agent::new(input, output).start(Mirror::default()).unwrap();
    reading.recv_timeout(DEADLINE).unwrap();
    running.stopper().stop();
    ended(running).unwrap();
    let reading = aside("the output to end", move || {
        let mut bytes = Vec::new();
        host.read_to_end(&mut bytes).map(|_| bytes)
    });
    let responses = support::model::read(&reading.join().unwrap()).unwrap();
    let [.., Message::Point(point), Message::Point(last)] = &responses[..] else {
        panic!("{responses:?}");
    };
    assert_eq!((point.time, last.name.as_str()), (1, "last words"));
}
