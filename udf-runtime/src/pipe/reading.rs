//! Reads the input of a pipe, and does what is due meanwhile.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::config::is_stdin;
use super::input::{BadLine, Input, LONGEST_LINE};
use super::report::Position;
use super::stream::{Descriptor, Stream};
use super::worker::{Halt, Worker};
use super::{PipeError, StopSignal};
use crate::agent::Handler;
use crate::line::{LineError, Parser, Precision, Reason, Scanned};

/// Reads the input of a pipe.
pub(super) struct Reading<'a> {
    pub(super) files: &'a [PathBuf],
    pub(super) stdin: Descriptor,
    pub(super) precision: Precision,
    pub(super) strict: bool,
    pub(super) stop: Option<&'a StopSignal>,
}

/// What ends a wait.
enum Waited {
    Input,
    Tick,
    /// The state is to be written.
    Save,
    /// The end of a string has not come for a while.
    OpenString,
    Stop,
}

impl Reading<'_> {
    /// Reads everything, unless the pipe is stopped.
    pub(super) fn all<H: Handler>(self, worker: &mut Worker<'_, H>) -> Result<(), Halt> {
        let stdin_alone = [PathBuf::from("-")];
        let files = match self.files {
            [] => &stdin_alone,
            files => files,
        };
        let mut stdin = Some(self.stdin);
        let mut parser = Parser::new(self.precision);
        for path in files {
            let opened = if is_stdin(path) {
                let stdin = stdin.take().ok_or_else(read_twice);
                stdin
                    .and_then(Stream::of)
                    .map(|stdin| Input::new(path, stdin))
            } else {
                Input::open(path)
            };
            let mut input = opened.map_err(|error| unreadable(path, error))?;
            worker.position = Position {
                path: path.clone(),
                line: 1,
            };
            let mut reader = Reader {
                input: &mut input,
                parser: &mut parser,
                strict: self.strict,
                stop: self.stop,
            };
            if !reader.read(worker)? {
                break;
            }
        }
        Ok(())
    }
}

/// Reads one file or stream.
struct Reader<'a> {
    input: &'a mut Input,
    parser: &'a mut Parser,
    strict: bool,
    stop: Option<&'a StopSignal>,
}

impl Reader<'_> {
    /// Reads to the end; `false` where the pipe was stopped before.
    fn read<H: Handler>(&mut self, worker: &mut Worker<'_, H>) -> Result<bool, Halt> {
        loop {
            self.handle_lines(worker)?;
            worker.flush()?;
            if self.input.is_at_end() {
                return Ok(true);
            }
            let waited = self.wait(worker);
            match waited.map_err(|error| unreadable(&self.input.path, error))? {
                Waited::Stop => return Ok(false),
                Waited::Tick => worker.tick()?,
                Waited::Save => worker.save()?,
                Waited::OpenString => {
                    if self.input.give_up_waiting(self.parser) {
                        worker.reports.open_string(&worker.position);
                    }
                }
                Waited::Input => {
                    if let Some(ticks) = &mut worker.ticks {
                        ticks.input_came();
                    }
                    self.fill(worker)?;
                }
            }
        }
    }

    /// Reads once.
    fn fill<H: Handler>(&mut self, worker: &mut Worker<'_, H>) -> Result<(), Halt> {
        let filled = self.input.fill();
        if filled.map_err(|error| unreadable(&self.input.path, error))? {
            self.bad_line(
                worker,
                &LineError {
                    column: LONGEST_LINE + 1,
                    reason: Reason::TooLong(LONGEST_LINE),
                },
            )?;
            worker.position.line += 1;
        }
        if self.input.take_byte_order_mark() {
            worker.reports.byte_order_mark(&worker.position);
        }
        Ok(())
    }

    /// Hands all lines that have come to the UDF.
    fn handle_lines<H: Handler>(&mut self, worker: &mut Worker<'_, H>) -> Result<(), Halt> {
        loop {
            let lines = self.input.lines();
            if lines.is_empty() {
                return Ok(());
            }
            let (end, breaks) = match self.parser.scan(lines) {
                Ok(Scanned::Nothing { end }) => (end, 0),
                Ok(Scanned::Point { line, end }) => {
                    if line.has_skipped_nul() {
                        worker.reports.skipped_nul(&worker.position);
                    }
                    worker.line(&line)?;
                    (end, line.breaks())
                }
                Err(error) => match self.input.bad_line(&error, self.parser) {
                    BadLine::Unfinished => return Ok(()),
                    BadLine::Ends(end) => {
                        // Where the loss ends before the error, the shorter line has another one.
                        let line = &self.input.lines()[..end];
                        let own = (error.column > end + 1).then(|| self.parser.scan(line).err());
                        let error = own.flatten().unwrap_or(error);
                        self.bad_line(worker, &error)?;
                        (end, self.input.breaks(end))
                    }
                },
            };
            self.input.take(end);
            worker.position.line += 1 + breaks;
            if let Some(state) = &mut worker.state {
                state.has_changed();
            }
        }
    }

    #[cold]
    fn bad_line<H: Handler>(
        &self,
        worker: &mut Worker<'_, H>,
        error: &LineError,
    ) -> Result<(), Halt> {
        worker.outcome.bad_lines += 1;
        worker.reports.bad_line(&worker.position, error);
        if self.strict {
            Err(Halt::Failed(PipeError::BadLine))
        } else {
            Ok(())
        }
    }

    /// Waits until there is input, something is due or the pipe is to stop.
    fn wait<H: Handler>(&self, worker: &Worker<'_, H>) -> io::Result<Waited> {
        let tick = worker.ticks.as_ref();
        let save = worker.state.as_ref().and_then(|state| state.due());
        let string = self.input.waits_until();
        let due = [tick.map(|tick| tick.next()), save, string];
        let next = due.into_iter().flatten().min();
        let is_past = |due: Option<Instant>| due.is_some_and(|due| due <= Instant::now());
        loop {
            let left = next.map(|next| next.saturating_duration_since(Instant::now()));
            // A signal ends the wait as well. The next round finds out whether it is one to stop.
            let ready = self.input.stream.wait(self.stop, left)?;
            if ready.is_stopped {
                return Ok(Waited::Stop);
            }
            if is_past(save) {
                return Ok(Waited::Save);
            }
            if tick.is_some_and(|tick| tick.is_due(ready.has_input)) {
                return Ok(Waited::Tick);
            }
            if ready.has_input {
                return Ok(Waited::Input);
            }
            if is_past(string) {
                return Ok(Waited::OpenString);
            }
        }
    }
}

/// Checks all files, so that a missing one is reported before work begins.
pub(super) fn check(files: &[PathBuf]) -> Result<(), PipeError> {
    let mut is_read = false;
    for path in files {
        let checked = if !is_stdin(path) {
            Input::check(path)
        } else if std::mem::replace(&mut is_read, true) {
            Err(read_twice())
        } else {
            Ok(())
        };
        checked.map_err(|error| PipeError::Read {
            path: path.clone(),
            error,
        })?;
    }
    Ok(())
}

fn read_twice() -> io::Error {
    io::Error::other("the standard input can be read once")
}

fn unreadable(path: &Path, error: io::Error) -> Halt {
    Halt::Failed(PipeError::Read {
        path: path.to_owned(),
        error,
    })
}
