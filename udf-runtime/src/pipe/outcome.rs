//! How a pipe has ended.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::Error;
use crate::line::Omitted;

/// What a pipe did, when it came to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// Points that were read.
    pub points_in: u64,
    /// Points that were written.
    pub points_out: u64,
    /// Lines that were bad, each of which was reported.
    pub bad_lines: u64,
    /// What was sent and is not in the output, or not as it was sent.
    pub omitted: Omitted,
    /// Whether the reader of the output has gone, which is no failure.
    pub output_closed: bool,
    /// The time from its beginning to its end.
    pub elapsed: Duration,
}

impl Outcome {
    /// The exit code of a process that runs this pipe alone: 0, or 1 where a line was bad.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        u8::from(self.bad_lines > 0)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} in, {} out, {}, {:.3} s",
            count(self.points_in, "point"),
            count(self.points_out, "point"),
            count(self.bad_lines, "bad line"),
            self.elapsed.as_secs_f64()
        )
    }
}

/// A number with its noun.
pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// What ends a pipe early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipeError {
    /// A period was given for a UDF that wants a stream.
    #[error("a period makes batches, but this UDF wants a stream")]
    PeriodOfStream,
    /// The period is zero, or too long for nanoseconds in 64 bits.
    #[error("expected a period above zero and below 292 years")]
    Period,
    /// The UDF refused its options.
    #[error("{0}")]
    Refused(String),
    /// A file could not be read.
    #[error("{}: {error}", path.display())]
    Read {
        /// The file; `-` for the standard input.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// The file of the state could not be read or written, or the UDF refused the state in it.
    #[error("state file {}: {error}", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// The output could not be written, though its reader is still there.
    #[error("writing failed: {0}")]
    Write(io::Error),
    /// A line was bad, and the pipe is strict. The line was reported.
    #[error("stopped at the first bad line")]
    BadLine,
    /// The UDF failed.
    #[error("{at}{error}")]
    Udf {
        /// The line that it had: `FILE:LINE: `, or empty.
        at: String,
        /// Its error.
        error: Error,
    },
    /// The UDF panicked.
    #[error("{at}the UDF panicked: {message}")]
    Panic {
        /// The line that it had: `FILE:LINE: `, or empty.
        at: String,
        /// The panic's message.
        message: String,
    },
}

impl PipeError {
    /// The exit code of a process that runs this pipe alone: 2 for wrong usage, or 1.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            PipeError::PeriodOfStream | PipeError::Period | PipeError::Refused(_) => 2,
            _ => 1,
        }
    }
}
