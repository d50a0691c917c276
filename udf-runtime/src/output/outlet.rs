//! Where the bytes of a [`ResponseWriter`](super::ResponseWriter) go.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::connection::Output;

/// Where bytes go: to Kapacitor, or to a writer that never waits.
pub(crate) enum Outlet {
    Connection(Output),
    Writer(Mutex<Box<dyn Write + Send>>),
}

impl Outlet {
    /// An outlet to a writer that never waits.
    pub(crate) fn to(writer: impl Write + Send + 'static) -> Self {
        Self::Writer(Mutex::new(Box::new(writer)))
    }

    /// Writes all bytes, until `deadline` if there is one.
    pub(super) fn write_all(&self, bytes: &[u8], deadline: Option<Instant>) -> io::Result<()> {
        match self {
            Self::Connection(output) => output.write_all(bytes, deadline),
            Self::Writer(writer) => {
                // What a panicking writer leaves is still a writer; the next write shows what it is worth.
                let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
                writer.write_all(bytes)?;
                writer.flush()
            }
        }
    }

    /// Writes what is taken at once.
    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Connection(output) => output.try_write(bytes),
            Self::Writer(_) => self.write_all(bytes, None).map(|()| bytes.len()),
        }
    }

    /// Reads the input ahead, as far as it goes without waiting.
    pub(super) fn read_ahead(&self) {
        if let Self::Connection(output) = self {
            output.read_ahead();
        }
    }
}
