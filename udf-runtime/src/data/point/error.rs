//! What a point does not have.

/// A field or tag that a point does not have, or that has another type than was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PointError {
    /// There is no such field.
    #[error("the point has no field {name:?}; it has {present}")]
    MissingField {
        /// The field that was asked for.
        name: String,
        /// The fields that are there, as a text.
        present: String,
    },
    /// The field has another type.
    #[error("field {name:?} is {found} and no {expected}")]
    FieldType {
        /// The field that was asked for.
        name: String,
        /// What was asked for.
        expected: &'static str,
        /// What the field is: its type and value.
        found: String,
    },
    /// There is no such tag.
    #[error("the point has no tag {name:?}; it has {present}")]
    MissingTag {
        /// The tag that was asked for.
        name: String,
        /// The tags that are there, as a text.
        present: String,
    },
}

impl PointError {
    /// The field or tag that was asked for.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::MissingField { name, .. }
            | Self::FieldType { name, .. }
            | Self::MissingTag { name, .. } => name,
        }
    }
}
