//! Stops a pipe from outside, as a signal does.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::sync::Arc;

/// Ends a pipe from another thread as if its input had ended: what was read is answered, open
/// batches are handed to the UDF, and it is stopped.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Holds a byte once the pipe is to stop.
    reader: Arc<PipeReader>,
    writer: Arc<PipeWriter>,
}

impl Stop {
    /// A stop that was not used yet.
    ///
    /// # Errors
    /// The system has no more descriptors.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Stop {
            reader: Arc::new(reader),
            writer: Arc::new(writer),
        })
    }

    /// Ends the pipe. More calls have no effect.
    pub fn stop(&self) {
        // One byte fits, and the reading end is open.
        let _ = (&*self.writer).write(&[0]);
    }

    pub(super) fn reader(&self) -> &PipeReader {
        &self.reader
    }
}
