//! The UDF of a pipe: hands it lines, and writes what it sends.

use std::io::ErrorKind;

use udf_proto::{BeginBatch, EndBatch};

use super::batches::{Batches, OpenBatch};
use super::frames::SharedSink;
use super::group::{Grouping, batched_point};
use super::lines::{Lines, Source};
use super::report::{Position, Reports};
use super::state::StateFile;
use super::timers::Ticks;
use super::{Outcome, PipeError};
use crate::agent::Handler;
use crate::error::Error;
use crate::line::{Line, Parser};
use crate::output::Destination;
use crate::output::sealed::Sealed as _;
use crate::process::clock;

/// Bytes of output that are written though more input is there.
const WRITE_FROM: usize = 64 * 1024;

/// Why a pipe ends before its input does.
pub(super) enum Halt {
    /// The reader of the output has gone.
    OutputClosed,
    Failed(PipeError),
}

/// A UDF with its input's groups and its output.
pub(super) struct Worker<'a, H: Handler> {
    pub(super) handler: H,
    pub(super) out: H::Output,
    /// Lines that are not written yet.
    pub(super) lines: Lines,
    pub(super) sink: SharedSink,
    pub(super) grouping: Grouping,
    /// For a UDF that wants batches.
    pub(super) batches: Option<Batches>,
    /// Reads the lines of batches.
    pub(super) parser: Parser,
    pub(super) ticks: Option<Ticks>,
    pub(super) state: Option<StateFile>,
    pub(super) position: Position,
    pub(super) reports: Reports<'a>,
    pub(super) outcome: Outcome,
}

impl<H: Handler> Worker<'_, H> {
    /// Hands the point of a line to the UDF, or adds it to its batch.
    pub(super) fn line(&mut self, line: &Line<'_>) -> Result<(), Halt> {
        self.outcome.points_in += 1;
        let time = line.time().unwrap_or_else(clock::now);
        let group = self.grouping.of(line);
        match &mut self.batches {
            None => {
                let mut point = group.point(line, time);
                let number = self.outcome.points_in;
                point.set_source(number);
                let done = self.handler.point(point, &mut self.out);
                self.collect(Some(&Source {
                    line: *line,
                    number,
                }));
                done.map_err(|error| self.failed(error))?;
                self.flush_if_much()
            }
            Some(batches) => match batches.add(group.id, line, time) {
                Some(ended) => self.batch(&ended),
                None => Ok(()),
            },
        }
    }

    /// Hands the batches that are open to the UDF.
    pub(super) fn end_batches(&mut self) -> Result<(), Halt> {
        let open = self.batches.as_mut().map(Batches::end);
        for batch in open.into_iter().flatten() {
            self.batch(&batch)?;
        }
        Ok(())
    }

    fn batch(&mut self, batch: &OpenBatch) -> Result<(), Halt> {
        let done = self.hand_over(batch);
        self.collect(None);
        done.map_err(|error| self.failed(error))?;
        self.flush_if_much()
    }

    fn hand_over(&mut self, batch: &OpenBatch) -> crate::error::Result<()> {
        let mut begun: Option<BeginBatch> = None;
        for (time, text) in batch.lines() {
            // It was read once already, so it is a good line.
            let Some(line) = self.parser.parse(text)? else {
                continue;
            };
            let begin = match &mut begun {
                Some(begin) => begin,
                None => {
                    let begin = self.grouping.of(&line).begin(&line, batch.points);
                    self.handler.begin_batch(begin.clone(), &mut self.out)?;
                    begun.insert(begin)
                }
            };
            let point = batched_point(&begin.group, &line, time);
            self.handler.point(point, &mut self.out)?;
        }
        let Some(BeginBatch {
            name,
            group,
            tags,
            by_name,
            ..
        }) = begun
        else {
            return Ok(());
        };
        let end = EndBatch {
            name,
            group,
            tmax: batch.tmax,
            tags,
            by_name,
        };
        self.handler.end_batch(end, &mut self.out)
    }

    pub(super) fn tick(&mut self) -> Result<(), Halt> {
        let done = self.handler.tick(clock::now(), &mut self.out);
        self.collect(None);
        if let Some(ticks) = &mut self.ticks {
            ticks.ticked();
        }
        done.map_err(|error| self.failed(error))
    }

    pub(super) fn stop(&mut self) -> Result<(), Halt> {
        let done = self.handler.stop(&mut self.out);
        self.collect(None);
        done.map_err(|error| self.failed(error))
    }

    /// Writes the state to its file, if there is one. All output that came of it must be written.
    pub(super) fn save(&mut self) -> Result<(), Halt> {
        match &mut self.state {
            Some(state) => state.save(&mut self.handler).map_err(Halt::Failed),
            None => Ok(()),
        }
    }

    /// Takes what the UDF has sent.
    #[inline]
    pub(super) fn collect(&mut self, source: Option<&Source<'_>>) {
        let Destination::Collected(collected) = self.out.target() else {
            return;
        };
        for point in collected.points.drain(..) {
            self.lines.point(&point, source);
        }
        for batch in collected.batches.drain(..) {
            self.lines.batch(&batch);
        }
    }

    #[inline]
    fn flush_if_much(&mut self) -> Result<(), Halt> {
        if self.lines.text.len() >= WRITE_FROM {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Writes the lines that wait, and reports what they do not hold.
    pub(super) fn flush(&mut self) -> Result<(), Halt> {
        for loss in self.lines.new_losses.drain(..) {
            self.reports.loss(&loss);
        }
        self.sink
            .write(&mut self.lines.text)
            .map_err(|error| match error.kind() {
                ErrorKind::BrokenPipe => Halt::OutputClosed,
                _ => Halt::Failed(PipeError::Write(error)),
            })
    }

    #[cold]
    fn failed(&self, error: Error) -> Halt {
        Halt::Failed(PipeError::Udf {
            at: self.position.before_message(),
            error,
        })
    }
}
