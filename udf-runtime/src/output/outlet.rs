//! The destination of a [`ResponseWriter`](super::ResponseWriter)'s bytes.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::connection::Output;

/// The destination of bytes: Kapacitor, or a writer that never blocks.
pub(crate) enum Outlet {
    Connection(Output),
    Writer(Mutex<Box<dyn Write + Send>>),
}

impl Outlet {
    /// Creates an outlet to a writer that never blocks.
    pub(crate) fn to(writer: impl Write + Send + 'static) -> Self {
        Self::Writer(Mutex::new(Box::new(writer)))
    }

    /// Writes all bytes, until `deadline` if there is one.
    pub(super) fn write_all(&self, bytes: &[u8], deadline: Option<Instant>) -> io::Result<()> {
        match self {
            Self::Connection(output) => output.write_all(bytes, deadline),
            Self::Writer(writer) => {
                // A writer that panicked is used again. If it is broken, its next write fails.
                let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
                writer.write_all(bytes)?;
                writer.flush()
            }
        }
    }

    /// Writes as much as possible without blocking.
    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Connection(output) => output.try_write(bytes),
            Self::Writer(_) => self.write_all(bytes, None).map(|()| bytes.len()),
        }
    }

    /// Reads the available input ahead, without blocking.
    pub(super) fn read_ahead(&self) {
        if let Self::Connection(output) = self {
            output.read_ahead();
        }
    }
}
