//! The keys that consecutive lines share.

/// The keys of the line before, in their order. Most lines have the same keys, which then need no search for their
/// ends and no check for repetition.
///
/// From the first key that differs, a line replaces the expected keys by its own. The stored keys are all
/// different and have no backslash. `benches/line.rs` measures what this saves.
#[derive(Debug, Default)]
pub(super) struct Habit {
    /// The keys, each with its `=`.
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Habit {
    /// The length of the key at the start of `text`, if it is the one expected at this index.
    #[inline]
    pub(super) fn expected(&self, index: usize, text: &[u8]) -> Option<usize> {
        let start = self.start(index)?;
        let key = &self.text[start..*self.ends.get(index)?];
        text.starts_with(key).then(|| key.len() - 1)
    }

    /// Expects nothing from an index on.
    pub(super) fn depart(&mut self, index: usize) {
        self.text
            .truncate(self.start(index).unwrap_or(self.text.len()));
        self.ends.truncate(index);
    }

    /// Expects a key at this index, if the keys before it are expected.
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
