//! What of a point its line does not hold.

use std::mem::discriminant;
use std::ops::AddAssign;

use thiserror::Error;

use super::error::show;
use super::spell::Place;

/// Counts what a line does not hold, or not as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Omitted {
    /// Points of which nothing was written: their name has no spelling, or they have no field.
    pub points: u64,
    /// Tags that were left out of points that were written.
    pub tags: u64,
    /// Fields that were left out of points that were written.
    pub fields: u64,
    /// Names, keys, tag values and times that were written, but that InfluxDB 1.x, InfluxDB 2.x or
    /// Telegraf reads as something else, or refuses.
    pub unportable: u64,
    /// One example of each kind.
    losses: Vec<Loss>,
}

impl Omitted {
    /// Whether the line holds all of the point, for every reader of line protocol.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points | self.tags | self.fields | self.unportable == 0
    }

    /// The first loss of each kind.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// Adds an example, unless its kind has one.
    pub(super) fn note(&mut self, loss: Loss) {
        let kind = discriminant(&loss);
        if self.losses.iter().all(|other| discriminant(other) != kind) {
            self.losses.push(loss);
        }
    }
}

impl AddAssign for Omitted {
    fn add_assign(&mut self, other: Self) {
        self.points += other.points;
        self.tags += other.tags;
        self.fields += other.fields;
        self.unportable += other.unportable;
        for loss in other.losses {
            self.note(loss);
        }
    }
}

/// Something of a point that its line does not hold, or not as it was. Cited texts are cut.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Loss {
    /// The name is empty or begins a comment.
    #[error("the name `{0}` cannot be written: the point is left out")]
    Name(String),
    /// A point has no field, or none that can be written.
    #[error("no field can be written: the point is left out")]
    NoField,
    /// A tag's key or value is empty without its last backslashes, or the key is that of another tag.
    #[error("tag `{0}` cannot be written: the tag is left out")]
    Tag(String),
    /// A field's key is empty, ends with a backslash, or has one before an escape.
    #[error("field key `{0}` cannot be written: the field is left out")]
    FieldKey(String),
    /// NaN or an infinity.
    #[error("field `{field}` is {value}, which line protocol does not have: the field is left out")]
    NotFinite {
        /// Key of the field.
        field: String,
        /// `NaN`, `inf` or `-inf`.
        value: String,
    },
    /// A text has no spelling that all readers take alike.
    #[error(
        "`{text}` is written as `{written}`: line protocol has no spelling that all read alike"
    )]
    Unportable {
        /// What was to be written.
        text: String,
        /// What stands in the line.
        written: String,
    },
    /// The time is one of three that InfluxDB 1.x refuses.
    #[error("InfluxDB 1.x refuses the time {0}, which is beyond ±9223372036854775806")]
    Time(i64),
}

impl Loss {
    pub(super) fn in_key(key: &[u8], place: Place) -> Self {
        match place {
            Place::Name => Loss::Name(show(key)),
            Place::Tag => Loss::Tag(show(key)),
            Place::FieldKey => Loss::FieldKey(show(key)),
        }
    }
}
