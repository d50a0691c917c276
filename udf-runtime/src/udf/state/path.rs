//! Where in a snapshot a value is.

use std::cell::RefCell;
use std::fmt::{self, Write as _};

/// Paths of fields that are remembered; a snapshot with more of them is not the UDF's.
const UNREAD: usize = 20;
/// Characters of a key that a path shows.
const SHOWN: usize = 80;
/// Characters of a path that are shown.
const LONGEST: usize = 400;

/// What was noticed while a value was decoded.
#[derive(Debug, Default)]
pub(super) struct Track {
    /// Where decoding failed.
    failed: RefCell<Option<String>>,
    /// Fields that no type took.
    unread: RefCell<Vec<String>>,
}

impl Track {
    /// The path of the value that does not fit.
    pub(super) fn failed(self) -> Option<String> {
        self.failed.into_inner()
    }

    /// Adds the fields that no type took to a list.
    pub(super) fn add_unread(self, list: &mut Vec<String>) {
        list.append(&mut self.unread.into_inner());
    }

    pub(super) fn fail(&self, path: &Path<'_>) {
        // The innermost value fails first.
        self.failed
            .borrow_mut()
            .get_or_insert_with(|| path.text(false));
    }

    pub(super) fn leave_unread(&self, path: &Path<'_>) {
        let mut unread = self.unread.borrow_mut();
        if unread.len() < UNREAD {
            let path = path.text(true);
            // The values of all groups have one path.
            if !unread.contains(&path) {
                unread.push(path);
            }
        }
    }
}

/// The way from a field to a value inside of it.
#[derive(Debug)]
pub(super) enum Path<'p> {
    Root(&'p str),
    Field(&'p Path<'p>, &'p str),
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Path<'_> {
    /// The path as Rust writes it. With `any`, it leaves out which group or element it is.
    fn text(&self, any: bool) -> String {
        let mut text = String::new();
        // Writing into a String does not fail.
        let _ = self.write(&mut text, any);
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(end);
            text.push('…');
        }
        text
    }

    fn write(&self, text: &mut String, any: bool) -> fmt::Result {
        match self {
            Self::Root(name) => text.write_str(name),
            Self::Field(parent, name) => {
                parent.write(text, any)?;
                write!(text, ".{name}")
            }
            Self::Key(parent, _) | Self::Index(parent, _) if any => {
                parent.write(text, any)?;
                text.write_str("[…]")
            }
            Self::Key(parent, key) => {
                parent.write(text, any)?;
                match key.char_indices().nth(SHOWN) {
                    Some((end, _)) => write!(text, "[{:?}…]", &key[..end]),
                    None => write!(text, "[{key:?}]"),
                }
            }
            Self::Index(parent, index) => {
                parent.write(text, any)?;
                write!(text, "[{index}]")
            }
        }
    }
}
