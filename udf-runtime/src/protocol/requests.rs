//! Reads the requests in Kapacitor's frames.

use std::borrow::Cow;

use prost::Message as _;
use udf_proto::{
    BeginBatch, EndBatch, InitRequest, KeepaliveRequest, RestoreRequest, prost, request,
};

use super::batches::{BEGIN_KEY, END_KEY, read_begin, read_end};
use super::varint;

/// The key of `point` = 17, of wire type 2, as a varint.
pub(super) const POINT_KEY: [u8; 2] = [0x8a, 0x01];

/// A request. A point stays encoded, as the bytes of its message.
#[derive(Debug)]
pub(crate) enum Request<'a> {
    Info,
    Init(InitRequest),
    Keepalive(KeepaliveRequest),
    Snapshot,
    Restore(RestoreRequest),
    Begin(BeginBatch),
    Point(Cow<'a, [u8]>),
    End(EndBatch),
}

/// The message of a point, if the frame holds just that. Nearly all frames do.
#[inline]
pub(crate) fn read_point(frame: &[u8]) -> Option<&[u8]> {
    match split(frame)? {
        (POINT_KEY, message) => Some(message),
        _ => None,
    }
}

/// Splits a frame of one message into its key of two bytes and the message.
#[inline]
fn split(frame: &[u8]) -> Option<([u8; 2], &[u8])> {
    let (key, rest) = frame.split_first_chunk()?;
    let (len, body) = varint::read(rest, 0)?;
    (len == (rest.len() - body) as u64).then(|| (*key, &rest[body..]))
}

/// Reads the request in a frame. Returns `None` for a frame without a known message.
///
/// # Errors
/// If prost refuses the frame.
#[inline]
pub(crate) fn read_request(frame: &[u8]) -> Result<Option<Request<'_>>, prost::DecodeError> {
    match split(frame) {
        Some((POINT_KEY, message)) => Ok(Some(Request::Point(Cow::Borrowed(message)))),
        Some((BEGIN_KEY, message)) => Ok(Some(Request::Begin(read_begin(message)?))),
        Some((END_KEY, message)) => Ok(Some(Request::End(read_end(message)?))),
        _ => read_other(frame),
    }
}

fn read_other(frame: &[u8]) -> Result<Option<Request<'_>>, prost::DecodeError> {
    use request::Message;
    Ok(udf_proto::Request::decode(frame)?
        .message
        .map(|message| match message {
            Message::Info(_) => Request::Info,
            Message::Init(init) => Request::Init(init),
            Message::Keepalive(keepalive) => Request::Keepalive(keepalive),
            Message::Snapshot(_) => Request::Snapshot,
            Message::Restore(restore) => Request::Restore(restore),
            Message::Begin(begin) => Request::Begin(begin),
            // With several messages in a frame, the last one wins, and points are merged.
            Message::Point(point) => Request::Point(Cow::Owned(point.encode_to_vec())),
            Message::End(end) => Request::End(end),
        }))
}
