//! [`ResponseWriter`]: the one place through which everything goes to Kapacitor.

use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Instant;

use udf_proto::{EdgeType, response};

use super::{Outlet, SendError};
use crate::connection::SLOW;
use crate::error::Error;
use crate::protocol::responses;

/// Bytes that senders may send before Kapacitor takes data.
pub(super) const HELD: usize = 4 * 1024 * 1024;

/// Writes whole frames, one behind the other, from any thread.
///
/// A thread that writes has the *turn*. The lock is held only to take and to end a turn, never while a
/// write waits. A thread that waits for its turn reads the input ahead: see `connection/output.rs`.
///
/// Kapacitor takes no data until it has its answers to `Init` and `Restore`, and reads nothing more once
/// it has some. So what [`Sender`](super::Sender)s send earlier is held until the writer is
/// [opened](Self::open).
pub(crate) struct ResponseWriter {
    end: Mutex<End>,
    /// A turn is over, or what is held was decided on.
    changed: Condvar,
    provides: EdgeType,
    /// Largest message that may be sent, in bytes.
    limit: usize,
    /// Counts the writes: while it grows, Kapacitor knows that the UDF lives.
    writes: AtomicU64,
    /// A callback's output is written, or waits to be.
    callback_writes: AtomicBool,
    /// What senders send is held.
    holding: AtomicBool,
    agent: OnceLock<Agent>,
}

/// What a sender needs to know of the agent.
struct Agent {
    /// The thread that runs the callbacks.
    thread: ThreadId,
    fail: Box<dyn Fn(Error) + Send + Sync>,
}

struct End {
    /// Gone when the UDF has ended.
    outlet: Option<Arc<Outlet>>,
    /// A thread has the turn.
    is_busy: bool,
    /// The rest of a heartbeat that was not taken whole.
    unfinished: Vec<u8>,
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
    /// With the number of bytes.
    Sender(usize),
}

impl ResponseWriter {
    pub(crate) fn new(outlet: Outlet, provides: EdgeType, limit: usize) -> Arc<Self> {
        Arc::new(Self {
            end: Mutex::new(End {
                outlet: Some(Arc::new(outlet)),
                is_busy: false,
                unfinished: Vec::new(),
                data: Data::Held(Vec::new()),
            }),
            changed: Condvar::new(),
            provides,
            limit,
            writes: AtomicU64::new(0),
            callback_writes: AtomicBool::new(false),
            holding: AtomicBool::new(true),
            agent: OnceLock::new(),
        })
    }

    /// Says that this thread runs the callbacks, and how a sender ends the UDF with an error.
    pub(crate) fn attach(&self, fail: impl Fn(Error) + Send + Sync + 'static) {
        let thread = thread::current().id();
        let fail = Box::new(fail);
        // The first one stays: a writer has one agent.
        let _ = self.agent.set(Agent { thread, fail });
    }

    /// Writes what was held, and holds nothing any more.
    pub(crate) fn open(&self) -> Result<(), SendError> {
        if !self.is_holding() {
            return Ok(());
        }
        let mut turn = self.turn(By::Callback)?;
        let held = self.decide(Data::Written);
        if held.is_empty() {
            return Ok(());
        }
        turn.write(&held)
    }

    /// Drops what was held: nothing that senders send will be wanted.
    pub(crate) fn refuse(&self) {
        self.decide(Data::Refused);
    }

    /// Decides on what is held, once, and returns it.
    fn decide(&self, data: Data) -> Vec<u8> {
        let mut end = self.lock();
        let Data::Held(held) = &mut end.data else {
            return Vec::new();
        };
        let held = mem::take(held);
        end.data = data;
        self.holding.store(false, Relaxed);
        self.changed.notify_all();
        held
    }

    pub(crate) fn is_holding(&self) -> bool {
        self.holding.load(Relaxed)
    }

    pub(crate) fn writes(&self) -> u64 {
        self.writes.load(Relaxed)
    }

    /// Whether a callback's output is written, or waits to be.
    pub(crate) fn is_writing(&self) -> bool {
        self.callback_writes.load(Relaxed)
    }

    /// Ends the UDF with an error.
    pub(super) fn fail(&self, error: Error) {
        if let Some(agent) = self.agent.get() {
            (agent.fail)(error);
        }
    }

    /// Waits until no other thread writes, and keeps it so until the turn is dropped.
    pub(super) fn turn(&self, by: By) -> Result<Turn<'_>, SendError> {
        if by == By::Callback {
            self.callback_writes.store(true, Relaxed);
        }
        match self.turn_until(by, None)? {
            Some(turn) => Ok(turn),
            None => Err(SendError::Closed),
        }
    }

    /// `None` where the turn does not come before the deadline.
    fn turn_until(&self, by: By, deadline: Option<Instant>) -> Result<Option<Turn<'_>>, SendError> {
        let mut end = self.lock();
        loop {
            let is_too_early = matches!(
                (by, &end.data),
                (By::Sender(bytes), Data::Held(held)) if held.len() + bytes > HELD
            );
            if is_too_early {
                // The agent's thread would wait for itself.
                let agent = self.agent.get().map(|agent| agent.thread);
                if agent == Some(thread::current().id()) {
                    return Err(SendError::Early { limit: HELD });
                }
                end = self
                    .changed
                    .wait(end)
                    .unwrap_or_else(PoisonError::into_inner);
            } else if !end.is_busy {
                end.is_busy = true;
                return Ok(Some(Turn {
                    outlet: end.outlet.clone(),
                    unfinished: mem::take(&mut end.unfinished),
                    writer: self,
                    by,
                }));
            } else if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(None);
            } else {
                let (guard, waited) = self
                    .changed
                    .wait_timeout(end, SLOW)
                    .unwrap_or_else(PoisonError::into_inner);
                end = guard;
                if waited.timed_out()
                    && let Some(outlet) = end.outlet.clone()
                {
                    drop(end);
                    outlet.read_ahead();
                    drop(outlet);
                    end = self.lock();
                }
            }
        }
    }

    /// Writes one response without waiting, unless a thread is writing, which is as good a sign of life.
    pub(crate) fn try_respond(&self, message: response::Message) {
        let mut end = self.lock();
        if end.is_busy {
            return;
        }
        let Some(outlet) = end.outlet.clone() else {
            return;
        };
        if end.unfinished.is_empty() {
            responses::write(message, &mut end.unfinished);
            // Where nothing is taken, nothing is owed.
            if let Ok(count @ 1..) = outlet.try_write(&end.unfinished) {
                end.unfinished.drain(..count);
            } else {
                end.unfinished.clear();
            }
        } else if let Ok(count) = outlet.try_write(&end.unfinished) {
            end.unfinished.drain(..count);
        }
    }

    /// Writes a last response, if the output takes it before the deadline; nothing can be sent after it.
    pub(crate) fn close_within(&self, last: response::Message, deadline: Instant) {
        let mut frames = Vec::new();
        responses::write(last, &mut frames);
        self.refuse();
        if let Ok(Some(mut turn)) = self.turn_until(By::Callback, Some(deadline)) {
            // The thread that is stuck is not kept from ending by an output that is.
            let _ = turn.write_until(&frames, Some(deadline));
        }
        self.lock().outlet = None;
    }

    /// Writes the last frames; nothing can be sent after them, and what is still held is not.
    pub(crate) fn close(&self, last: &[u8]) -> Result<(), SendError> {
        self.refuse();
        let mut turn = self.turn(By::Callback)?;
        let written = if last.is_empty() {
            Ok(())
        } else {
            turn.write(last)
        };
        turn.outlet = None;
        self.lock().outlet = None;
        written
    }

    pub(super) fn allow(&self, edge: EdgeType) -> Result<(), SendError> {
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

    /// Largest message that may be sent, in bytes.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    fn lock(&self) -> MutexGuard<'_, End> {
        // Nothing panics while it is held.
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Several writes between which nothing else is written.
pub(super) struct Turn<'a> {
    writer: &'a ResponseWriter,
    outlet: Option<Arc<Outlet>>,
    /// To be written first.
    unfinished: Vec<u8>,
    by: By,
}

impl Turn<'_> {
    pub(super) fn write(&mut self, frames: &[u8]) -> Result<(), SendError> {
        if let By::Sender(_) = self.by {
            match &mut self.writer.lock().data {
                Data::Held(held) if self.outlet.is_some() => {
                    held.extend_from_slice(frames);
                    return Ok(());
                }
                Data::Refused => return Err(SendError::Closed),
                _ => {}
            }
        }
        self.write_until(frames, None)
    }

    fn write_until(&mut self, frames: &[u8], deadline: Option<Instant>) -> Result<(), SendError> {
        let outlet = self.outlet.as_ref().ok_or(SendError::Closed)?;
        let written = if self.unfinished.is_empty() {
            outlet.write_all(frames, deadline)
        } else {
            let first = mem::take(&mut self.unfinished);
            outlet.write_all(&[&first, frames].concat(), deadline)
        };
        self.writer.writes.fetch_add(1, Relaxed);
        written.map_err(|error| {
            // Half a frame may have gone out: nothing can follow.
            self.outlet = None;
            self.writer.lock().outlet = None;
            SendError::Write(error)
        })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // The end of the output is seen by the host only when the last one lets go.
        self.outlet = None;
        let mut end = self.writer.lock();
        end.is_busy = false;
        end.unfinished = mem::take(&mut self.unfinished);
        drop(end);
        if self.by == By::Callback {
            self.writer.callback_writes.store(false, Relaxed);
        }
        self.writer.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::mpsc;

    use super::*;
    use crate::data::{Batch, Point};
    use crate::output::Sender;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_batch_that_is_larger_than_what_is_held_waits_until_kapacitor_takes_data() {
        let written = Written::default();
        let outlet = Outlet::to(written.clone());
        let writer = ResponseWriter::new(outlet, EdgeType::Batch, 64 << 20);
        let mut batch = Batch::new("large");
        for time in 0..5 {
            let mut point = Point::default();
            point.set_time(time);
            point.set_field("text", &*"x".repeat(1 << 20));
            batch.push(point);
        }
        let sender = Sender::new(writer.clone());
        let (sent, is_sent) = mpsc::channel();
        let thread = thread::spawn(move || {
            sender.batch(&batch).unwrap();
            sent.send(()).unwrap();
        });
        // Held like any other data, it would be sent at once.
        let second = std::time::Duration::from_secs(1);
        assert!(is_sent.recv_timeout(second).is_err());
        assert!(matches!(&writer.lock().data, Data::Held(held) if held.is_empty()));
        writer.open().unwrap();
        is_sent.recv().unwrap();
        thread.join().unwrap();
        assert!(written.0.lock().unwrap().len() > 5 << 20);
    }
}
