//! Data that a `Sender` sends before Kapacitor takes data. If data comes before the answers to `Init` and
//! `Restore`, Kapacitor never reads the answers.

#![allow(clippy::panic, reason = "a failure fails the test")]

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use support::host::{ended, talk};
use support::model;
use support::requests::{Requests, point};
use support::wait::DEADLINE;
use udf_runtime::proto::{EdgeType, InitRequest, response::Message};
use udf_runtime::{Agent, Error, Handler, Info, Point, Result, Sender, StreamOutput, Verdict};

/// Sends a point in `init`.
struct Early {
    accepts: bool,
}

impl Handler for Early {
    type Output = StreamOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(EdgeType::Stream))
    }

    fn init(&mut self, _: InitRequest, sender: Sender) -> Result<Verdict> {
        sender.point(&Point::new("early"))?;
        Ok(if self.accepts {
            Verdict::Accepted
        } else {
            Verdict::Refused("not like this".to_owned())
        })
    }

    fn restore(&mut self, _: &[u8]) -> Result<Verdict> {
        Ok(Verdict::Accepted)
    }

    fn point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

/// The kinds of the responses. For points, their names.
fn kinds(responses: &[Message]) -> Vec<&str> {
    let kind = |message| match message {
        &Message::Init(_) => "init",
        Message::Restore(_) => "restore",
        Message::Keepalive(_) => "keepalive",
        Message::Point(point) => &*point.name,
        _ => "something else",
    };
    responses.iter().map(kind).collect()
}

fn answers(requests: Requests) -> Vec<String> {
    let talked = talk(Early { accepts: true }, requests);
    let kinds = kinds(&talked.responses);
    kinds.into_iter().map(str::to_owned).collect()
}

#[test]
fn early_data_comes_after_the_answers_to_init_and_restore() {
    let init = || Requests::new().init([]);
    assert_eq!(answers(init()), ["init", "early"]);
    assert_eq!(
        answers(init().keepalive(1).restore(b"state").keepalive(2)),
        ["init", "keepalive", "restore", "early", "keepalive"]
    );
    assert_eq!(
        answers(init().point(point(1, 1.0)).point(point(2, 2.0))),
        ["init", "early", "cpu", "cpu"]
    );
}

/// Reads the first `count` responses.
fn first_responses(mut host: &UnixStream, bytes: &mut Vec<u8>, count: usize) -> Vec<Message> {
    let mut piece = [0; 1024];
    let began = Instant::now();
    loop {
        match model::read(bytes) {
            Ok(responses) if responses.len() >= count => return responses,
            // An incomplete response: the rest may be on its way.
            read => assert!(began.elapsed() < DEADLINE, "{read:?}"),
        }
        let read = host.read(&mut piece).expect("the agent answers");
        assert!(read > 0, "only {bytes:?} came");
        bytes.extend_from_slice(&piece[..read]);
    }
}

#[test]
fn early_data_goes_out_though_kapacitor_sends_nothing() {
    let (mut host, udf) = UnixStream::pair().unwrap();
    host.set_read_timeout(Some(DEADLINE)).unwrap();
    host.write_all(&Requests::new().init([]).bytes()).unwrap();
    let running = Agent::new(udf.try_clone().unwrap(), udf)
        .start(Early { accepts: true })
        .unwrap();
    // Kapacitor sends nothing else. The wait ends when both responses have come.
    let responses = first_responses(&host, &mut Vec::new(), 2);
    assert_eq!(kinds(&responses), ["init", "early"]);
    host.shutdown(Shutdown::Write).unwrap();
    ended(running).unwrap();
}

#[test]
fn early_data_is_dropped_if_init_is_refused() {
    let requests = Requests::new().init([]).point(point(1, 1.0));
    let talked = talk(Early { accepts: false }, requests);
    talked.outcome.unwrap();
    assert_eq!(kinds(&talked.responses), ["init"]);
}

/// Sends more than the held limit in `init`, from the agent's thread.
struct Excessive;

impl Handler for Excessive {
    type Output = StreamOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(EdgeType::Stream))
    }

    fn init(&mut self, _: InitRequest, sender: Sender) -> Result<Verdict> {
        let mut point = Point::new("early");
        point.set_field("text", &*"x".repeat(1 << 20));
        for _ in 0..5 {
            sender.point(&point)?;
        }
        Ok(Verdict::Accepted)
    }

    fn point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

#[test]
fn sending_above_the_held_limit_in_init_is_an_error() {
    let talked = talk(Excessive, Requests::new().init([]));
    let error = talked.outcome.as_ref().unwrap_err().to_string();
    let expected = "more than 4194304 bytes were sent before Kapacitor takes data; \
                    help: send them after `on_init`";
    assert_eq!(error, expected);
    assert_eq!(talked.error(), expected);
}

/// Has a thread that ends the task when the test releases it.
struct Poller {
    release: Option<mpsc::Receiver<()>>,
}

impl Handler for Poller {
    type Output = StreamOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(EdgeType::Stream))
    }

    fn init(&mut self, _: InitRequest, sender: Sender) -> Result<Verdict> {
        let release = self.release.take().expect("it is initialized once");
        thread::spawn(move || {
            let _ = release.recv();
            sender.fail(Error::msg("the device is gone"));
        });
        Ok(Verdict::Accepted)
    }

    fn point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

#[test]
fn a_thread_ends_the_task_with_an_error_while_the_agent_waits() {
    let (host, udf) = UnixStream::pair().unwrap();
    host.set_read_timeout(Some(DEADLINE)).unwrap();
    let (release, released) = mpsc::channel();
    let poller = Poller {
        release: Some(released),
    };
    let running = Agent::new(udf.try_clone().unwrap(), udf)
        .start(poller)
        .unwrap();
    let requests = Requests::new().init([]).point(point(1, 1.0));
    (&host).write_all(&requests.bytes()).unwrap();
    let mut bytes = Vec::new();
    // After both answers, the agent waits.
    first_responses(&host, &mut bytes, 2);
    release.send(()).unwrap();
    let error = ended(running).unwrap_err().to_string();
    assert_eq!(error, "the device is gone");
    (&host).read_to_end(&mut bytes).unwrap();
    let responses = model::read(&bytes).unwrap();
    let Some(Message::Error(last)) = responses.last() else {
        panic!("{responses:?} does not end with an error");
    };
    assert_eq!(last.error, error);
}

/// Sends each point from a thread and from the callback, and counts the points as its state.
#[derive(Default)]
struct Twice {
    sender: Option<Sender>,
    points: u8,
}

impl Handler for Twice {
    type Output = StreamOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(EdgeType::Stream))
    }

    fn init(&mut self, _: InitRequest, sender: Sender) -> Result<Verdict> {
        self.sender = Some(sender);
        Ok(Verdict::Accepted)
    }

    fn snapshot(&mut self) -> Result<Vec<u8>> {
        Ok(vec![self.points])
    }

    fn point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        self.points += 1;
        let sender = self.sender.clone().expect("it is initialized");
        let copy = point.clone();
        let sent = thread::spawn(move || sender.point(&copy)).join();
        sent.expect("the thread does not panic")?;
        out.point(point)
    }
}

/// Flink's checkpoints rest on it: a snapshot holds what the output before it has shown, and no more.
#[test]
fn a_snapshot_follows_all_output_of_the_points_before_it() {
    let requests = Requests::new()
        .init([])
        .point(point(1, 1.0))
        .point(point(2, 1.0))
        .snapshot()
        .point(point(3, 1.0))
        .keepalive(7)
        .snapshot();
    let talked = talk(Twice::default(), requests);
    talked.outcome.unwrap();
    let mut points = 0;
    let mut snapshots = Vec::new();
    for response in &talked.responses {
        match response {
            Message::Point(_) => points += 1,
            Message::Keepalive(_) => assert_eq!(points, 6, "{:?}", talked.responses),
            Message::Snapshot(snapshot) => snapshots.push((points, snapshot.snapshot[0])),
            _ => {}
        }
    }
    assert_eq!(snapshots, [(4, 2), (6, 3)]);
}
