//! The connection on Windows, where safe code cannot wait for a pipe: threads read and write.
//!
//! One thread reads the input ahead, up to a limit, and another one writes. So a write that is blocked does
//! not keep the host from writing. `output.rs` says why that matters, and the same limits hold here.
//!
//! Other systems compile this file for its tests alone.

// Uses `process`.

use std::any::Any;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Stdin, Stdout, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::process::threads::{self, Spawned};

/// How long a thread waits for another one's write at once.
pub(crate) const READ_AHEAD_AFTER: Duration = Duration::from_millis(20);
/// Bytes that are read ahead before the reading thread waits.
const READ_AHEAD_LIMIT: usize = 4 << 20;
/// Bytes of output that may wait for the writer.
const OUTPUT_LIMIT: usize = 64 << 10;
/// Most bytes of one read.
const PIECE: usize = 64 << 10;
/// How long an output may take nothing after the input has ended.
const PATIENCE: Duration = Duration::from_millis(800);
/// How long an output may take nothing while no more is read ahead.
const PATIENCE_WHEN_FULL: Duration = Duration::from_secs(30);
/// How long a blocked write waits at most before it looks at the input.
const TRY_AGAIN: Duration = Duration::from_millis(100);
/// How long a failed agent still reads and discards input.
const LINGER: Duration = Duration::from_millis(500);
/// How long a writer may take for the rest of the output.
const PATIENCE_AT_END: Duration = Duration::from_secs(30);

/// Where requests come from.
pub(crate) enum Source {
    Stdin,
    Reader(Box<dyn Read + Send>),
}

/// Where responses go.
pub(crate) enum Target {
    Stdout,
    Writer(Box<dyn Write + Send>),
}

impl Source {
    pub(crate) fn of(reader: impl Read + Send + 'static) -> Self {
        match (&reader as &dyn Any).is::<Stdin>() {
            true => Self::Stdin,
            false => Self::Reader(Box::new(reader)),
        }
    }
}

impl Target {
    pub(crate) fn of(writer: impl Write + Send + 'static) -> Self {
        match (&writer as &dyn Any).is::<Stdout>() {
            true => Self::Stdout,
            false => Self::Writer(Box::new(writer)),
        }
    }
}

/// The two ends of a connection.
pub(crate) struct Connection {
    pub(crate) input: Arc<Input>,
    pub(crate) output: Output,
    pub(crate) pump: Option<Pump>,
}

impl Connection {
    /// A connection between a source of requests and a target of responses.
    pub(crate) fn between(source: Source, target: Target) -> io::Result<Self> {
        let input = Arc::new(Input::of(match source {
            Source::Stdin => Box::new(io::stdin()),
            Source::Reader(reader) => reader,
        })?);
        let mut writer = match target {
            Target::Stdout => Box::new(io::stdout()),
            Target::Writer(writer) => writer,
        };
        let queue = Arc::<Queue>::default();
        let emptied = queue.clone();
        let work = move || emptied.end(empty(&emptied, &mut writer));
        let pump = Pump {
            thread: threads::spawn("udf-output", Box::new(work))?,
            queue: queue.clone(),
        };
        let output = Output {
            queue,
            input: input.clone(),
        };
        Ok(Self {
            input,
            output,
            pump: Some(pump),
        })
    }
}

/// Bytes on their way from one thread to another.
#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    bytes: VecDeque<u8>,
    /// One side has gone.
    has_ended: bool,
    /// Why the thread of this queue has ended.
    failure: Option<io::Error>,
    /// The thread that takes bytes is not to wait.
    is_woken: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while holding this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a change, until the deadline if there is one.
    fn wait<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        deadline: Option<Instant>,
    ) -> MutexGuard<'a, State> {
        let left = deadline.map(|it| it.saturating_duration_since(Instant::now()));
        let time = left.unwrap_or(Duration::MAX);
        let waited = self.changed.wait_timeout(state, time);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn end(&self, result: io::Result<()>) {
        let mut state = self.lock();
        state.has_ended = true;
        if let Err(error) = result {
            state.failure = Some(error);
        }
        self.changed.notify_all();
    }

    /// Lets the thread that takes bytes look.
    fn wake(&self) {
        self.lock().is_woken = true;
        self.changed.notify_all();
    }
}

/// Reads to the end, or until the bytes are not wanted any more.
fn fill(queue: &Queue, reader: &mut dyn Read) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                let mut state = queue.lock();
                state.bytes.extend(&piece[..count]);
                queue.changed.notify_all();
                while state.bytes.len() >= READ_AHEAD_LIMIT && !state.has_ended {
                    state = queue.wait(state, None);
                }
                if state.has_ended {
                    return Ok(());
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // As at the end of a pipe.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// Writes until the queue has ended and is empty.
fn empty(queue: &Queue, writer: &mut dyn Write) -> io::Result<()> {
    loop {
        let mut state = queue.lock();
        while state.bytes.is_empty() {
            if state.has_ended {
                return Ok(());
            }
            state = queue.wait(state, None);
        }
        let bytes = mem::take(&mut state.bytes);
        queue.changed.notify_all();
        drop(state);
        writer.write_all(&Vec::from(bytes))?;
        writer.flush()?;
    }
}

/// The source of requests.
pub(crate) struct Input {
    queue: Arc<Queue>,
}

/// The result of a wait for input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// This many bytes.
    Bytes(usize),
    /// The end of the input.
    End,
    /// The deadline has passed, or another thread [woke](Waker::wake) this one.
    Nothing,
}

impl Input {
    /// Starts to read.
    pub(crate) fn of(mut reader: Box<dyn Read + Send>) -> io::Result<Self> {
        let queue = Arc::<Queue>::default();
        let filled = queue.clone();
        let work = move || filled.end(fill(&filled, &mut *reader));
        threads::spawn("udf-input", Box::new(work))?;
        Ok(Self { queue })
    }

    /// A handle that wakes the thread that waits for this input.
    pub(crate) fn waker(&self) -> Waker {
        Waker(self.queue.clone())
    }

    /// Waits for bytes until the deadline, or without one until a wake.
    pub(crate) fn receive(&self, to: &mut [u8], deadline: Option<Instant>) -> io::Result<Received> {
        let mut state = self.until_readable(deadline);
        if !state.bytes.is_empty() {
            let count = state.bytes.read(to)?;
            self.queue.changed.notify_all();
            return Ok(Received::Bytes(count));
        }
        if let Some(error) = state.failure.take() {
            return Err(error);
        }
        Ok(match state.has_ended {
            true => Received::End,
            false => Received::Nothing,
        })
    }

    /// Whether [`receive`](Self::receive) would return something before the deadline.
    pub(crate) fn is_readable(&self, deadline: Option<Instant>) -> bool {
        let state = self.until_readable(deadline);
        !state.bytes.is_empty() || state.has_ended
    }

    /// Waits until there are bytes or the end, until a wake, or until the deadline.
    fn until_readable(&self, deadline: Option<Instant>) -> MutexGuard<'_, State> {
        let mut state = self.queue.lock();
        while state.bytes.is_empty() && !state.has_ended && !state.is_woken {
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                break;
            }
            state = self.queue.wait(state, deadline);
        }
        state
    }

    /// Whether there are bytes that [`receive`](Self::receive) will return.
    pub(crate) fn has_more(&self) -> bool {
        !self.queue.lock().bytes.is_empty()
    }

    /// Reads and discards input for a moment, so that the host reads the error before it finds the pipe broken.
    pub(crate) fn linger(&self) {
        let end = Instant::now() + LINGER;
        let mut discarded = vec![0; PIECE];
        while Instant::now() < end {
            if let Ok(Received::End) | Err(_) = self.receive(&mut discarded, Some(end)) {
                return;
            }
        }
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.queue.end(Ok(()));
    }
}

/// Wakes the thread that waits for an input. After a wake, the input never waits again.
#[derive(Clone)]
pub(crate) struct Waker(Arc<Queue>);

impl Waker {
    pub(crate) fn wake(&self) {
        self.0.wake();
    }
}

/// The destination of responses. When it is dropped, the writer gets the rest and is dropped as well.
pub(crate) struct Output {
    queue: Arc<Queue>,
    input: Arc<Input>,
}

impl Output {
    /// Writes all bytes, until `deadline` if there is one.
    ///
    /// # Errors
    /// [`TimedOut`](ErrorKind::TimedOut) if the output was blocked for too long, and those of the writer.
    pub(crate) fn write_all(&self, mut bytes: &[u8], deadline: Option<Instant>) -> io::Result<()> {
        let mut blocked_since = None;
        while !bytes.is_empty() {
            match self.try_write(bytes) {
                Ok(count) => {
                    bytes = &bytes[count..];
                    blocked_since = None;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                        return Err(ErrorKind::TimedOut.into());
                    }
                    self.wait_for_room(*blocked_since.get_or_insert_with(Instant::now))?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Hands over as much as the writing thread takes. Fails with [`WouldBlock`](ErrorKind::WouldBlock) if
    /// that is nothing.
    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.queue.lock();
        if let Some(error) = &state.failure {
            return Err(io::Error::new(error.kind(), error.to_string()));
        }
        let room = OUTPUT_LIMIT.saturating_sub(state.bytes.len());
        if room == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        let count = room.min(bytes.len());
        state.bytes.extend(&bytes[..count]);
        self.queue.changed.notify_all();
        Ok(count)
    }

    /// Does nothing: the input's thread always reads ahead.
    pub(crate) fn read_ahead(&self) {}

    /// Waits until the output may take more. The caller tries again.
    fn wait_for_room(&self, blocked_since: Instant) -> io::Result<()> {
        let blocked = blocked_since.elapsed();
        let (has_ended, is_full) = {
            let input = self.input.queue.lock();
            (input.has_ended, input.bytes.len() >= READ_AHEAD_LIMIT)
        };
        if has_ended && blocked >= PATIENCE {
            return Err(io::Error::new(
                ErrorKind::TimedOut,
                "the input has ended, and the output is not read any more",
            ));
        }
        if is_full && blocked >= PATIENCE_WHEN_FULL {
            return Err(io::Error::new(
                ErrorKind::TimedOut,
                format!("the output has not been read for {blocked:.0?}"),
            ));
        }
        let state = self.queue.lock();
        if state.bytes.len() >= OUTPUT_LIMIT && state.failure.is_none() {
            drop(self.queue.wait(state, Some(Instant::now() + TRY_AGAIN)));
        }
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.queue.end(Ok(()));
    }
}

/// The thread that writes.
#[derive(Clone)]
pub(crate) struct Pump {
    thread: Spawned,
    queue: Arc<Queue>,
}

impl Pump {
    /// Waits until the writer has taken everything, after the end of the output.
    ///
    /// # Errors
    /// The writer's error.
    pub(crate) fn finish(&self) -> io::Result<()> {
        self.thread.ends_within(PATIENCE_AT_END);
        self.queue.lock().failure.take().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    fn between(
        reader: impl Read + Send + 'static,
        writer: impl Write + Send + 'static,
    ) -> Connection {
        Connection::between(Source::of(reader), Target::of(writer)).unwrap()
    }

    fn read_to_end(input: &Input) -> Vec<u8> {
        let (mut bytes, mut piece) = (Vec::new(), vec![0; 1000]);
        loop {
            match input.receive(&mut piece, None).unwrap() {
                Received::Bytes(count) => bytes.extend_from_slice(&piece[..count]),
                Received::Nothing => panic!("nothing has woken it"),
                Received::End => return bytes,
            }
        }
    }

    #[test]
    fn both_sides_can_write_more_than_a_pipe_holds_before_they_read() {
        let (input, mut host_writes) = io::pipe().unwrap();
        let (mut host_reads, output) = io::pipe().unwrap();
        let udf = between(input, output);
        let host = thread::spawn(move || {
            host_writes.write_all(&vec![1; 1 << 20]).unwrap();
            drop(host_writes);
            let mut answer = Vec::new();
            host_reads.read_to_end(&mut answer).unwrap();
            answer
        });
        udf.output.write_all(&vec![2; 1 << 20], None).unwrap();
        assert!(read_to_end(&udf.input) == vec![1; 1 << 20]);
        let pump = udf.pump.clone().unwrap();
        drop(udf);
        pump.finish().unwrap();
        assert!(host.join().unwrap() == vec![2; 1 << 20]);
    }

    #[test]
    fn a_wake_ends_the_wait_for_input() {
        let (input, _host_writes) = io::pipe().unwrap();
        let udf = between(input, io::sink());
        let waker = udf.input.waker();
        let (begins, has_begun) = mpsc::channel();
        let waits = thread::spawn(move || {
            begins.send(()).unwrap();
            udf.input.receive(&mut [0; 10], None).unwrap()
        });
        has_begun.recv().unwrap();
        waker.wake();
        assert_eq!(waits.join().unwrap(), Received::Nothing);
    }

    #[test]
    fn errors_of_the_reader_and_the_writer_come_through() {
        /// Fails.
        struct Broken;

        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("reader"))
            }
        }

        impl Write for Broken {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::other("writer"))
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        let udf = between(Broken, Broken);
        let error = udf.input.receive(&mut [0; 10], None).unwrap_err();
        assert_eq!(error.to_string(), "reader");
        let error = udf.output.write_all(&vec![0; 1 << 20], None).unwrap_err();
        assert_eq!(error.to_string(), "writer");
    }

    #[test]
    fn a_write_to_an_unread_output_fails_after_the_end_of_the_input() {
        let (_host_reads, output) = io::pipe().unwrap();
        let udf = between(io::empty(), output);
        let error = udf.output.write_all(&vec![0; 1 << 20], None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}
