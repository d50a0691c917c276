//! Why a state cannot be kept or taken back.

use rmp_serde::{decode, encode};

/// Why a state cannot be kept, or a snapshot taken back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// It was not made by this SDK.
    #[error("this is no snapshot of a UDF made with udf-runtime")]
    NotASnapshot(#[source] decode::Error),
    /// It was made by another UDF.
    #[error("this is a snapshot of the UDF {found:?}, not of {expected:?}")]
    OtherUdf {
        /// Name of the UDF that was to take it.
        expected: String,
        /// Name of the UDF that made it.
        found: String,
    },
    /// It was made with another version of the state.
    #[error(
        "this snapshot has version {found} of the state, and this UDF keeps version {expected}"
    )]
    OtherVersion {
        /// Version that the UDF keeps now.
        expected: u32,
        /// Version that the snapshot has.
        found: u32,
    },
    /// What the envelope holds is not the fields of a struct.
    #[error("the snapshot's state cannot be read")]
    NotFields(#[source] decode::Error),
    /// The value of a field is not of the type that the field has now.
    #[error("the snapshot's value of {field:?} does not fit")]
    Field {
        /// Name of the field.
        field: String,
        /// What does not fit.
        source: decode::Error,
    },
    /// The value of a field cannot be encoded.
    #[error("the value of {field:?} cannot be kept in a snapshot")]
    Encode {
        /// Name of the field.
        field: &'static str,
        /// Why not.
        source: encode::Error,
    },
}
