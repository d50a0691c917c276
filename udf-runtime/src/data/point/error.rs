//! What a point does not have.

use std::fmt;

/// A field or tag that a point does not have, or that has another type than was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PointError {
    /// There is no such field.
    #[error("the point has no field {name:?}; it has {present}")]
    MissingField {
        /// The field that was asked for.
        name: Name,
        /// The fields that are there, as a text.
        present: String,
    },
    /// The field has another type.
    #[error("field {name:?} is {found} and no {expected}")]
    FieldType {
        /// The field that was asked for.
        name: Name,
        /// What was asked for.
        expected: &'static str,
        /// What the field is: its type and value.
        found: String,
    },
    /// There is no such tag.
    #[error("the point has no tag {name:?}; it has {present}")]
    MissingTag {
        /// The tag that was asked for.
        name: Name,
        /// The tags that are there, as a text.
        present: String,
    },
}

/// The name of a field or tag that was asked for.
///
/// Displayed and compared as its text. It also knows where the text was, so that a message can say
/// which option gave it.
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

    /// Where the text was that the point was asked for.
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
    /// The field or tag that was asked for.
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
