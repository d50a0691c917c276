//! What a pipe waits for beside its input, so that it can be stopped.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::sync::Arc;

use crate::process::Stopper;

/// Lets a pipe be stopped. Its input then ends: the lines that were read are answered, open batches are
/// passed to the UDF, and the UDF is stopped.
#[derive(Clone, Debug)]
pub struct StopSignal {
    /// Holds a byte once the pipe is to stop.
    reader: Arc<PipeReader>,
    writer: Arc<PipeWriter>,
}

impl StopSignal {
    /// A signal that was not given yet.
    ///
    /// # Errors
    /// The system has no more descriptors.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Self {
            reader: Arc::new(reader),
            writer: Arc::new(writer),
        })
    }

    /// What gives the signal, from any thread.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        let writer = self.writer.clone();
        Stopper::new(move || {
            // One byte fits, and the reading end is open.
            let _ = (&*writer).write(&[0]);
        })
    }

    pub(super) fn reader(&self) -> &PipeReader {
        &self.reader
    }
}
