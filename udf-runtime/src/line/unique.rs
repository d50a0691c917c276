//! Whether a key comes twice.

use std::collections::HashSet;

/// The keys of a line's tags, or of its fields, as far as they have been read.
///
/// A small filter answers for nearly every key that it is new; only where it cannot, the keys
/// before it are compared. From [`MANY`] keys on a set is kept instead, so that the cost does not
/// grow with the square of what a line holds.
#[derive(Debug, Default)]
pub(super) struct Keys<'a> {
    filter: [u64; 4],
    count: usize,
    set: Option<HashSet<&'a [u8]>>,
}

const MANY: usize = 256;

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
        let word = &mut self.filter[usize::from(hash >> 6)];
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

/// A byte from the length and three of the bytes of a key: what tells the keys of one
/// line from each other, mostly.
#[inline]
fn hash(key: &[u8]) -> u8 {
    let at = |index: usize| key.get(index).copied().unwrap_or_default();
    let last = at(key.len().wrapping_sub(1));
    let middle = at(key.len() / 2);
    (key.len() as u8)
        .wrapping_mul(29)
        .wrapping_add(at(0).wrapping_mul(101))
        .wrapping_add(middle.wrapping_mul(53))
        .wrapping_add(last.wrapping_mul(11))
}
