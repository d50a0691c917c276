//! The `#[state]` fields.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use crate::data::PerGroup;
use crate::udf::state::{Reader, StateError, Writer};

/// A type that a snapshot can hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept in a snapshot",
    label = "not a type that serde can write and read",
    note = "put `#[state]` above the struct or enum that it is made of, or derive serde's \
            `Serialize` and `Deserialize`",
    note = "`#[skip]` above the field leaves it out of snapshots"
)]
pub trait Storable: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Storable for T {}

/// A type that a new UDF can start with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `Default` to start with",
    label = "needs `Default`",
    note = "fields with `#[state]` or `#[skip]` are made by `Default` when the UDF starts"
)]
pub trait Fresh: Default {}

#[diagnostic::do_not_recommend]
impl<T: Default> Fresh for T {}

/// The value that a `#[skip]` field starts with.
pub fn fresh<T: Fresh>() -> T {
    T::default()
}

/// What is done with a field of type `T`. The bounds stand where it is made and nowhere else, so
/// that a type which does not fit is reported once.
pub struct StateField<T> {
    name: &'static str,
    fresh: fn() -> T,
    write: fn(&mut Writer, &'static str, &T) -> Result<(), StateError>,
    read: fn(&Reader<'_>, &str) -> Result<T, StateError>,
}

impl<T> StateField<T> {
    pub fn new(name: &'static str) -> Self
    where
        T: Storable + Fresh,
    {
        Self {
            name,
            fresh: T::default,
            write: |writer, name, value| writer.field(name, value),
            read: |reader, name| reader.field(name),
        }
    }

    pub fn fresh(&self) -> T {
        (self.fresh)()
    }

    pub fn write(&self, writer: &mut Writer, value: &T) -> Result<(), StateError> {
        (self.write)(writer, self.name, value)
    }

    pub fn read(&self, reader: &Reader<'_>) -> Result<T, StateError> {
        (self.read)(reader, self.name)
    }
}

/// State of which parts can expire.
#[diagnostic::on_unimplemented(
    message = "`expire` needs a field of type `PerGroup`, not `{Self}`",
    label = "only groups can expire"
)]
pub trait Expire {
    fn expire(&mut self, after: Duration);
}

impl<T> Expire for PerGroup<T> {
    fn expire(&mut self, after: Duration) {
        self.expire_after(after);
    }
}

/// The same state, with its groups to expire after the given time.
pub fn expire<T: Expire>(mut state: T, after: Duration) -> T {
    state.expire(after);
    state
}
