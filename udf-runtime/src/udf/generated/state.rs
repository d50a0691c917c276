//! The `#[state]` fields, and what is made by `Default`.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use crate::data::PerGroup;
use crate::udf::state::{StateError, StateReader, StateWriter};

/// A type that a snapshot can hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept in a snapshot",
    label = "serde cannot write and read this type",
    note = "help: write `#[state]` above the struct or enum, or derive serde's `Serialize` and \
            `Deserialize`",
    note = "help: write `#[skip]` above the field to leave it out of snapshots"
)]
pub trait Stored: Sized {
    #[doc(hidden)]
    fn write(&self, writer: &mut StateWriter, name: &'static str) -> Result<(), StateError>;
    #[doc(hidden)]
    fn read(
        reader: &mut StateReader<'_>,
        name: &'static str,
        was: Option<&'static str>,
    ) -> Result<Option<Self>, StateError>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Stored for T {
    fn write(&self, writer: &mut StateWriter, name: &'static str) -> Result<(), StateError> {
        writer.field(name, self)
    }

    fn read(
        reader: &mut StateReader<'_>,
        name: &'static str,
        was: Option<&'static str>,
    ) -> Result<Option<Self>, StateError> {
        match (reader.field(name)?, was) {
            (None, Some(was)) => reader.field(was),
            (value, _) => Ok(value),
        }
    }
}

/// A type that a new UDF can start with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `Default` to start with",
    label = "needs `Default`",
    note = "`#[state]` and `#[skip]` make their values by `Default`; help: write \
            `#[derive(Default)]` above the type"
)]
pub trait Fresh<const REPORTED_ELSEWHERE: bool = false> {
    #[doc(hidden)]
    fn fresh() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> Fresh for T {
    fn fresh() -> Self {
        T::default()
    }
}

/// A struct with `#[state]`, of which a missing `Default` is reported at its name, and so not at fields of
/// this type.
pub trait StateStruct {
    fn fresh() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: StateStruct> Fresh<true> for T {
    fn fresh() -> Self {
        <T as StateStruct>::fresh()
    }
}

/// Whether a type is a [`StateStruct`]. Its own constant comes before that of [`IsNoStateStruct`], but exists
/// only where its bound holds.
pub struct IsStateStruct<T>(PhantomData<T>);

impl<T: StateStruct> IsStateStruct<T> {
    pub const ANSWER: bool = true;
}

pub trait IsNoStateStruct {
    const ANSWER: bool = false;
}

impl<T> IsNoStateStruct for IsStateStruct<T> {}

/// What is done with a field of type `T`. The bounds stand where its functions are named and nowhere
/// else, so that a type which does not fit is reported once.
pub struct StateField<T> {
    name: &'static str,
    was: Option<&'static str>,
    fresh: fn() -> T,
    write: Write<T>,
    read: Read<T>,
}

type Write<T> = fn(&T, &mut StateWriter, &'static str) -> Result<(), StateError>;
type Read<T> =
    fn(&mut StateReader<'_>, &'static str, Option<&'static str>) -> Result<Option<T>, StateError>;

impl<T> StateField<T> {
    pub fn new(
        name: &'static str,
        was: Option<&'static str>,
        fresh: fn() -> T,
        write: Write<T>,
        read: Read<T>,
    ) -> Self {
        Self {
            name,
            was,
            fresh,
            write,
            read,
        }
    }

    pub fn fresh(&self) -> T {
        (self.fresh)()
    }

    pub fn write(&self, writer: &mut StateWriter, value: &T) -> Result<(), StateError> {
        (self.write)(value, writer, self.name)
    }

    pub fn read(&self, reader: &mut StateReader<'_>) -> Result<T, StateError> {
        let value = (self.read)(reader, self.name, self.was)?;
        Ok(value.unwrap_or_else(self.fresh))
    }
}

/// State of which parts can expire.
#[diagnostic::on_unimplemented(
    message = "expected a `PerGroup` for `expire`, found `{Self}`",
    label = "only groups can expire"
)]
pub trait Expire {
    #[doc(hidden)]
    fn expire(&mut self, after: Option<Duration>);
}

#[diagnostic::do_not_recommend]
impl<T> Expire for PerGroup<T> {
    fn expire(&mut self, after: Option<Duration>) {
        if let Some(after) = after {
            self.expire_after(after);
        }
    }
}

/// An option that says how long something takes.
#[diagnostic::on_unimplemented(
    message = "expected an option of type `Duration` or `Option<Duration>`, found `{Self}`",
    label = "not a duration"
)]
pub trait Period {
    #[doc(hidden)]
    fn period(&self) -> Option<Duration>;
}

#[diagnostic::do_not_recommend]
impl Period for Duration {
    fn period(&self) -> Option<Duration> {
        Some(*self)
    }
}

#[diagnostic::do_not_recommend]
impl Period for Option<Duration> {
    fn period(&self) -> Option<Duration> {
        *self
    }
}

/// State with settings that are not part of snapshots.
pub trait KeepSettings {
    fn keep_settings(&mut self, old: &Self);
}

impl<T> KeepSettings for PerGroup<T> {
    fn keep_settings(&mut self, old: &Self) {
        self.expire_as(old);
    }
}

impl<T: KeepSettings + ?Sized> KeepSettings for Box<T> {
    fn keep_settings(&mut self, old: &Self) {
        (**self).keep_settings(old);
    }
}

/// Containers, of which each value takes over the settings of the one in the same place.
macro_rules! keep_settings_in_order {
    ($($container:ty $(, $size:ident)?;)*) => {$(
        impl<T: KeepSettings $(, const $size: usize)?> KeepSettings for $container {
            fn keep_settings(&mut self, old: &Self) {
                for (value, old) in self.iter_mut().zip(old) {
                    value.keep_settings(old);
                }
            }
        }
    )*};
}

keep_settings_in_order! {
    Option<T>;
    Vec<T>;
    VecDeque<T>;
    [T; SIZE], SIZE;
}

impl<K: Ord, T: KeepSettings> KeepSettings for BTreeMap<K, T> {
    fn keep_settings(&mut self, old: &Self) {
        for (key, value) in self {
            if let Some(old) = old.get(key) {
                value.keep_settings(old);
            }
        }
    }
}

impl<K: Eq + Hash, T: KeepSettings, S: BuildHasher> KeepSettings for HashMap<K, T, S> {
    fn keep_settings(&mut self, old: &Self) {
        for (key, value) in self {
            if let Some(old) = old.get(key) {
                value.keep_settings(old);
            }
        }
    }
}

/// A value that came from a snapshot. Its method wins over that of [`KeepsNoSettings`], where its
/// bound holds.
pub struct Restored<'a, T>(pub &'a mut T);

impl<T: KeepSettings> Restored<'_, T> {
    pub fn keep_settings(self, old: &T) {
        self.0.keep_settings(old);
    }
}

pub trait KeepsNoSettings<T>: Sized {
    fn keep_settings(self, _: &T) {}
}

impl<T> KeepsNoSettings<T> for Restored<'_, T> {}
