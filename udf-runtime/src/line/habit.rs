//! The keys that lines have in common.

/// The keys of the line before, in their order: most often they are those of the next line, too,
/// and then need neither be looked for nor compared with each other.
///
/// A line follows the habit from its first key on, until it departs from it once; from there on it
/// makes a new one. Keys that are kept are all different, and have no backslash.
#[derive(Debug, Default)]
pub(super) struct Habit {
    /// Each key with its `=`, one behind the other.
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Habit {
    /// The length of the key that `text` begins with, if it is the one that is to be expected at
    /// this index.
    #[inline]
    pub(super) fn expected(&self, index: usize, text: &[u8]) -> Option<usize> {
        let start = self.start(index)?;
        let key = &self.text[start..*self.ends.get(index)?];
        text.starts_with(key).then(|| key.len() - 1)
    }

    /// Gives up what was expected from an index on.
    pub(super) fn depart(&mut self, index: usize) {
        self.text
            .truncate(self.start(index).unwrap_or(self.text.len()));
        self.ends.truncate(index);
    }

    /// Expects a key at this index, if all before it are expected.
    pub(super) fn learn(&mut self, index: usize, key: &[u8]) {
        if index == self.ends.len() && !key.contains(&b'\\') {
            self.text.extend_from_slice(key);
            self.text.push(b'=');
            self.ends.push(self.text.len());
        }
    }

    fn start(&self, index: usize) -> Option<usize> {
        match index.checked_sub(1) {
            None => Some(0),
            Some(before) => self.ends.get(before).copied(),
        }
    }
}
