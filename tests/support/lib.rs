//! What the integration tests share: Kapacitor's side of the protocol.

pub mod host;
pub mod model;
pub mod process;
pub mod requests;
pub mod wait;
