//! What the tests of the whole share: Kapacitor's side of the protocol.

pub mod host;
pub mod model;
pub mod process;
pub mod requests;
pub mod wait;

/// The README's code is compiled, as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
