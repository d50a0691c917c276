//! Data that a sender sends early, and when it goes out.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use udf_proto::prost::Message as _;
use udf_proto::{
    EdgeType, InitRequest, Request, Response, RestoreRequest, request, response::Message,
};

use super::Agent;
use crate::agent::{Handler, Info, Verdict};
use crate::data::Point;
use crate::error::Result;
use crate::output::{Sender, StreamOutput};

/// Sends a point in `init`, then calls `init_takes`.
struct Early {
    init_takes: fn(),
}

impl Handler for Early {
    type Output = StreamOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(EdgeType::Stream))
    }

    fn init(&mut self, _: InitRequest, sender: Sender) -> Result<Verdict> {
        sender.point(&Point::new("early"))?;
        (self.init_takes)();
        Ok(Verdict::Accepted)
    }

    fn restore(&mut self, _: &[u8]) -> Result<Verdict> {
        Ok(Verdict::Accepted)
    }

    fn point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

/// Kapacitor's end.
struct Host(UnixStream);

impl Host {
    fn of(init_takes: fn()) -> Self {
        let (host, udf) = UnixStream::pair().unwrap();
        host.set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        Agent::new(udf.try_clone().unwrap(), udf)
            .start(Early { init_takes })
            .unwrap();
        Self(host)
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    /// The next response that is not a heartbeat.
    fn read(&mut self) -> Message {
        let mut bytes = Vec::new();
        loop {
            if !bytes.is_empty()
                && let Ok(response) = Response::decode_length_delimited(&bytes[..])
            {
                match response.message.unwrap() {
                    Message::Keepalive(_) => bytes.clear(),
                    message => return message,
                }
            }
            let mut byte = [0];
            self.0.read_exact(&mut byte).unwrap();
            bytes.extend(byte);
        }
    }
}

fn frame(message: request::Message) -> Vec<u8> {
    let message = Some(message);
    Request { message }.encode_length_delimited_to_vec()
}

fn init() -> Vec<u8> {
    frame(request::Message::Init(InitRequest::default()))
}

/// Waits as long as an agent waits for a `Restore` that never comes.
fn as_long_as_an_agent_waits_for_restore() {
    let mut host = Host::of(|| {});
    host.write(&init());
    assert!(matches!(host.read(), Message::Init(_)));
    assert!(matches!(host.read(), Message::Point(_)));
}

#[test]
fn early_data_goes_out_after_the_answer_to_init() {
    let mut host = Host::of(as_long_as_an_agent_waits_for_restore);
    host.write(&init());
    let answer = host.read();
    assert!(matches!(answer, Message::Init(_)), "{answer:?}");
    assert!(matches!(host.read(), Message::Point(_)));
}

#[test]
fn early_data_goes_out_after_the_answer_to_a_slow_restore() {
    let mut host = Host::of(|| {});
    let restore = frame(request::Message::Restore(RestoreRequest {
        snapshot: vec![1; 1000],
    }));
    let (first, rest) = restore.split_at(500);
    host.write(&[&init(), first].concat());
    assert!(matches!(host.read(), Message::Init(_)));
    as_long_as_an_agent_waits_for_restore();
    host.write(rest);
    let answer = host.read();
    assert!(matches!(answer, Message::Restore(_)), "{answer:?}");
    assert!(matches!(host.read(), Message::Point(_)));
}
