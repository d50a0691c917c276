//! The parts of a `Point` message: its fields and their positions.

/// The kind of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
// As wide as the other members of a part, so that a part has no padding.
#[repr(u32)]
pub(super) enum Kind {
    // Each of these occurs at most once. `Places` relies on their numbers.
    Time,
    ByName,
    Name,
    Database,
    RetentionPolicy,
    Group,
    // Several may follow each other.
    Dimension,
    // Entries of maps.
    Tag,
    // If a field has several types, Kapacitor uses the last of these.
    String,
    Int,
    Float,
    Bool,
    /// Removed: its bytes are skipped when the point is written.
    Removed,
}

/// Number of the kinds that occur at most once.
const SINGLE: usize = Kind::Group as usize + 1;

/// The keys of the fields of `Point`: a number and a wire type.
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

    /// Keys inside of a map's entry.
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

/// The two maps. A tag and a field may have the same name.
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

    /// The map that a part is an entry of.
    #[inline]
    pub(super) fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Tag => Some(Self::Tags),
            kind if kind.is_field() => Some(Self::Fields),
            _ => None,
        }
    }
}

/// A field of the message. The parts cover all bytes without gaps, so each part begins where the one before it
/// ends. An entry's value follows its name and is decoded only when needed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) kind: Kind,
    end: u32,
    /// The name of an entry, or the whole text of a plain string.
    text_start: u32,
    text_len: u32,
}

impl Part {
    /// A part with a number.
    #[inline]
    pub(super) fn number(kind: Kind, end: usize) -> Self {
        Self::text(kind, 0, 0, end)
    }

    /// A part with a text. Every offset fits, because the size of a message is limited.
    #[inline]
    pub(super) fn text(kind: Kind, text_start: usize, text_len: usize, end: usize) -> Self {
        Self {
            kind,
            end: end as u32,
            text_start: text_start as u32,
            text_len: text_len as u32,
        }
    }

    /// The same part after `bytes` bytes before it were removed.
    pub(super) fn moved_forward(&self, bytes: usize) -> Self {
        Self {
            end: self.end - bytes as u32,
            // A number has no text.
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

    /// The offset of an entry's value, which begins with a key, or the part's end if there is none.
    #[inline]
    pub(super) fn text_end(&self) -> usize {
        self.text_start() + self.text_len()
    }
}

/// The indexes of the parts that are not entries, so that they need no search.
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

    /// Records the index of a part that is not an entry. Returns `false` if the message already has one, or has
    /// other parts between its dimensions.
    #[inline]
    pub(super) fn note(&mut self, kind: Kind, index: usize) -> bool {
        // The index fits, because each part takes at least two bytes.
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

    /// The index of the part of a kind that occurs at most once.
    #[inline]
    pub(super) fn get(&self, kind: Kind) -> Option<usize> {
        let place = *self.single.get(kind as usize)?;
        (place != NONE).then_some(place as usize)
    }

    /// Removes the index of a kind, and returns it.
    pub(super) fn take(&mut self, kind: Kind) -> Option<usize> {
        let index = self.get(kind)?;
        self.single[kind as usize] = NONE;
        Some(index)
    }

    #[inline]
    pub(super) fn dimensions(&self) -> std::ops::Range<usize> {
        self.dimensions.0 as usize..self.dimensions.1 as usize
    }

    /// Removes the indexes of the dimensions, and returns them.
    pub(super) fn take_dimensions(&mut self) -> std::ops::Range<usize> {
        let indexes = self.dimensions();
        self.dimensions = (0, 0);
        indexes
    }
}
