//! The envelope of a snapshot.

use serde::{Deserialize, Serialize};

use super::{
    StateError,
    bytes::{Bytes, read},
};

/// A snapshot with the name and the version of what made it.
///
/// ```
/// use udf_runtime::state::Envelope;
///
/// let snapshot = Envelope { udf: "moving_avg", version: 1, state: b"..." }.wrap();
/// let state = Envelope::unwrap(&snapshot)?.open("moving_avg", 1)?;
/// assert_eq!(state, b"...");
/// # Ok::<(), udf_runtime::state::StateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Name of the UDF.
    pub udf: &'a str,
    /// Version of its state.
    pub version: u32,
    /// The encoded state.
    pub state: &'a [u8],
}

/// The encoded form. Its key distinguishes an envelope from other MessagePack.
#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    #[serde(borrow, rename = "kapacitor_udf")]
    udf: &'a str,
    version: u32,
    #[serde(borrow)]
    state: Bytes<'a>,
}

impl<'a> Envelope<'a> {
    /// The bytes of a snapshot.
    #[must_use]
    pub fn wrap(&self) -> Vec<u8> {
        let wire = Wire {
            udf: self.udf,
            version: self.version,
            state: Bytes(self.state),
        };
        rmp_serde::to_vec_named(&wire).expect("a str, a u32 and bytes can always be encoded")
    }

    /// Reads the bytes of a snapshot.
    ///
    /// # Errors
    /// [`StateError::NotASnapshot`].
    pub fn unwrap(snapshot: &'a [u8]) -> Result<Self, StateError> {
        let Wire {
            udf,
            version,
            state: Bytes(state),
        } = read(snapshot).map_err(|_| StateError::NotASnapshot {
            found: match snapshot.len() {
                0 => "nothing".to_owned(),
                1 => "1 byte of something else".to_owned(),
                length => format!("{length} bytes of something else"),
            },
        })?;
        Ok(Self {
            udf,
            version,
            state,
        })
    }

    /// The version and the state, if they are of this UDF.
    ///
    /// # Errors
    /// [`StateError::OtherUdf`].
    pub fn of(self, udf: &str) -> Result<(u32, &'a [u8]), StateError> {
        if self.udf != udf {
            return Err(StateError::OtherUdf {
                expected: udf.into(),
                found: self.udf.into(),
            });
        }
        Ok((self.version, self.state))
    }

    /// The state, if it is of this UDF and of this version.
    ///
    /// # Errors
    /// [`StateError::OtherUdf`] and [`StateError::OtherVersion`].
    pub fn open(self, udf: &str, version: u32) -> Result<&'a [u8], StateError> {
        self.of(udf)?;
        if self.version != version {
            return Err(StateError::OtherVersion {
                expected: version,
                found: self.version,
            });
        }
        Ok(self.state)
    }
}
