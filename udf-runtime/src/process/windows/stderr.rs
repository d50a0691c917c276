//! Writes to standard error. A write waits for the reader: safe code cannot give up on it.

use std::io::{self, Write as _};

/// Writes a text.
///
/// # Errors
/// Those of the system.
pub(crate) fn write_all(text: &[u8]) -> io::Result<()> {
    io::stderr().write_all(text)
}
