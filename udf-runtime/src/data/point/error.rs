//! Errors about missing and mistyped tags and fields.

use std::fmt;

/// A missing field or tag, or a field of another type than expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PointError {
    /// The point does not have the field.
    #[error("the point has no field {name:?}; it has {present}")]
    MissingField {
        /// Name of the field.
        name: Name,
        /// The existing fields, as a text.
        present: String,
    },
    /// The field has another type.
    #[error("field {name:?} is {found} and no {expected}")]
    FieldType {
        /// Name of the field.
        name: Name,
        /// The expected type.
        expected: &'static str,
        /// The field's type and value.
        found: String,
    },
    /// The point does not have the tag.
    #[error("the point has no tag {name:?}; it has {present}")]
    MissingTag {
        /// Name of the tag.
        name: Name,
        /// The existing tags, as a text.
        present: String,
    },
}

/// The name of a field or tag in an error.
///
/// It is displayed and compared as its text. It also stores the address of the text, so that a message can name
/// the option that the text came from.
#[derive(Clone)]
pub struct Name {
    text: String,
    address: usize,
}

impl Name {
    /// The name as a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address of the text that was passed to the point.
    pub(crate) fn address(&self) -> usize {
        self.address
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            address: text.as_ptr().addr(),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Name {}

impl PointError {
    /// The name of the field or tag.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::MissingField { name, .. }
            | Self::FieldType { name, .. }
            | Self::MissingTag { name, .. } => name.as_str(),
        }
    }

    pub(crate) fn looked_up(&self) -> &Name {
        match self {
            Self::MissingField { name, .. }
            | Self::FieldType { name, .. }
            | Self::MissingTag { name, .. } => name,
        }
    }
}
