//! A mirror with prost alone: decodes each request and encodes each response, through buffered ends.
//!
//! With `--socket PATH`, serves a socket with one thread per connection.

use std::io::{BufRead, BufReader, BufWriter, Read, Result, Write};
use std::os::unix::net::UnixListener;

use udf_proto::prost::Message as _;
use udf_proto::{
    EdgeType, InfoResponse, InitResponse, KeepaliveResponse, Request, Response, request, response,
};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, _, path] = &arguments[..] else {
        return mirror(std::io::stdin().lock(), std::io::stdout().lock());
    };
    for stream in UnixListener::bind(path)?.incoming() {
        let stream = stream?;
        std::thread::spawn(move || mirror(&stream, &stream));
    }
    Ok(())
}

fn mirror(input: impl Read, output: impl Write) -> Result<()> {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let mut output = BufWriter::with_capacity(64 * 1024, output);
    let mut frame = Vec::new();
    loop {
        if input.buffer().is_empty() {
            output.flush()?;
        }
        if input.fill_buf()?.is_empty() {
            return output.flush();
        }
        frame.resize(read_length(&mut input)?, 0);
        input.read_exact(&mut frame)?;
        let request = Request::decode(&frame[..]).map_err(std::io::Error::other)?;
        let message = match request.message {
            Some(request::Message::Info(_)) => response::Message::Info(InfoResponse {
                wants: EdgeType::Stream.into(),
                provides: EdgeType::Stream.into(),
                ..InfoResponse::default()
            }),
            Some(request::Message::Init(_)) => response::Message::Init(InitResponse {
                success: true,
                error: String::new(),
            }),
            Some(request::Message::Keepalive(keepalive)) => {
                response::Message::Keepalive(KeepaliveResponse {
                    time: keepalive.time,
                })
            }
            Some(request::Message::Point(point)) => response::Message::Point(point),
            _ => continue,
        };
        frame.clear();
        let response = Response {
            message: Some(message),
        };
        response
            .encode_length_delimited(&mut frame)
            .expect("a Vec takes any number of bytes");
        output.write_all(&frame)?;
    }
}

fn read_length(input: &mut impl Read) -> Result<usize> {
    let (mut length, mut shift) = (0, 0);
    loop {
        let mut byte = [0];
        input.read_exact(&mut byte)?;
        length |= usize::from(byte[0] & 0x7f) << shift;
        if byte[0] < 0x80 {
            return Ok(length);
        }
        shift += 7;
    }
}
