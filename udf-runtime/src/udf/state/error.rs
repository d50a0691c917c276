//! Why a state cannot be kept or restored.

use rmp_serde::{decode, encode};

/// Why a state cannot be kept, or a snapshot restored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The bytes were not made by this SDK.
    #[error("expected a snapshot of this SDK, found {found}")]
    #[non_exhaustive]
    NotASnapshot {
        /// What the bytes are instead.
        found: String,
    },
    /// The snapshot was made by another UDF.
    #[error("expected a snapshot of the UDF {expected:?}, found one of {found:?}")]
    #[non_exhaustive]
    OtherUdf {
        /// Name of the UDF that restores.
        expected: String,
        /// Name of the UDF that made the snapshot.
        found: String,
    },
    /// The snapshot was made with another version of the state.
    #[error("expected version {expected} of the state, found version {found}")]
    #[non_exhaustive]
    OtherVersion {
        /// Version that the UDF keeps now.
        expected: u32,
        /// Version that the snapshot has.
        found: u32,
    },
    /// The state was not made of the fields of a struct.
    #[error("the snapshot's state does not hold fields: {reason}")]
    #[non_exhaustive]
    NotFields {
        /// What is wrong with it.
        reason: String,
    },
    /// The state has no field of this name.
    #[error("the snapshot has no field `{path}`")]
    #[non_exhaustive]
    NoField {
        /// Name of the field.
        path: String,
    },
    /// A value is not of the type that the UDF has now.
    #[error("the snapshot's `{path}` does not fit: {reason}")]
    #[non_exhaustive]
    Field {
        /// Path of the value, as `groups["a"].inner.count`.
        path: String,
        /// Why the value does not fit.
        reason: String,
    },
    /// A value cannot be encoded.
    #[error("`{path}` cannot be kept in a snapshot: {reason}")]
    #[non_exhaustive]
    Encode {
        /// Name of the field.
        path: String,
        /// Why not.
        reason: String,
    },
}

/// Why bytes cannot be decoded, as messages of this SDK put it.
pub(super) fn decode_reason(error: &decode::Error) -> String {
    match error {
        decode::Error::InvalidMarkerRead(_) | decode::Error::InvalidDataRead(_) => {
            "its bytes end too early".to_owned()
        }
        decode::Error::DepthLimitExceeded => "it is nested too deeply".to_owned(),
        decode::Error::Syntax(text) | decode::Error::Uncategorized(text) => expected_found(text),
        other => other.to_string(),
    }
}

pub(super) fn encode_reason(error: &encode::Error) -> String {
    match error {
        encode::Error::DepthLimitExceeded => "it is nested too deeply".to_owned(),
        other => other.to_string(),
    }
}

/// Serde's "invalid type: integer `3`, expected a string" as "expected a string, found integer `3`".
fn expected_found(text: &str) -> String {
    let parts = ["invalid type: ", "invalid value: "]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
        .and_then(|text| text.rsplit_once(", expected "));
    match parts {
        Some((found, expected)) => format!("expected {expected}, found {found}"),
        None => text.to_owned(),
    }
}
