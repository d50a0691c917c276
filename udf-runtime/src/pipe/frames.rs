//! Lines of what threads of the UDF send by its [`Sender`](crate::Sender).

use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use udf_proto::BeginBatch;

use super::lines::Lines;
use crate::data::{Batch, Point};
use crate::line::Precision;
use crate::protocol::varint::delimited;
use crate::protocol::{Request, read_request};

/// The output, for several threads: each writes whole lines.
pub(super) struct Sink {
    writer: Box<dyn Write + Send>,
    /// The lines of senders.
    pub(super) lines: Lines,
}

/// A [`Sink`] with several owners.
#[derive(Clone)]
pub(super) struct SharedSink {
    sink: Arc<Mutex<Sink>>,
}

impl SharedSink {
    pub(super) fn new(writer: Box<dyn Write + Send>, precision: Precision) -> Self {
        let sink = Sink {
            writer,
            lines: Lines::new(precision),
        };
        SharedSink {
            sink: Arc::new(Mutex::new(sink)),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Sink> {
        // A panic of another writer does not concern the next lines.
        self.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes lines and empties their buffer.
    pub(super) fn write(&self, text: &mut Vec<u8>) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let written = self.lock().write(text);
        text.clear();
        written
    }
}

impl Sink {
    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        self.writer.write_all(text)?;
        self.writer.flush()
    }
}

/// Takes the frames that a sender writes for Kapacitor. Each write has whole frames.
///
/// To decode them again costs less than the system call that each write of a sender takes.
pub(super) struct FramesAsLines {
    sink: SharedSink,
    /// The open batch: a large one comes in several writes.
    batch: Option<(BeginBatch, Vec<Point>)>,
}

impl FramesAsLines {
    pub(super) fn new(sink: SharedSink) -> Self {
        FramesAsLines { sink, batch: None }
    }
}

impl Write for FramesAsLines {
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        let Self { sink, batch } = self;
        let sink = &mut *sink.lock();
        let mut rest = frames;
        while !rest.is_empty() {
            let frame = delimited(&mut rest).ok_or(ErrorKind::InvalidData)?;
            // Points and batches have the same messages in both directions.
            match read_request(frame).map_err(io::Error::other)? {
                Some(Request::Begin(begin)) => *batch = Some((begin, Vec::new())),
                Some(Request::Point(point)) => {
                    let point = Point::decode(&point).map_err(io::Error::other)?;
                    match batch {
                        Some((_, points)) => points.push(point),
                        None => sink.lines.point(&point, None),
                    }
                }
                Some(Request::End(end)) => {
                    if let Some((begin, points)) = batch.take() {
                        sink.lines.batch(&Batch::received(begin, points, end.tmax));
                    }
                }
                // A sender sends data alone.
                _ => {}
            }
        }
        let text = std::mem::take(&mut sink.lines.text);
        sink.write(&text)?;
        Ok(frames.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
