//! Prints of a UDF. They go where they would go without this crate: safe code cannot redirect them.

use std::io;

pub(crate) fn relay() -> io::Result<()> {
    Ok(())
}

pub(crate) fn finish() {}
