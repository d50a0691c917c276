//! Writes responses as frames.

use udf_proto::{Response, prost::Message as _, response};

use super::{requests::POINT_KEY, varint};

/// Appends a frame with a point. The point's message has `len` bytes, which `body` appends.
#[inline]
pub(crate) fn write_point(len: usize, to: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    let inner = POINT_KEY.len() + varint::len(len as u64) + len;
    to.reserve(varint::MAX_LEN + inner);
    // Most messages have lengths of two bytes, which are written at once.
    if let (Some([a, b]), Some([c, d])) = (varint::two_bytes(inner), varint::two_bytes(len)) {
        to.extend_from_slice(&[a, b, POINT_KEY[0], POINT_KEY[1], c, d]);
    } else {
        varint::write(inner as u64, to);
        to.extend_from_slice(&POINT_KEY);
        varint::write(len as u64, to);
    }
    body(to);
}

/// Appends a frame with any other response.
pub(crate) fn write(message: response::Message, to: &mut Vec<u8>) {
    let response = Response {
        message: Some(message),
    };
    to.reserve(varint::MAX_LEN + response.encoded_len());
    response
        .encode_length_delimited(to)
        .expect("a Vec takes any number of bytes");
}
