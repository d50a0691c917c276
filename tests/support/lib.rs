//! What the integration tests share: Kapacitor's side of the protocol.

pub mod host;
pub mod model;
pub mod process;
pub mod requests;
pub mod wait;

/// Compiles the README's code as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
