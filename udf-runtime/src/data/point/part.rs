//! What a `Point` message is made of: its fields, and where they lie.

/// What a part of the message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
// As wide as the rest of a part, so that a part is stored without gaps.
#[repr(u32)]
pub(super) enum Kind {
    // A message has each of these once: `Places` counts on their numbers.
    Time,
    ByName,
    Name,
    Database,
    RetentionPolicy,
    Group,
    // Several, one behind the other.
    Dimension,
    // Entries of maps.
    Tag,
    // In the order in which Kapacitor looks for a field that has several types, last first.
    String,
    Int,
    Float,
    Bool,
    /// Taken out: the bytes are skipped when the point is written.
    Removed,
}

/// Number of kinds that a message has once.
const SINGLE: usize = Kind::Group as usize + 1;

/// Keys of the fields of `Point`: number and wire type.
pub(super) mod key {
    pub(in crate::data::point) const TIME: u8 = 1 << 3;
    pub(in crate::data::point) const NAME: u8 = 2 << 3 | 2;
    pub(in crate::data::point) const DATABASE: u8 = 3 << 3 | 2;
    pub(in crate::data::point) const RETENTION_POLICY: u8 = 4 << 3 | 2;
    pub(in crate::data::point) const GROUP: u8 = 5 << 3 | 2;
    pub(in crate::data::point) const DIMENSION: u8 = 6 << 3 | 2;
    pub(in crate::data::point) const TAG: u8 = 7 << 3 | 2;
    pub(in crate::data::point) const FLOAT: u8 = 8 << 3 | 2;
    pub(in crate::data::point) const INT: u8 = 9 << 3 | 2;
    pub(in crate::data::point) const STRING: u8 = 10 << 3 | 2;
    pub(in crate::data::point) const BY_NAME: u8 = 11 << 3;
    pub(in crate::data::point) const BOOL: u8 = 12 << 3 | 2;

    /// Inside of a map's entry.
    pub(in crate::data::point) const ENTRY_KEY: u8 = 1 << 3 | 2;
    pub(in crate::data::point) const ENTRY_VARINT: u8 = 2 << 3;
    pub(in crate::data::point) const ENTRY_FIXED64: u8 = 2 << 3 | 1;
    pub(in crate::data::point) const ENTRY_BYTES: u8 = 2 << 3 | 2;
}

impl Kind {
    #[inline]
    pub(super) fn key(self) -> u8 {
        match self {
            Self::Time => key::TIME,
            Self::Name => key::NAME,
            Self::Database => key::DATABASE,
            Self::RetentionPolicy => key::RETENTION_POLICY,
            Self::Group => key::GROUP,
            Self::Dimension => key::DIMENSION,
            Self::Tag => key::TAG,
            Self::String => key::STRING,
            Self::Int => key::INT,
            Self::Float => key::FLOAT,
            Self::Bool => key::BOOL,
            // A removed part is never written.
            Self::ByName | Self::Removed => key::BY_NAME,
        }
    }

    #[inline]
    pub(super) fn is_field(self) -> bool {
        matches!(self, Self::String | Self::Int | Self::Float | Self::Bool)
    }
}

/// The two kinds of entries: a tag and a field may have the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Map {
    Tags,
    Fields,
}

impl Map {
    #[inline]
    pub(super) fn has(self, kind: Kind) -> bool {
        match self {
            Self::Tags => kind == Kind::Tag,
            Self::Fields => kind.is_field(),
        }
    }

    /// Whose entry a part is.
    #[inline]
    pub(super) fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Tag => Some(Self::Tags),
            kind if kind.is_field() => Some(Self::Fields),
            _ => None,
        }
    }
}

/// A field of the message. Parts lie one behind the other and cover all of the bytes, so a part
/// begins where the one before it ends. An entry's value lies behind its key, up to the end; it
/// is read when it is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) kind: Kind,
    end: u32,
    /// Of an entry, its key; of a plain string, all of it.
    text_start: u32,
    text_len: u32,
}

impl Part {
    /// A part that is a number.
    #[inline]
    pub(super) fn number(kind: Kind, end: usize) -> Self {
        Self::text(kind, 0, 0, end)
    }

    /// A part that has a text. No message is so large that an offset would not fit.
    #[inline]
    pub(super) fn text(kind: Kind, text_start: usize, text_len: usize, end: usize) -> Self {
        Self {
            kind,
            end: end as u32,
            text_start: text_start as u32,
            text_len: text_len as u32,
        }
    }

    /// The same part of a message that has so many bytes less before it.
    pub(super) fn moved_forward(&self, bytes: usize) -> Self {
        Self {
            end: self.end - bytes as u32,
            // A number has no text, and so no place of one.
            text_start: self.text_start.saturating_sub(bytes as u32),
            ..*self
        }
    }

    #[inline]
    pub(super) fn end(&self) -> usize {
        self.end as usize
    }

    #[inline]
    pub(super) fn text_start(&self) -> usize {
        self.text_start as usize
    }

    #[inline]
    pub(super) fn text_len(&self) -> usize {
        self.text_len as usize
    }

    /// Where an entry's value begins: with the key of its field, or at the part's end.
    #[inline]
    pub(super) fn text_end(&self) -> usize {
        self.text_start() + self.text_len()
    }
}

/// Indexes of the parts that are no entries, so that no one has to look for them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    /// By kind.
    single: [u32; SINGLE],
    dimensions: (u32, u32),
}

const NONE: u32 = u32::MAX;

impl Places {
    /// A message without parts.
    pub(super) const NONE: Self = Self {
        single: [NONE; SINGLE],
        dimensions: (0, 0),
    };

    /// Notes where a part is that is no entry. `false` where the message has it already, or has
    /// other parts between its dimensions.
    #[inline]
    pub(super) fn note(&mut self, kind: Kind, index: usize) -> bool {
        // No message has as many parts as that: each takes two bytes at least.
        let index = index as u32;
        match self.single.get_mut(kind as usize) {
            Some(place) => std::mem::replace(place, index) == NONE,
            None => {
                let (start, end) = &mut self.dimensions;
                if start == end {
                    (*start, *end) = (index, index);
                }
                let follows = *end == index;
                *end = index + 1;
                follows
            }
        }
    }

    /// The index of the part of a kind that a message has once.
    #[inline]
    pub(super) fn get(&self, kind: Kind) -> Option<usize> {
        let place = *self.single.get(kind as usize)?;
        (place != NONE).then_some(place as usize)
    }

    /// Forgets the part of a kind, and returns its index.
    pub(super) fn take(&mut self, kind: Kind) -> Option<usize> {
        let index = self.get(kind)?;
        self.single[kind as usize] = NONE;
        Some(index)
    }

    #[inline]
    pub(super) fn dimensions(&self) -> std::ops::Range<usize> {
        self.dimensions.0 as usize..self.dimensions.1 as usize
    }

    /// Forgets the dimensions, and returns their indexes.
    pub(super) fn take_dimensions(&mut self) -> std::ops::Range<usize> {
        let indexes = self.dimensions();
        self.dimensions = (0, 0);
        indexes
    }
}
