//! Finds the tags and fields of a wide point by name, without comparing all of them.
//!
//! The table uses open addressing. It stores the indexes of parts instead of names, and the caller compares
//! the names. The index of a removed part stays in its slot until the table is rebuilt, and matches no name.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

/// Minimum number of slots for each name.
const SLOTS_A_NAME: usize = 2;
const EMPTY: u32 = u32::MAX;

/// The index of a part for each name.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Their number is a power of two.
    slots: Vec<u32>,
    /// Slots that are not empty.
    used: usize,
    /// A name occurred twice when the table was built.
    pub(super) repeated: bool,
}

/// The slot of a name, and the index in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    slot: usize,
    pub(super) index: Option<usize>,
}

impl Names {
    /// Bytes that the table takes.
    pub(super) fn size(&self) -> usize {
        self.slots.capacity() * size_of::<u32>()
    }

    /// Whether the table is not larger than points of this many parts need.
    pub(super) fn is_worth_keeping(&self, parts: usize) -> bool {
        self.slots.capacity() <= 4 * slots_for(parts)
    }

    /// Removes all names, and makes room for twice as many.
    pub(super) fn clear(&mut self, names: usize) {
        self.slots.clear();
        self.slots.resize(slots_for(2 * names), EMPTY);
        self.used = 0;
        self.repeated = false;
    }

    /// Whether there is no room for another name.
    pub(super) fn is_full(&self) -> bool {
        SLOTS_A_NAME * (self.used + 1) > self.slots.len()
    }

    /// Finds a name by its hash. `is` returns whether the part of an index has the name.
    #[inline]
    pub(super) fn find(&self, hash: u64, is: impl Fn(usize) -> bool) -> Slot {
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = hash as usize & mask;
        loop {
            match self.slots.get(slot) {
                None | Some(&EMPTY) => return Slot { slot, index: None },
                Some(&index) if is(index as usize) => {
                    let index = Some(index as usize);
                    return Slot { slot, index };
                }
                Some(_) => slot = (slot + 1) & mask,
            }
        }
    }

    /// Puts an index into the slot that was found for its name. The table must not be
    /// [full](Self::is_full).
    #[inline]
    pub(super) fn put(&mut self, slot: Slot, index: usize) {
        if let Some(place) = self.slots.get_mut(slot.slot) {
            self.used += usize::from(*place == EMPTY);
            *place = index as u32;
        }
    }
}

/// The hash of a name. It has random keys, because names are input: without the keys, names could be chosen to
/// share a slot.
#[inline]
pub(super) fn hash(name: &[u8], seed: u64) -> u64 {
    let [key, step] = *KEYS;
    let mut hash = key ^ seed ^ name.len() as u64;
    let mut rest = name;
    while let Some((chunk, behind)) = rest.split_first_chunk::<16>()
        && !behind.is_empty()
    {
        let [low, high] = halves(chunk);
        hash = fold(low ^ hash, high ^ step);
        rest = behind;
    }
    let (low, high) = ends(rest);
    fold(low ^ hash, high ^ step)
}

fn slots_for(names: usize) -> usize {
    (SLOTS_A_NAME * names.max(1)).next_power_of_two()
}

static KEYS: LazyLock<[u64; 2]> = LazyLock::new(|| {
    let keys = RandomState::new();
    [keys.hash_one(0_u8), keys.hash_one(1_u8)]
});

fn halves(chunk: &[u8; 16]) -> [u64; 2] {
    let both = u128::from_le_bytes(*chunk);
    [both as u64, (both >> 64) as u64]
}

/// Up to 16 bytes as two words, which may overlap.
#[inline]
fn ends(bytes: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (
            u32::from_le_bytes(*first).into(),
            u32::from_le_bytes(*last).into(),
        );
    }
    match bytes {
        [first, .., last] => (
            u64::from(*first) << 8 | u64::from(bytes[bytes.len() / 2]),
            u64::from(*last),
        ),
        [only] => (u64::from(*only), 0),
        [] => (0, 0),
    }
}

/// The two halves of a product, combined.
#[inline]
fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    product as u64 ^ (product >> 64) as u64
}
