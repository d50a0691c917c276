//! The messages of Kapacitor's UDF protocol, as [prost] types.
//!
//! [`Request`] is what Kapacitor sends and [`Response`] what it reads. Each message is preceded
//! by its length in bytes as an unsigned LEB128 varint. The types are generated from
//! `udf.proto`, which is beside this crate's manifest, and checked in with all their impls. So a
//! build of a UDF needs neither `protoc` nor prost's derives. Tests check that they are current and equal
//! to what the derives make.
//!
//! ```
//! use prost::Message;
//! use udf_proto::{InfoRequest, Request, request};
//!
//! let asked = Request { message: Some(request::Message::Info(InfoRequest {})) };
//! assert_eq!(asked.encode_length_delimited_to_vec(), [2, 0x0a, 0]);
//! ```

// The impls of a message without fields do not use their parameters.
#[allow(missing_docs, unreachable_pub, unused_variables, clippy::all)]
#[rustfmt::skip]
mod agent;
mod shared;

pub use agent::*;
pub use prost;
