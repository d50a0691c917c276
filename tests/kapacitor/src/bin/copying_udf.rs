//! The minimum that a UDF can do: copies the frames of data without reading them. The benchmark compares
//! the mirror with it.
//!
//! Works on stdin and stdout, or with `--socket PATH` on a socket, with one thread per connection.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixListener;
use std::thread;

use udf_runtime::proto::prost::Message as _;
use udf_runtime::proto::{
    EdgeType, InfoResponse, InitResponse, KeepaliveResponse, Request, Response, SnapshotResponse,
    request, response,
};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, _, path] = &arguments[..] else {
        return copy(unbuffered(io::stdin())?, unbuffered(io::stdout())?);
    };
    for stream in UnixListener::bind(path)?.incoming() {
        let stream = stream?;
        thread::spawn(move || copy(&stream, &stream));
    }
    Ok(())
}

fn unbuffered(end: impl AsFd) -> io::Result<File> {
    Ok(end.as_fd().try_clone_to_owned()?.into())
}

fn copy(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let mut read = vec![0; 1 << 16];
    let (mut open, mut out) = (Vec::new(), Vec::new());
    loop {
        let count = input.read(&mut read)?;
        if count == 0 {
            return Ok(());
        }
        open.extend_from_slice(&read[..count]);
        let mut taken = 0;
        while let Some((head, end)) = frame(&open[taken..]) {
            let frame = &open[taken..taken + end];
            // Data messages have numbers from 16 on, whose keys take two bytes.
            if frame[head..].get(1) == Some(&1) && frame[head] & 0x80 != 0 {
                out.extend_from_slice(frame);
            } else {
                let request = Request::decode(&frame[head..]).map_err(io::Error::other)?;
                if let Some(message) = answer(request) {
                    let response = Response {
                        message: Some(message),
                    };
                    out.extend(response.encode_length_delimited_to_vec());
                }
            }
            taken += end;
        }
        open.drain(..taken);
        output.write_all(&out)?;
        out.clear();
    }
}

/// The start and end of a complete frame's message.
fn frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = bytes.iter().position(|byte| byte & 0x80 == 0)? + 1;
    let len = bytes[..head]
        .iter()
        .rev()
        .fold(0, |len, byte| len << 7 | usize::from(byte & 0x7f));
    (bytes.len() >= head + len).then_some((head, head + len))
}

fn answer(request: Request) -> Option<response::Message> {
    Some(match request.message? {
        request::Message::Info(_) => response::Message::Info(InfoResponse {
            wants: EdgeType::Stream.into(),
            provides: EdgeType::Stream.into(),
            ..InfoResponse::default()
        }),
        request::Message::Init(_) => response::Message::Init(InitResponse {
            success: true,
            ..InitResponse::default()
        }),
        request::Message::Keepalive(asked) => {
            response::Message::Keepalive(KeepaliveResponse { time: asked.time })
        }
        request::Message::Snapshot(_) => response::Message::Snapshot(SnapshotResponse::default()),
        _ => return None,
    })
}
