//! The fields of a struct that are kept.

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};

use super::{
    StateError,
    bytes::{Bytes, read},
};

/// Encodes the `#[state]` fields of a struct, one after the other.
///
/// ```
/// use udf_runtime::state::{Reader, Writer};
///
/// let mut writer = Writer::new();
/// writer.field("seen", &12_u64)?;
/// let state = writer.finish();
///
/// let reader = Reader::new(&state)?;
/// assert_eq!(reader.field::<u64>("seen")?, 12);
/// assert_eq!(reader.field::<String>("of_a_later_version")?, "");
/// # Ok::<(), udf_runtime::state::StateError>(())
/// ```
#[derive(Debug, Default)]
pub struct Writer {
    fields: Vec<(&'static str, Vec<u8>)>,
}

impl Writer {
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
        let value = rmp_serde::to_vec_named(value).map_err(|source| StateError::Encode {
            field: name,
            source,
        })?;
        self.fields.push((name, value));
        Ok(())
    }

    /// The encoded fields.
    #[must_use]
    pub fn finish(&self) -> Vec<u8> {
        let mut fields = BTreeMap::new();
        for (name, value) in &self.fields {
            fields.insert(*name, Bytes(value));
        }
        rmp_serde::to_vec_named(&fields).expect("names and bytes can always be encoded")
    }
}

/// Decodes what a [`Writer`] wrote.
#[derive(Debug)]
pub struct Reader<'a> {
    fields: BTreeMap<&'a str, Bytes<'a>>,
}

impl<'a> Reader<'a> {
    /// Reads the names of the fields; their values are read one by one. An empty state has none.
    ///
    /// # Errors
    /// [`StateError::NotFields`].
    pub fn new(state: &'a [u8]) -> Result<Self, StateError> {
        if state.is_empty() {
            return Ok(Self {
                fields: BTreeMap::new(),
            });
        }
        Ok(Self {
            fields: read(state).map_err(StateError::NotFields)?,
        })
    }

    /// The value of a field; its default, if the state was kept before there was such a field.
    ///
    /// # Errors
    /// [`StateError::Field`], if the value is not one of `T`.
    pub fn field<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, StateError> {
        match self.value(name) {
            None => Ok(T::default()),
            Some(value) => read(value).map_err(|source| StateError::Field {
                field: name.to_owned(),
                source,
            }),
        }
    }

    fn value(&self, name: &str) -> Option<&'a [u8]> {
        self.fields.get(name).map(|Bytes(value)| *value)
    }
}
