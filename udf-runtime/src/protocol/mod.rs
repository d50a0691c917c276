//! Frames and messages: bytes to requests, and responses to bytes.
//!
//! The messages on a point's way are read and written by hand over the frame's bytes. Prost handles
//! the rest, and is the oracle that the tests hold the handwritten part against.

// Uses no other folder.

pub(crate) mod batches;
pub(crate) mod buffers;
mod frames;
mod requests;
pub(crate) mod responses;
pub(crate) mod varint;

pub(crate) use frames::FrameBuffer;
pub use frames::FrameError;
pub(crate) use requests::{Request, read_request};
