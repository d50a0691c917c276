//! The state of an older version.

use std::fmt;
use std::vec;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer as _, MapAccess};

use super::bytes::{Bytes, decoder};
use super::error::decode_reason;
use super::path::{Path, Track};
use super::tracked::At;
use super::{StateError, StateReader};

/// The state that a snapshot of an older version holds.
///
/// See [`MigrateState`](crate::MigrateState) for an example.
#[derive(Clone, Copy)]
pub struct OldState<'a> {
    state: &'a [u8],
}

impl fmt::Debug for OldState<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OldState")
            .field("bytes", &self.state.len())
            .finish()
    }
}

impl<'a> OldState<'a> {
    /// A state as [`Envelope`](super::Envelope) has it.
    #[must_use]
    pub fn new(state: &'a [u8]) -> Self {
        Self { state }
    }

    /// The bytes that [`CustomState::snapshot`](crate::CustomState::snapshot) returned.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.state
    }

    /// The `#[state]` fields as a struct with the names and types that they had.
    ///
    /// Fields that the struct does not have are ignored.
    ///
    /// # Errors
    /// [`StateError::NotFields`], and [`StateError::Field`] for the first value that does not fit.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, StateError> {
        let reader = StateReader::new(self.state)?;
        let track = Track::default();
        let mut fields = Fields {
            rest: reader.into_fields(),
            next: None,
            track: &track,
        };
        T::deserialize(MapAccessDeserializer::new(&mut fields)).map_err(|error| {
            let name = fields.next.map_or("the state", |(name, _)| name);
            StateError::Field {
                path: track.failed().unwrap_or_else(|| name.to_owned()),
                reason: decode_reason(&error),
            }
        })
    }

    /// One `#[state]` field.
    ///
    /// # Errors
    /// [`StateError::NotFields`], [`StateError::NoField`], and [`StateError::Field`] if the value
    /// is not a `T`.
    pub fn field<T: DeserializeOwned>(&self, name: &str) -> Result<T, StateError> {
        let value = StateReader::new(self.state)?.field(name)?;
        value.ok_or_else(|| StateError::NoField {
            path: name.to_owned(),
        })
    }
}

/// The fields as a map.
struct Fields<'a, 't> {
    rest: vec::IntoIter<(&'a str, Bytes<'a>)>,
    /// The field whose name was asked for.
    next: Option<(&'a str, Bytes<'a>)>,
    track: &'t Track,
}

impl<'de> MapAccess<'de> for &mut Fields<'de, '_> {
    type Error = rmp_serde::decode::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Self::Error> {
        self.next = self.rest.next();
        match self.next {
            Some((name, _)) => seed.deserialize(name.into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, Self::Error> {
        let Some((name, Bytes(value))) = self.next else {
            return Err(de::Error::custom("a value was asked for before its name"));
        };
        let mut deserializer = decoder(value);
        seed.deserialize(At::new(&mut deserializer, &Path::Root(name), self.track))
    }
}
