//! Whether a key comes twice.

use std::collections::HashSet;

/// The keys of a line's tags, or of its fields, as far as they have been read.
///
/// A small filter answers for nearly every key that it is new; only where it cannot, the keys
/// before it are compared. From [`MANY`] keys on a set is kept instead, so that the cost does not
/// grow with the square of what a line holds.
#[derive(Debug, Default)]
pub(super) struct Keys<'a> {
    filter: [u64; 8],
    count: usize,
    set: Option<HashSet<&'a [u8]>>,
}

const MANY: usize = 256;

impl<'a> FromIterator<&'a [u8]> for Keys<'a> {
    /// Takes up keys that are known to be different.
    fn from_iter<T: IntoIterator<Item = &'a [u8]>>(different: T) -> Self {
        let mut keys = Keys::default();
        for key in different {
            let hash = hash(key);
            keys.filter[hash >> 6] |= 1 << (hash & 63);
            keys.count += 1;
        }
        keys
    }
}

impl<'a> Keys<'a> {
    /// Takes up a key, and says whether it is one of the `earlier` ones, which are all those
    /// that were taken up before.
    #[inline]
    pub(super) fn is_repeated(
        &mut self,
        key: &'a [u8],
        earlier: impl Iterator<Item = &'a [u8]>,
    ) -> bool {
        self.count += 1;
        let hash = hash(key);
        let word = &mut self.filter[hash >> 6];
        let bit = 1 << (hash & 63);
        if *word & bit == 0 && self.count < MANY {
            *word |= bit;
            return false;
        }
        self.find(key, earlier)
    }

    #[inline(never)]
    fn find(&mut self, key: &'a [u8], mut earlier: impl Iterator<Item = &'a [u8]>) -> bool {
        if self.count < MANY {
            return earlier.any(|other| other == key);
        }
        !self
            .set
            .get_or_insert_with(|| earlier.collect())
            .insert(key)
    }
}

/// Nine bits from what mostly distinguishes the keys of one line: how they begin, how
/// they end, how long they are.
#[inline]
fn hash(key: &[u8]) -> usize {
    let (first, last) = match (key.first_chunk::<8>(), key.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => match (key.first_chunk::<4>(), key.last_chunk::<4>()) {
            (Some(first), Some(last)) => (
                u32::from_le_bytes(*first).into(),
                u32::from_le_bytes(*last).into(),
            ),
            _ => key
                .iter()
                .fold((0, 0), |(all, _), byte| (all << 8 | u64::from(*byte), 0)),
        },
    };
    let mixed = (first.rotate_left(31) ^ last).wrapping_add(key.len() as u64);
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55) as usize
}
