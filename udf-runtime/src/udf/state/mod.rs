//! What a snapshot holds.
//!
//! Two layers, both MessagePack with names. A version of a UDF that has gained or lost a field can
//! read older snapshots, and an error says which field does not fit:
//!
//! - [`Envelope`]: the UDF's name, the version of its state, and the state. Every UDF with state has
//!   one. Kapacitor restores a snapshot into the node of the same name, which may run another UDF by
//!   then; the envelope shows it.
//! - [`StateWriter`] and [`StateReader`]: the `#[state]` fields of a struct, encoded one by one.
//!
//! A snapshot is input like any other: reading it never panics, and allocates in proportion to its
//! size, independent of the sizes that it claims.

mod bytes;
mod envelope;
mod error;
mod fields;
mod forward;
mod key;
mod old;
mod path;
mod tracked;

pub use envelope::Envelope;
pub use error::StateError;
pub use fields::{StateReader, StateWriter};
pub use old::OldState;
