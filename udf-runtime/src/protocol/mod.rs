//! Frames and messages: bytes to requests, and responses to bytes.
//!
//! Data messages are read and written by hand, directly on the frame's bytes. Prost handles the rest. The
//! tests compare the handwritten code with prost.

// Uses no other folder.

pub(crate) mod batches;
pub(crate) mod buffers;
mod frames;
mod requests;
pub(crate) mod responses;
pub(crate) mod varint;

pub(crate) use frames::FrameBuffer;
pub use frames::FrameError;
pub(crate) use requests::{Request, read_point, read_request};
