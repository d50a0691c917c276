//! The fields of a struct that are kept.

use std::{fmt, vec};

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::bytes::{Bytes, read, read_at, write};
use super::error::{decode_reason, encode_reason};
use super::path::Track;
use super::{StateError, path::Path};

/// Encodes the `#[state]` fields of a struct, one after the other.
///
/// ```
/// use udf_runtime::state::{StateReader, StateWriter};
///
/// let mut writer = StateWriter::new();
/// writer.field("seen", &12_u64)?;
/// let state = writer.finish();
///
/// let mut reader = StateReader::new(&state)?;
/// assert_eq!(reader.field::<u64>("seen")?, Some(12));
/// assert_eq!(reader.field::<String>("of_a_later_version")?, None);
/// # Ok::<(), udf_runtime::state::StateError>(())
/// ```
#[derive(Debug, Default)]
pub struct StateWriter {
    fields: Vec<(&'static str, Vec<u8>)>,
}

impl StateWriter {
    /// Starts without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field.
    ///
    /// # Errors
    /// [`StateError::Encode`], if the type's own `Serialize` refuses.
    pub fn field(&mut self, name: &'static str, value: &impl Serialize) -> Result<(), StateError> {
        let value = write(value).map_err(|error| StateError::Encode {
            path: name.to_owned(),
            reason: encode_reason(&error),
        })?;
        self.fields.push((name, value));
        Ok(())
    }

    /// The encoded fields.
    #[must_use]
    pub fn finish(&self) -> Vec<u8> {
        let fields = self
            .fields
            .iter()
            .map(|(name, value)| (*name, Bytes(value)));
        rmp_serde::to_vec_named(&Fields(fields.collect()))
            .expect("names and bytes can always be encoded")
    }
}

/// Decodes what a [`StateWriter`] encoded.
#[derive(Debug)]
pub struct StateReader<'a> {
    fields: Fields<'a>,
    /// Paths inside of the fields that were read, which no type took.
    unread: Vec<String>,
}

impl<'a> StateReader<'a> {
    /// Reads the names of the fields; their values are read one by one. An empty state has none.
    ///
    /// # Errors
    /// [`StateError::NotFields`].
    pub fn new(state: &'a [u8]) -> Result<Self, StateError> {
        let fields = if state.is_empty() {
            Fields::default()
        } else {
            read(state).map_err(|error| StateError::NotFields {
                reason: decode_reason(&error),
            })?
        };
        Ok(Self {
            fields,
            unread: Vec::new(),
        })
    }

    /// Takes the value of a field; `None` if the state has no such field, or it was taken.
    ///
    /// # Errors
    /// [`StateError::Field`], if the value is not a `T`.
    pub fn field<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, StateError> {
        let Some(index) = self.fields.0.iter().position(|(field, _)| *field == name) else {
            return Ok(None);
        };
        let (_, Bytes(value)) = self.fields.0.swap_remove(index);
        let track = Track::default();
        match read_at(value, &Path::Root(name), &track) {
            Ok(value) => {
                track.add_unread(&mut self.unread);
                Ok(Some(value))
            }
            Err(error) => Err(StateError::Field {
                path: track.failed().unwrap_or_else(|| name.to_owned()),
                reason: decode_reason(&error),
            }),
        }
    }

    pub(super) fn into_fields(self) -> vec::IntoIter<(&'a str, Bytes<'a>)> {
        self.fields.0.into_iter()
    }

    /// The paths of fields that were not taken, sorted. Values for each group are one path:
    /// `groups[…].count`.
    #[must_use]
    pub fn unread(&self) -> Vec<String> {
        let fields = self.fields.0.iter().map(|(name, _)| (*name).to_owned());
        let mut paths: Vec<_> = fields.chain(self.unread.iter().cloned()).collect();
        paths.sort_unstable();
        paths
    }

    /// Logs a warning for each field that was not taken.
    #[doc(hidden)]
    pub fn warn_of_unread(&self) {
        for path in self.unread() {
            log::warn!(
                "the snapshot's `{path}` is dropped, because no field takes it; help: if the field \
                 has a new name, write `#[state(was = \"…\")]` above it"
            );
        }
    }
}

/// The names of fields and their encoded values, as a map of a few entries.
#[derive(Debug, Default)]
struct Fields<'a>(Vec<(&'a str, Bytes<'a>)>);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of fields")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields<'de>, M::Error> {
        let mut fields = Fields::default();
        while let Some(field) = map.next_entry()? {
            fields.0.push(field);
        }
        Ok(fields)
    }
}
