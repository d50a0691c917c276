//! What a snapshot holds.
//!
//! Two layers, both MessagePack with names, so that what was stored can be read again by a
//! version that has gained or lost a field, and so that an error can say which one does not fit:
//!
//! - [`Envelope`]: the UDF's name, the version of its state, and the state. Made for every UDF
//!   that keeps state, whoever encodes it. Kapacitor gives a snapshot back to the node of the same
//!   name, whatever that node runs by then; the envelope is how we notice.
//! - [`StateWriter`] and [`StateReader`]: the `#[state]` fields of a struct, each in an encoding of its own.
//!
//! A stored snapshot is input like any other: reading it allocates in proportion to its size at
//! most, whatever it says of itself, and never panics.

mod bytes;
mod envelope;
mod error;
mod fields;
mod key;
mod old;
mod path;
mod tracked;

pub use envelope::Envelope;
pub use error::StateError;
pub use fields::{StateReader, StateWriter};
pub use old::OldState;
