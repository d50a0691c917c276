//! Cuts texts to a length that fits Kapacitor's log and a task's status.
//!
//! Kapacitor stops reading a UDF's standard error at a line of 64 KiB.

use std::borrow::Cow;

/// Largest text in bytes: far below the 64 KiB at which Kapacitor stops reading.
pub(crate) const MAX_TEXT: usize = 16 * 1024;

/// Returns the text, or its beginning and its length if it is longer than [`MAX_TEXT`].
pub(crate) fn cut(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_TEXT {
        return Cow::Borrowed(text);
    }
    let mut end = MAX_TEXT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(format!("{}… ({} bytes in all)", &text[..end], text.len()))
}
