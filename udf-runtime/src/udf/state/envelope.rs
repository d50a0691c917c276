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
    /// The state, in an encoding of its own.
    pub state: &'a [u8],
}

/// What is written; the key tells our envelopes from whatever else is MessagePack.
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
        } = read(snapshot).map_err(StateError::NotASnapshot)?;
        Ok(Self {
            udf,
            version,
            state,
        })
    }

    /// The state, if it is one of this UDF and of this version.
    ///
    /// # Errors
    /// [`StateError::OtherUdf`] and [`StateError::OtherVersion`].
    pub fn open(self, udf: &str, version: u32) -> Result<&'a [u8], StateError> {
        if self.udf != udf {
            return Err(StateError::OtherUdf {
                expected: udf.into(),
                found: self.udf.into(),
            });
        }
        if self.version != version {
            return Err(StateError::OtherVersion {
                expected: version,
                found: self.version,
            });
        }
        Ok(self.state)
    }
}
