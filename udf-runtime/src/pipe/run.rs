//! The pipe at work.

use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use udf_proto::{BeginBatch, EdgeType, EndBatch, InitRequest};

use super::batches::{Batches, Gathered};
use super::frames::{FramesAsLines, SharedSink};
use super::group::{Grouping, fill};
use super::input::{BadLine, Input, LONGEST_LINE};
use super::lines::{Lines, Source};
use super::outcome::count;
use super::{Outcome, PipeConfig, PipeError, Stop};
use crate::agent::{Handler, Verdict};
use crate::data::Point;
use crate::error::Error;
use crate::line::{Line, LineError, Parser, Reason, Scanned};
use crate::output::sealed::Sealed as _;
use crate::output::{Collected, Destination, Outlet, ResponseWriter};
use crate::output::{Output, Sender};
use crate::process::poll;
use crate::process::{clock, panics};

/// Bytes of output after which it is written, though more input is there.
const GATHER: usize = 64 * 1024;

/// Where a pipe reads and writes.
pub struct Streams<'a> {
    /// The standard input.
    pub input: OwnedFd,
    /// Takes the lines, in large pieces: no buffer is needed.
    pub output: Box<dyn Write + Send>,
    /// Takes the reports of bad lines, and the summary.
    pub errors: &'a mut dyn Write,
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
/// let streams = Streams {
///     input: input.into(),
///     output: Box::new(io::stdout()),
///     errors: &mut io::stderr(),
/// };
/// let outcome = run(UdfHandler::<Mirror>::new(), &PipeConfig::default(), streams, None)?;
/// assert_eq!((outcome.points_in, outcome.points_out), (1, 1));
/// # Ok::<(), udf_runtime::Error>(())
/// ```
///
/// # Errors
/// Whatever ended it before its time; what the UDF had sent by then was written. A bad line is
/// none, unless `config` says so: it is counted in the [`Outcome`]. Of a file that cannot be read
/// nothing is lost but the file and those behind it: open batches are handed to the UDF, and it is
/// stopped. One that is missing is told before anything is read.
pub fn run<H: Handler>(
    mut handler: H,
    config: &PipeConfig,
    streams: Streams<'_>,
    stop: Option<&Stop>,
) -> Result<Outcome, PipeError> {
    let started = Instant::now();
    let Streams {
        input,
        output,
        errors,
    } = streams;
    check(&config.files)?;
    let sink = SharedSink::new(output, config.precision);
    let writer = ResponseWriter::new(
        Outlet::to(FramesAsLines::new(sink.clone())),
        H::Output::EDGE,
        i32::MAX as usize,
    );
    // Unlike Kapacitor, a pipe takes what is sent at any time; nothing is held yet that could fail.
    let _ = writer.open();

    let mut pipe = {
        let begun = panics::catch(|| begin(&mut handler, config, Sender::new(writer.clone())));
        let batches = begun.unwrap_or_else(|message| {
            Err(PipeError::Panic {
                at: String::new(),
                message,
            })
        })?;
        let tick = handler.tick_every();
        Pipe {
            handler,
            out: H::Output::to(Destination::Collected(Collected::default())),
            lines: Lines::new(config.precision),
            sink,
            errors,
            grouping: Grouping::new(config.group_by.clone(), config.by_name),
            batches,
            parser: Parser::new(config.precision),
            clock: tick.map(|every| Clock {
                every,
                next: Instant::now() + every,
                has_ticked: false,
            }),
            stop,
            position: Position::default(),
            told_omitted: false,
            strict: config.strict,
            cut_short: None,
            outcome: Outcome::default(),
        }
    };
    let ended = panics::catch(|| pipe.drive(&config.files, input));
    // After it has ended, nobody sends any more.
    let _ = writer.close(&[]);
    pipe.finish(ended, started, config.summary)
}

/// Looks at all files, so that one that is missing is told before work begins.
fn check(files: &[PathBuf]) -> Result<(), PipeError> {
    let mut is_read = false;
    for path in files {
        let checked = if path.as_os_str() != "-" {
            Input::check(path)
        } else if std::mem::replace(&mut is_read, true) {
            Err(io::Error::other("it is read already"))
        } else {
            Ok(())
        };
        checked.map_err(|error| unreadable(path, error))?;
    }
    Ok(())
}

/// Asks for the edge and hands over the options; returns where batches gather, if any are wanted.
fn begin<H: Handler>(
    handler: &mut H,
    config: &PipeConfig,
    sender: Sender,
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
    match handler.init(init, sender).map_err(failed)? {
        Verdict::Accepted => Ok((wants == EdgeType::Batch).then(|| Batches::new(period))),
        Verdict::Refused(reason) => Err(PipeError::Refused(reason)),
    }
}

struct Pipe<'a, H: Handler> {
    handler: H,
    out: H::Output,
    /// What is not yet written.
    lines: Lines,
    sink: SharedSink,
    errors: &'a mut dyn Write,
    grouping: Grouping,
    /// For a UDF that wants batches.
    batches: Option<Batches>,
    /// Reads the lines of batches.
    parser: Parser,
    clock: Option<Clock>,
    stop: Option<&'a Stop>,
    position: Position,
    told_omitted: bool,
    strict: bool,
    /// Why not all of the input was read.
    cut_short: Option<PipeError>,
    outcome: Outcome,
}

/// When the UDF is called by the clock.
struct Clock {
    every: Duration,
    next: Instant,
    /// It was not input that came last.
    has_ticked: bool,
}

/// The line that is worked on.
#[derive(Default)]
struct Position {
    path: PathBuf,
    line: u64,
}

impl Position {
    /// What stands in front of a message about the line.
    fn shown(&self) -> String {
        match self.path.as_os_str().to_str() {
            Some("") => String::new(),
            Some("-") => format!("stdin:{}: ", self.line),
            _ => format!("{}:{}: ", self.path.display(), self.line),
        }
    }
}

/// Why work ends.
enum Halt {
    /// Nobody reads the output.
    OutputClosed,
    Failed(PipeError),
}

/// What a wait for input has brought.
enum Waited {
    Input,
    Tick,
    Stop,
}

impl<H: Handler> Pipe<'_, H> {
    /// Reads everything, then ends the UDF.
    fn drive(&mut self, files: &[PathBuf], stdin: OwnedFd) -> Result<(), Halt> {
        match self.read_all(files, stdin) {
            // What was read before is not to be lost.
            Err(Halt::Failed(error @ (PipeError::Read { .. } | PipeError::BadLine))) => {
                self.cut_short = Some(error);
            }
            read => read?,
        }
        self.position = Position::default();
        let open = self.batches.as_mut().map(Batches::end);
        for batch in open.into_iter().flatten() {
            self.batch(&batch)?;
        }
        self.stop_udf()?;
        self.flush()
    }

    fn read_all(&mut self, files: &[PathBuf], stdin: OwnedFd) -> Result<(), Halt> {
        let stdin_alone = [PathBuf::from("-")];
        let files = if files.is_empty() {
            &stdin_alone
        } else {
            files
        };
        let mut stdin = Some(stdin);
        let mut parser = Parser::new(self.lines.precision());
        for path in files {
            let opened = if path.as_os_str() == "-" {
                stdin
                    .take()
                    .map(|stdin| Input::new(path, stdin.into()))
                    .ok_or_else(|| io::Error::other("it is read already"))
            } else {
                Input::open(path)
            };
            let mut input = opened.map_err(|error| Halt::Failed(unreadable(path, error)))?;
            self.position = Position {
                path: path.clone(),
                line: 1,
            };
            if !self.read(&mut input, &mut parser)? {
                break;
            }
        }
        Ok(())
    }

    /// Reads an input to its end; `false` where it was stopped before.
    fn read(&mut self, input: &mut Input, parser: &mut Parser) -> Result<bool, Halt> {
        loop {
            self.answer(input, parser)?;
            self.flush()?;
            if input.is_at_end() {
                return Ok(true);
            }
            let waited = self.wait(input);
            match waited.map_err(|error| Halt::Failed(unreadable(&input.path, error)))? {
                Waited::Stop => return Ok(false),
                Waited::Tick => self.tick()?,
                Waited::Input => {
                    if let Some(clock) = &mut self.clock {
                        clock.has_ticked = false;
                    }
                    let filled = input.fill();
                    if filled.map_err(|error| Halt::Failed(unreadable(&input.path, error)))? {
                        let reason = Reason::TooLong(LONGEST_LINE);
                        self.report(&LineError {
                            column: LONGEST_LINE + 1,
                            reason,
                        })?;
                        self.position.line += 1;
                    }
                }
            }
        }
    }

    /// Hands all lines that have come to the UDF.
    fn answer(&mut self, input: &mut Input, parser: &mut Parser) -> Result<(), Halt> {
        loop {
            let lines = input.lines();
            if lines.is_empty() {
                return Ok(());
            }
            let (end, breaks) = match parser.scan(lines) {
                Ok(Scanned::Nothing { end }) => (end, 0),
                Ok(Scanned::Point { line, end }) => {
                    self.line(&line)?;
                    (end, line.breaks())
                }
                Err(error) => match input.bad_line(&error) {
                    BadLine::Unfinished => return Ok(()),
                    BadLine::Ends(end) => {
                        self.report(&error)?;
                        (end, input.breaks(end))
                    }
                },
            };
            input.take(end);
            self.position.line += 1 + breaks;
        }
    }

    /// Hands the point of a line to the UDF, or to its batch.
    fn line(&mut self, line: &Line<'_>) -> Result<(), Halt> {
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
            }
            Some(batches) => {
                if let Some(batch) = batches.add(group.id, line, time) {
                    self.batch(&batch)?;
                }
            }
        }
        if self.lines.text.len() >= GATHER {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Hands a batch to the UDF.
    fn batch(&mut self, batch: &Gathered) -> Result<(), Halt> {
        let done = self.hand_over(batch);
        self.collect(None);
        done.map_err(|error| self.failed(error))?;
        if self.lines.text.len() >= GATHER {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn hand_over(&mut self, batch: &Gathered) -> crate::error::Result<()> {
        let mut begun: Option<BeginBatch> = None;
        for (time, text) in batch.lines() {
            // It was read once already.
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
            // As Kapacitor sends it: name and dimensions are the batch's.
            let mut point = Point::new("");
            point.set_time(time);
            point.set_group(&begin.group);
            fill(&mut point, &line);
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

    fn tick(&mut self) -> Result<(), Halt> {
        let done = self.handler.tick(clock::now(), &mut self.out);
        self.collect(None);
        if let Some(clock) = &mut self.clock {
            // A tick that is late is not made up for.
            clock.next = Instant::now() + clock.every;
            clock.has_ticked = true;
        }
        done.map_err(|error| self.failed(error))
    }

    fn stop_udf(&mut self) -> Result<(), Halt> {
        let done = self.handler.stop(&mut self.out);
        self.collect(None);
        done.map_err(|error| self.failed(error))
    }

    /// Takes what the UDF has sent.
    #[inline]
    fn collect(&mut self, source: Option<&Source<'_>>) {
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

    /// Writes the lines that have gathered.
    fn flush(&mut self) -> Result<(), Halt> {
        if !self.told_omitted && !self.lines.omitted.is_empty() {
            self.told_omitted = true;
            self.tell(
                "something that the UDF sent cannot be written in line protocol (a NaN, an \
                 infinity, a line break in a tag, …) and is left out; more of it is only counted",
            );
        }
        self.sink
            .write(&mut self.lines.text)
            .map_err(|error| match error.kind() {
                ErrorKind::BrokenPipe => Halt::OutputClosed,
                _ => Halt::Failed(PipeError::Write(error)),
            })
    }

    /// Waits until there is input, the clock is due or the pipe is to stop.
    fn wait(&self, input: &Input) -> io::Result<Waited> {
        let input = input.file.as_fd();
        let stop = self.stop.map(|stop| stop.reader().as_fd());
        loop {
            let left = self
                .clock
                .as_ref()
                .map(|clock| clock.next.saturating_duration_since(Instant::now()));
            let mut ends = [input, stop.unwrap_or(input)]
                .map(|end| PollFd::from_borrowed_fd(end, PollFlags::IN));
            // A signal ends the wait, too: whether it is one to stop, the next round finds out.
            poll::wait(&mut ends, left)?;
            let [readable, stopped] = ends.map(|end| !end.revents().is_empty());
            if stop.is_some() && stopped {
                return Ok(Waited::Stop);
            }
            // Input that is there comes between two ticks, however long they take.
            let is_due =
                |clock: &Clock| clock.next <= Instant::now() && !(readable && clock.has_ticked);
            if self.clock.as_ref().is_some_and(is_due) {
                return Ok(Waited::Tick);
            }
            if readable {
                return Ok(Waited::Input);
            }
        }
    }

    /// Tells of a bad line.
    #[cold]
    fn report(&mut self, error: &LineError) -> Result<(), Halt> {
        self.outcome.bad_lines += 1;
        // `FILE:LINE:COLUMN: ` is what editors and terminals take for a link.
        let at = self.position.shown();
        self.tell(&format!(
            "{}:{}: {}",
            at.trim_end_matches(": "),
            error.column,
            error.reason
        ));
        if self.strict {
            Err(Halt::Failed(PipeError::BadLine))
        } else {
            Ok(())
        }
    }

    fn tell(&mut self, text: &str) {
        // Where nobody listens, the exit code still tells.
        let _ = writeln!(self.errors, "{text}");
    }

    #[cold]
    fn failed(&self, error: Error) -> Halt {
        Halt::Failed(PipeError::Udf {
            at: self.position.shown(),
            error,
        })
    }

    /// Writes what is left, and says what came of it all.
    fn finish(
        mut self,
        ended: Result<Result<(), Halt>, String>,
        started: Instant,
        summary: bool,
    ) -> Result<Outcome, PipeError> {
        let ended = ended.unwrap_or_else(|message| {
            self.collect(None);
            Err(Halt::Failed(PipeError::Panic {
                at: self.position.shown(),
                message,
            }))
        });
        let mut failed = self.cut_short.take();
        match ended {
            Ok(()) => {}
            Err(Halt::OutputClosed) => {
                self.outcome.output_closed = true;
                // It may still have something to do other than to send.
                let _ = panics::catch(|| self.handler.stop(&mut self.out));
            }
            Err(Halt::Failed(error)) => {
                // What was sent before the failure goes out before it is told.
                let _ = self.flush();
                if let Some(first) = failed.replace(error) {
                    self.tell(&format!("error: {first}"));
                }
            }
        }
        let sink = self.sink.lock();
        self.outcome.points_out = self.lines.points + sink.lines.points;
        self.outcome.omitted = self.lines.omitted;
        self.outcome.omitted += sink.lines.omitted;
        self.outcome.elapsed = started.elapsed();
        drop(sink);

        let outcome = std::mem::take(&mut self.outcome);
        let omitted = outcome.omitted;
        if !omitted.is_empty() {
            self.tell(&format!(
                "left out, for line protocol cannot hold it: {}, {}, {}",
                count(omitted.points, "point"),
                count(omitted.tags, "tag"),
                count(omitted.fields, "field"),
            ));
        }
        if summary {
            self.tell(&outcome.to_string());
        } else if outcome.bad_lines > 0 {
            self.tell(&count(outcome.bad_lines, "bad line"));
        }
        failed.map_or(Ok(outcome), Err)
    }
}

fn unreadable(path: &Path, error: io::Error) -> PipeError {
    PipeError::Read {
        path: path.to_owned(),
        error,
    }
}
