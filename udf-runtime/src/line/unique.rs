//! Detects repeated keys.

use std::collections::HashSet;

/// The keys of a line's tags or fields that were read so far.
///
/// A small filter recognizes nearly every new key. Only if it does not, the earlier keys are compared. From [`MANY`]
/// keys on, a set replaces the filter, so that the cost stays linear. `benches/line.rs` measures what the
/// filter saves.
#[derive(Debug, Default)]
pub(super) struct Keys<'a> {
    filter: [u64; 8],
    count: usize,
    set: Option<HashSet<&'a [u8]>>,
}

const MANY: usize = 256;

impl<'a> FromIterator<&'a [u8]> for Keys<'a> {
    /// Adds keys that are all different.
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
    /// Adds a key, and returns whether it is one of the `earlier` ones: all keys that were added before.
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

/// Nine bits of a hash of a key's beginning, end and length, which usually differ between the keys of one line.
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn no_key_is_compared_with_all_before_it() {
        const COUNT: usize = 100_000;
        let names: Vec<_> = (0..COUNT).map(|n| format!("field{n}")).collect();
        let looks = Cell::new(0);
        let mut keys = Keys::default();
        // All different, then all repeated.
        for at in 0..2 * COUNT {
            let earlier = (0..at).map(|before| {
                looks.set(looks.get() + 1);
                names[before % COUNT].as_bytes()
            });
            let is_repeated = keys.is_repeated(names[at % COUNT].as_bytes(), earlier);
            assert_eq!(is_repeated, at >= COUNT);
            // To compare with all would be 100,000 times as many.
            assert!(looks.get() < 2 * COUNT, "{} keys looked at", looks.get());
        }
    }
}
