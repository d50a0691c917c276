//! Runs a pipe from its beginning to its end.

use std::io::Write;
use std::time::{Duration, Instant};

use udf_proto::{EdgeType, InitRequest};

use super::batches::Batches;
use super::frames::{FramesAsLines, SharedSink};
use super::group::Grouping;
use super::lines::Lines;
use super::reading::{Reading, check};
use super::report::{Position, Report, Reports};
use super::state::StateFile;
use super::stream::Descriptor;
use super::timers::Ticks;
use super::worker::{Halt, Worker};
use super::{Outcome, PipeConfig, PipeError, StopSignal};
use crate::agent::{Handler, Verdict};
use crate::line::Parser;
use crate::output::sealed::Sealed as _;
use crate::output::{Collected, Destination, Outlet, Output, ResponseWriter, Sender};
use crate::process::panics;

/// Where a pipe reads and writes.
#[non_exhaustive]
pub struct Streams<'a> {
    input: Descriptor,
    output: Box<dyn Write + Send>,
    report: &'a mut Report<'a>,
}

impl<'a> Streams<'a> {
    /// The standard input, the end that takes the lines, and what takes the reports.
    ///
    /// Lines are written in large pieces, so the output needs no buffer. Each report is one message
    /// with its level: bad lines and losses are warnings.
    #[must_use]
    pub fn new(
        input: Descriptor,
        output: Box<dyn Write + Send>,
        report: &'a mut (dyn FnMut(log::Level, &str) + 'a),
    ) -> Self {
        Streams {
            input,
            output,
            report,
        }
    }
}

impl std::fmt::Debug for Streams<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams")
            .field("input", &self.input)
            .finish_non_exhaustive()
    }
}

/// Runs a UDF between line protocol and line protocol, until the input ends, its output's reader
/// goes away, or it is stopped.
///
/// ```
/// use std::io::{self, Write};
/// use udf_runtime::pipe::{PipeConfig, Streams, run};
/// use udf_runtime::{UdfHandler, prelude::*};
///
/// /// Sends every point back.
/// #[udf(stream)]
/// struct Mirror;
///
/// impl OnPoint for Mirror {
///     fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
///         out.point(point)
///     }
/// }
///
/// let (input, mut lines) = io::pipe()?;
/// lines.write_all(b"cpu,host=a usage=12.5 1700000000000000000\n")?;
/// drop(lines);
/// let mut report = |_level, text: &str| eprintln!("{text}");
/// let streams = Streams::new(input.into(), Box::new(io::stdout()), &mut report);
/// let outcome = run(UdfHandler::<Mirror>::new(), &PipeConfig::new(), streams, None)?;
/// assert_eq!((outcome.points_in, outcome.points_out), (1, 1));
/// # Ok::<(), udf_runtime::Error>(())
/// ```
///
/// # Errors
/// The reason why it ended early; what the UDF had sent by then was written. A bad line is no error,
/// unless `config` is strict: it is counted in the [`Outcome`]. A file that cannot be read loses only
/// itself and those behind it: open batches are handed to the UDF, and it is stopped. A file that is
/// missing is reported before anything is read.
pub fn run<H: Handler>(
    mut handler: H,
    config: &PipeConfig,
    streams: Streams<'_>,
    stop: Option<&StopSignal>,
) -> Result<Outcome, PipeError> {
    let started = Instant::now();
    let Streams {
        input,
        output,
        report,
    } = streams;
    check(&config.files)?;
    let sink = SharedSink::new(output, config.precision);
    let writer = ResponseWriter::new(
        Outlet::to(FramesAsLines::new(sink.clone())),
        H::Output::EDGE,
        i32::MAX as usize,
    );
    // Unlike Kapacitor, a pipe takes what is sent at any time. Nothing is held yet that could fail.
    let _ = writer.open();

    let state = config.state.as_deref();
    let state = state.map(|path| StateFile::new(path, config.state_every));
    let begun = panics::catch(|| {
        begin(
            &mut handler,
            config,
            Sender::new(writer.clone()),
            state.as_ref(),
        )
    });
    let batches = begun.unwrap_or_else(|message| {
        Err(PipeError::Panic {
            at: String::new(),
            message,
        })
    })?;
    let ticks = handler.tick_every().map(Ticks::new);
    let mut worker = Worker {
        handler,
        out: H::Output::to(Destination::Collected(Collected::default())),
        lines: Lines::new(config.precision),
        sink,
        grouping: Grouping::new(config.group_by.clone(), config.by_name),
        batches,
        parser: Parser::new(config.precision),
        ticks,
        state,
        position: Position::default(),
        reports: Reports::new(report),
        outcome: Outcome::default(),
    };
    let reading = Reading {
        files: &config.files,
        stdin: input,
        precision: config.precision,
        strict: config.strict,
        stop,
    };
    let mut cut_short = None;
    let ended = panics::catch(|| work(reading, &mut worker, &mut cut_short));
    // A sender of another thread is refused from here on.
    let _ = writer.close(&[]);
    finish(worker, ended, cut_short, started, config.summary)
}

/// Asks for the edge, hands over the options and the last state. Returns where batches gather, if the
/// UDF wants any.
fn begin<H: Handler>(
    handler: &mut H,
    config: &PipeConfig,
    sender: Sender,
    state: Option<&StateFile>,
) -> Result<Option<Batches>, PipeError> {
    let failed = |error| PipeError::Udf {
        at: String::new(),
        error,
    };
    let wants = handler.info().map_err(failed)?.wants;
    let period = match config.period {
        Some(_) if wants == EdgeType::Stream => return Err(PipeError::PeriodOfStream),
        Some(Duration::ZERO) => return Err(PipeError::Period),
        Some(period) => Some(i64::try_from(period.as_nanos()).map_err(|_| PipeError::Period)?),
        None => None,
    };
    let init = InitRequest {
        options: config.options.clone(),
        task_id: "pipe".to_owned(),
        node_id: config.node_id.clone(),
    };
    if let Verdict::Refused(reason) = handler.init(init, sender).map_err(failed)? {
        return Err(PipeError::Refused(reason));
    }
    if let Some(state) = state {
        state.restore(handler)?;
    }
    Ok((wants == EdgeType::Batch).then(|| Batches::new(period)))
}

/// Reads everything, then ends the UDF. `cut_short` is why not all of the input was read.
fn work<H: Handler>(
    reading: Reading<'_>,
    worker: &mut Worker<'_, H>,
    cut_short: &mut Option<PipeError>,
) -> Result<(), Halt> {
    match reading.all(worker) {
        // What was read before is not lost.
        Err(Halt::Failed(error @ (PipeError::Read { .. } | PipeError::BadLine))) => {
            *cut_short = Some(error);
        }
        read => read?,
    }
    worker.position = Position::default();
    worker.end_batches()?;
    worker.flush()?;
    // Before `stop`, which may empty the state: a later run goes on where the input ended. Not after
    // a failure, so that a repeated run begins where this one did.
    if cut_short.is_none() {
        worker.save()?;
    }
    worker.stop()?;
    worker.flush()
}

/// Writes what is left, and reports what was done.
fn finish<H: Handler>(
    mut worker: Worker<'_, H>,
    ended: Result<Result<(), Halt>, String>,
    cut_short: Option<PipeError>,
    started: Instant,
    summary: bool,
) -> Result<Outcome, PipeError> {
    let ended = ended.unwrap_or_else(|message| {
        worker.collect(None);
        Err(Halt::Failed(PipeError::Panic {
            at: worker.position.before_message(),
            message,
        }))
    });
    let mut failed = cut_short;
    match ended {
        Ok(()) => {}
        Err(Halt::OutputClosed) => {
            worker.outcome.output_closed = true;
            // The UDF may have more to do at its end than to send.
            let _ = panics::catch(|| worker.handler.stop(&mut worker.out));
        }
        Err(Halt::Failed(error)) => {
            // What was sent before the failure goes out before its report.
            let _ = worker.flush();
            if let Some(first) = failed.replace(error) {
                worker.reports.error(&first);
            }
        }
    }
    let Worker {
        lines,
        sink,
        mut reports,
        mut outcome,
        ..
    } = worker;
    let mut sent = sink.lock();
    for loss in sent.lines.new_losses.drain(..) {
        reports.loss(&loss);
    }
    outcome.points_out = lines.points + sent.lines.points;
    outcome.omitted = lines.omitted;
    outcome.omitted += std::mem::take(&mut sent.lines.omitted);
    outcome.elapsed = started.elapsed();
    drop(sent);
    reports.end(&outcome, summary);
    failed.map_or(Ok(outcome), Err)
}
