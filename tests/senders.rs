//! What a `Sender` sends before Kapacitor takes data: it reads none before it has had its answers to
//! `Init` and `Restore`, and would wait for ever for those behind it.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use support::host::{ended, talk};
use support::model;
use support::requests::{Requests, point};
use support::wait::DEADLINE;
use udf_runtime::proto::{EdgeType, InitRequest, response::Message};
use udf_runtime::{Agent, Handler, Info, Point, Result, Sender, StreamOutput, Verdict};

/// Sends a point while it is initialized.
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

/// The kinds of the responses, and the names of points.
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
fn it_comes_after_the_answers_to_init_and_restore() {
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

#[test]
fn it_goes_out_though_kapacitor_sends_nothing() {
    let (mut host, udf) = UnixStream::pair().unwrap();
    host.set_read_timeout(Some(DEADLINE)).unwrap();
    host.write_all(&Requests::new().init([]).bytes()).unwrap();
    let running = Agent::new(udf.try_clone().unwrap(), udf)
        .start(Early { accepts: true })
        .unwrap();
    let (mut bytes, mut piece) = (Vec::new(), [0; 1024]);
    let began = Instant::now();
    // Nothing else comes: this ends when both are there.
    let responses = loop {
        let count = host.read(&mut piece).unwrap();
        bytes.extend_from_slice(&piece[..count]);
        match model::read(&bytes) {
            Ok(responses) if responses.len() >= 2 => break responses,
            // The rest of it may be on its way.
            read => assert!(count > 0 && began.elapsed() < DEADLINE, "{read:?}"),
        }
    };
    assert_eq!(kinds(&responses), ["init", "early"]);
    host.shutdown(Shutdown::Write).unwrap();
    ended(running).unwrap();
}

#[test]
fn it_is_dropped_where_init_is_refused() {
    let requests = Requests::new().init([]).point(point(1, 1.0));
    let talked = talk(Early { accepts: false }, requests);
    talked.outcome.unwrap();
    assert_eq!(kinds(&talked.responses), ["init"]);
}
