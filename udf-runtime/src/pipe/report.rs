//! What a pipe reports, and where in the input it is.

use std::path::PathBuf;

use log::Level;

use super::outcome::count;
use super::{Outcome, PipeError};
use crate::line::LineError;

/// Takes what a pipe reports: each call is one message, which may have several lines, without the last
/// line break.
pub type Report<'a> = dyn FnMut(Level, &str) + 'a;

/// The line that is being handled.
#[derive(Debug, Default)]
pub(super) struct Position {
    pub(super) path: PathBuf,
    /// Counts the lines of the file, from 1.
    pub(super) line: u64,
}

impl Position {
    /// `FILE:LINE`, which editors and terminals take for a link; empty where no file is read.
    pub(super) fn place(&self) -> String {
        match self.path.as_os_str().to_str() {
            Some("") => String::new(),
            Some("-") => format!("stdin:{}", self.line),
            _ => format!("{}:{}", self.path.display(), self.line),
        }
    }

    /// What stands in front of a message about the line.
    pub(super) fn before_message(&self) -> String {
        match self.place() {
            place if place.is_empty() => place,
            place => place + ": ",
        }
    }
}

/// The reports of a pipe.
pub(super) struct Reports<'a> {
    report: &'a mut Report<'a>,
    has_reported_nul: bool,
}

impl<'a> Reports<'a> {
    pub(super) fn new(report: &'a mut Report<'a>) -> Self {
        Reports {
            report,
            has_reported_nul: false,
        }
    }

    #[cold]
    pub(super) fn bad_line(&mut self, at: &Position, error: &LineError) {
        self.warn(&format!(
            "{}:{}: {}",
            at.place(),
            error.column,
            error.reason
        ));
    }

    /// Reports NUL bytes once: a file that was not written to its end has thousands.
    #[cold]
    pub(super) fn skipped_nul(&mut self, at: &Position) {
        if !std::mem::replace(&mut self.has_reported_nul, true) {
            self.warn(&format!(
                "{}: NUL bytes are skipped here, as InfluxDB does (reported once)",
                at.place()
            ));
        }
    }

    pub(super) fn byte_order_mark(&mut self, at: &Position) {
        self.warn(&format!("{}: a byte order mark is skipped", at.place()));
    }

    pub(super) fn open_string(&mut self, at: &Position) {
        self.warn(&format!(
            "{}: waiting for the end of the string that begins in this line",
            at.place()
        ));
    }

    /// Reports what a line does not hold of its point.
    #[cold]
    pub(super) fn loss(&mut self, loss: &str) {
        self.warn(&format!("{loss} (reported once, then counted)"));
    }

    pub(super) fn warn(&mut self, text: &str) {
        (self.report)(Level::Warn, text);
    }

    pub(super) fn error(&mut self, error: &PipeError) {
        (self.report)(Level::Error, &format!("error: {error}"));
    }

    /// Reports what was done, in full for a person or where something went wrong.
    pub(super) fn end(&mut self, outcome: &Outcome, summary: bool) {
        let omitted = &outcome.omitted;
        if !omitted.is_empty() {
            self.warn(&format!(
                "not in the output, or not as sent: {}, {}, {}, {}",
                count(omitted.points, "point"),
                count(omitted.tags, "tag"),
                count(omitted.fields, "field"),
                count(omitted.unportable, "spelling"),
            ));
        }
        if summary {
            (self.report)(Level::Info, &outcome.to_string());
        } else if outcome.bad_lines > 0 {
            self.warn(&count(outcome.bad_lines, "bad line"));
        }
    }
}
