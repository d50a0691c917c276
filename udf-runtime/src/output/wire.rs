//! The one place through which everything goes to Kapacitor.

use std::io::Write;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};

use udf_proto::{EdgeType, response};

use super::SendError;
use crate::data::{Batch, Point};
use crate::protocol::batches::{write_begin, write_end};
use crate::protocol::buffers::Share;
use crate::protocol::responses as frame;

/// Bytes that a sender gathers before it writes.
pub(super) const BLOCK: usize = 64 * 1024;
/// Bytes from senders that are held before they have to wait.
const HELD: usize = 4 * 1024 * 1024;

/// The end that Kapacitor reads: whole frames in, one behind the other, from any thread.
///
/// Its lock is held while frames are written, never while code of the UDF runs.
///
/// Kapacitor takes no data until it has had its answers to `Init` and `Restore`, and reads nothing
/// more once it has some: what [`Sender`](super::Sender)s send earlier is held until the wire is
/// [opened](Self::open).
pub(crate) struct Wire {
    end: Mutex<End>,
    /// The wire was opened, or closed.
    decided: Condvar,
    provides: EdgeType,
    /// Largest message that may be sent.
    limit: usize,
    /// Counts the writes: while it grows, Kapacitor knows that the UDF lives.
    writes: AtomicU64,
    /// A callback's output is written, and waits while Kapacitor does not read.
    writing: AtomicBool,
    /// What senders send is held.
    holding: AtomicBool,
}

struct End {
    /// Gone when the UDF has ended.
    writer: Option<Box<dyn Write + Send>>,
    data: Data,
}

/// What becomes of what senders send.
enum Data {
    Held(Vec<u8>),
    Written,
    Refused,
}

/// Who writes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Callback,
    Sender,
}

impl Wire {
    pub(crate) fn new(
        writer: Box<dyn Write + Send>,
        provides: EdgeType,
        limit: usize,
    ) -> Arc<Self> {
        let end = Mutex::new(End {
            writer: Some(writer),
            data: Data::Held(Vec::new()),
        });
        Arc::new(Self {
            end,
            decided: Condvar::new(),
            provides,
            limit,
            writes: AtomicU64::new(0),
            writing: AtomicBool::new(false),
            holding: AtomicBool::new(true),
        })
    }

    /// Writes what was held, and holds nothing any more.
    pub(crate) fn open(&self) -> Result<(), SendError> {
        self.decide(Data::Written)
    }

    /// Nothing of what senders send will be wanted.
    pub(crate) fn refuse(&self) {
        // Nothing is written, so nothing can fail.
        let _ = self.decide(Data::Refused);
    }

    fn decide(&self, data: Data) -> Result<(), SendError> {
        let mut end = self.lock();
        let is_written = matches!(data, Data::Written);
        let before = match end.data {
            Data::Held(_) => mem::replace(&mut end.data, data),
            Data::Written | Data::Refused => return Ok(()),
        };
        self.holding.store(false, Relaxed);
        self.decided.notify_all();
        match before {
            Data::Held(frames) if is_written && !frames.is_empty() => end.write(&frames),
            _ => Ok(()),
        }
    }

    pub(crate) fn is_holding(&self) -> bool {
        self.holding.load(Relaxed)
    }

    pub(crate) fn writes(&self) -> u64 {
        self.writes.load(Relaxed)
    }

    pub(crate) fn is_writing(&self) -> bool {
        self.writing.load(Relaxed)
    }

    /// Waits until nobody else writes, and keeps it so until the turn is dropped.
    pub(super) fn turn(&self, by: By) -> Turn<'_> {
        let end = match by {
            By::Callback => {
                self.writing.store(true, Relaxed);
                self.lock()
            }
            By::Sender => {
                let mut end = self.lock();
                while matches!(&end.data, Data::Held(frames) if frames.len() > HELD) {
                    end = self
                        .decided
                        .wait(end)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                end
            }
        };
        Turn {
            wire: self,
            end,
            by,
        }
    }

    /// Writes one response unless another thread is writing, which is as good a sign of life.
    pub(crate) fn try_respond(&self, message: response::Message) -> Result<(), SendError> {
        let mut end = match self.end.try_lock() {
            Ok(end) => end,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(()),
        };
        let mut frames = Vec::new();
        frame::write(message, &mut frames);
        end.write(&frames)
    }

    /// Writes a last response; nothing can be sent after it.
    pub(crate) fn close_with(&self, last: response::Message) -> Result<(), SendError> {
        let mut frames = Vec::new();
        frame::write(last, &mut frames);
        self.close(&frames)
    }

    /// Writes the last frames; nothing can be sent after them, and what is still held is not.
    pub(crate) fn close(&self, last: &[u8]) -> Result<(), SendError> {
        self.refuse();
        let mut end = self.lock();
        let written = if last.is_empty() {
            Ok(())
        } else {
            end.write(last)
        };
        end.writer = None;
        written
    }

    pub(crate) fn allow(&self, edge: EdgeType) -> Result<(), SendError> {
        if self.provides == edge {
            return Ok(());
        }
        let name = |edge| match edge {
            EdgeType::Stream => ("stream", "point"),
            EdgeType::Batch => ("batch edge", "batch"),
        };
        Err(SendError::WrongEdge {
            provides: name(self.provides).0,
            sent: name(edge).1,
        })
    }

    /// Largest message that may be sent.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    fn lock(&self) -> MutexGuard<'_, End> {
        // What a panicking writer leaves is still a writer; the next write tells what it is worth.
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Several writes between which nothing else is written.
pub(super) struct Turn<'a> {
    wire: &'a Wire,
    end: MutexGuard<'a, End>,
    by: By,
}

impl Turn<'_> {
    pub(super) fn write(&mut self, frames: &[u8]) -> Result<(), SendError> {
        let End { writer, data } = &mut *self.end;
        match (self.by, data) {
            (By::Sender, Data::Held(held)) if writer.is_some() => {
                held.extend_from_slice(frames);
                Ok(())
            }
            (By::Sender, Data::Refused) => Err(SendError::Closed),
            _ => {
                let written = self.end.write(frames);
                self.wire.writes.fetch_add(1, Relaxed);
                written
            }
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.by == By::Callback {
            self.wire.writing.store(false, Relaxed);
        }
    }
}

impl End {
    fn write(&mut self, frames: &[u8]) -> Result<(), SendError> {
        let writer = self.writer.as_mut().ok_or(SendError::Closed)?;
        writer
            .write_all(frames)
            .and_then(|()| writer.flush())
            .map_err(|error| {
                // Half a frame may have gone out: nothing can follow.
                self.writer = None;
                SendError::Write(error)
            })
    }
}

/// Frames that are gathered before they are written: the way of everything that callbacks send.
pub struct Gathered {
    wire: Arc<Wire>,
    frames: Vec<u8>,
    share: Share,
    /// Bytes after which what was gathered is written.
    enough: usize,
}

impl std::fmt::Debug for Gathered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gathered").finish_non_exhaustive()
    }
}

impl Gathered {
    pub(super) fn new(wire: Arc<Wire>) -> Self {
        let share = Share::new();
        Self {
            wire,
            frames: Vec::new(),
            enough: share.busy(),
            share,
        }
    }

    #[inline]
    pub(super) fn point(&mut self, point: &Point) -> Result<(), SendError> {
        write_point(point, self.wire.limit, &mut self.frames)?;
        self.spill()
    }

    pub(super) fn batch(&mut self, batch: &Batch) -> Result<(), SendError> {
        let turn = || self.wire.turn(By::Callback);
        let limit = self.wire.limit;
        write_batch(batch, limit, turn, self.enough, &mut self.frames)?;
        self.spill()
    }

    pub(crate) fn respond(&mut self, message: response::Message) -> Result<(), SendError> {
        frame::write(message, &mut self.frames);
        self.spill()
    }

    #[inline]
    fn spill(&mut self) -> Result<(), SendError> {
        if self.frames.len() >= self.enough {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Writes what was gathered.
    pub(crate) fn flush(&mut self) -> Result<(), SendError> {
        if self.frames.is_empty() {
            return Ok(());
        }
        let written = self.wire.turn(By::Callback).write(&self.frames);
        self.frames.clear();
        self.enough = self.share.busy();
        // With room for what one more point, mostly, takes beyond that.
        self.frames.shrink_to(2 * self.enough);
        written
    }

    /// Writes what was gathered and a last response, if there is one; then nothing more.
    pub(crate) fn close(&mut self, last: Option<response::Message>) -> Result<(), SendError> {
        if let Some(message) = last {
            frame::write(message, &mut self.frames);
        }
        let closed = self.wire.close(&self.frames);
        self.frames = Vec::new();
        closed
    }
}

#[inline]
pub(super) fn write_point(
    point: &Point,
    limit: usize,
    frames: &mut Vec<u8>,
) -> Result<(), SendError> {
    check_size(point, limit)?;
    write_checked(point, frames);
    Ok(())
}

/// Appends a whole batch. What gathers beyond `enough` is written on the way, so that a large
/// batch is not in memory twice, and nothing comes in between. Nothing is sent of a batch that
/// has too large a point.
pub(super) fn write_batch<'a>(
    batch: &Batch,
    limit: usize,
    take_turn: impl Fn() -> Turn<'a>,
    enough: usize,
    frames: &mut Vec<u8>,
) -> Result<(), SendError> {
    for point in batch {
        check_size(point, limit)?;
    }
    let mut turn = None;
    let head = batch.head().encoded();
    write_begin(head, batch.len(), frames);
    for point in batch {
        write_checked(point, frames);
        if frames.len() >= enough {
            let written = turn.get_or_insert_with(&take_turn).write(frames);
            frames.clear();
            written?;
        }
    }
    write_end(head, batch.tmax(), frames);
    if let Some(mut turn) = turn {
        let written = turn.write(frames);
        frames.clear();
        written?;
    }
    Ok(())
}

#[inline]
fn check_size(point: &Point, limit: usize) -> Result<(), SendError> {
    let size = point.encoded_len();
    if size > limit || point.is_oversize() {
        return Err(SendError::TooLarge { size, limit });
    }
    Ok(())
}

#[inline]
fn write_checked(point: &Point, frames: &mut Vec<u8>) {
    frame::write_point(point.encoded_len(), frames, |to| point.encode(to));
}
