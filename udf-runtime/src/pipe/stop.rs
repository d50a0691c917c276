//! The end of a pipe from outside, as by a signal.

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
    /// One that has not been stopped.
    ///
    /// # Errors
    /// Where the system has no more descriptors.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Stop {
            reader: Arc::new(reader),
            writer: Arc::new(writer),
        })
    }

    /// Ends the pipe. To be called once or a few times.
    pub fn stop(&self) {
        // One byte always fits, and the reading end is here.
        let _ = (&*self.writer).write(&[0]);
    }

    pub(super) fn reader(&self) -> &PipeReader {
        &self.reader
    }
}
