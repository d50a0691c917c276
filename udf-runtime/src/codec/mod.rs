//! Frames and messages: from bytes to requests, and from responses to bytes.
//!
//! What lies on a point's way is written by hand over the frame's bytes; all else goes through
//! prost, which is also the oracle that the tests hold the handwritten part against.

pub(crate) mod batch;
pub(crate) mod buffers;
mod frame;
mod request;
pub(crate) mod response;
pub(crate) mod varint;

pub use frame::FrameError;
pub(crate) use frame::FrameReader;
pub(crate) use request::{Request, read_request};
