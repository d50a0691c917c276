//! [`ResponseWriter`]: writes everything that goes to Kapacitor.

use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Instant;

use udf_proto::{EdgeType, response};

use super::{Outlet, SendError};
use crate::connection::READ_AHEAD_AFTER;
use crate::error::Error;
use crate::protocol::responses;

/// Most bytes that senders may send before Kapacitor takes data.
pub(super) const HELD_LIMIT: usize = 4 * 1024 * 1024;

/// Writes whole frames, one after the other, from any thread.
///
/// The writing thread has the *turn*. The lock is held only to begin and to end a turn, never while a
/// write blocks. A thread that waits for its turn reads the input ahead: see `connection/output.rs`.
///
/// Kapacitor takes no data until it has its answers to `Init` and `Restore`. If data comes earlier, it never
/// reads the answers. So the writer holds the data of [`Sender`](super::Sender)s until it is
/// [opened](Self::open).
pub(crate) struct ResponseWriter {
    state: Mutex<State>,
    /// Notified when a turn ends, and when held data is released or refused.
    changed: Condvar,
    provides: EdgeType,
    /// The largest message that may be sent, in bytes.
    limit: usize,
    /// The number of writes. While it grows, Kapacitor knows that the UDF is alive.
    writes: AtomicU64,
    /// A callback's output is being written or waits for its turn.
    callback_writes: AtomicBool,
    /// The data of senders is held.
    holding: AtomicBool,
    agent: OnceLock<Agent>,
}

/// What a sender needs of the agent.
struct Agent {
    /// The thread that runs the callbacks.
    thread: ThreadId,
    fail: Box<dyn Fn(Error) + Send + Sync>,
}

struct State {
    /// `None` once the UDF has ended.
    outlet: Option<Arc<Outlet>>,
    /// Whether a thread has the turn.
    is_busy: bool,
    /// The rest of a heartbeat that was written only in part.
    unfinished: Vec<u8>,
    data: Data,
}

/// What happens to the data of senders.
enum Data {
    Held(Vec<u8>),
    Written,
    Refused,
}

/// The origin of a write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Callback,
    /// A sender, with the number of bytes.
    Sender(usize),
}

impl ResponseWriter {
    pub(crate) fn new(outlet: Outlet, provides: EdgeType, limit: usize) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
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

    /// Registers this thread as the one that runs the callbacks, and how a sender ends the UDF with an error.
    pub(crate) fn attach(&self, fail: impl Fn(Error) + Send + Sync + 'static) {
        let thread = thread::current().id();
        let fail = Box::new(fail);
        // Set once, because a writer has one agent.
        let _ = self.agent.set(Agent { thread, fail });
    }

    /// Writes the held data, and holds no more.
    pub(crate) fn open(&self) -> Result<(), SendError> {
        if !self.is_holding() {
            return Ok(());
        }
        let mut turn = self.turn(Origin::Callback)?;
        let held = self.decide(Data::Written);
        if held.is_empty() {
            return Ok(());
        }
        turn.write(&held)
    }

    /// Drops the held data, and refuses what senders send from now on.
    pub(crate) fn refuse(&self) {
        self.decide(Data::Refused);
    }

    /// Ends the holding of data. Returns the held data; empty after the first call.
    fn decide(&self, data: Data) -> Vec<u8> {
        let mut state = self.lock();
        let Data::Held(held) = &mut state.data else {
            return Vec::new();
        };
        let held = mem::take(held);
        state.data = data;
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

    /// Whether a callback's output is being written or waits for its turn.
    pub(crate) fn is_writing(&self) -> bool {
        self.callback_writes.load(Relaxed)
    }

    /// Ends the UDF with an error.
    pub(super) fn fail(&self, error: Error) {
        if let Some(agent) = self.agent.get() {
            (agent.fail)(error);
        }
    }

    /// Waits until no other thread writes. No other thread writes until the turn is dropped.
    pub(super) fn turn(&self, origin: Origin) -> Result<Turn<'_>, SendError> {
        if origin == Origin::Callback {
            self.callback_writes.store(true, Relaxed);
        }
        match self.turn_until(origin, None)? {
            Some(turn) => Ok(turn),
            None => Err(SendError::Closed),
        }
    }

    /// Waits for the turn. Returns `None` if it does not come before the deadline.
    fn turn_until(
        &self,
        origin: Origin,
        deadline: Option<Instant>,
    ) -> Result<Option<Turn<'_>>, SendError> {
        let mut state = self.lock();
        loop {
            let is_too_early = matches!(
                (origin, &state.data),
                (Origin::Sender(bytes), Data::Held(held)) if held.len() + bytes > HELD_LIMIT
            );
            if is_too_early {
                // The agent's thread would wait for itself.
                let agent = self.agent.get().map(|agent| agent.thread);
                if agent == Some(thread::current().id()) {
                    return Err(SendError::Early { limit: HELD_LIMIT });
                }
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            } else if !state.is_busy {
                state.is_busy = true;
                return Ok(Some(Turn {
                    outlet: state.outlet.clone(),
                    unfinished: mem::take(&mut state.unfinished),
                    writer: self,
                    origin,
                }));
            } else if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(None);
            } else {
                let (guard, waited) = self
                    .changed
                    .wait_timeout(state, READ_AHEAD_AFTER)
                    .unwrap_or_else(PoisonError::into_inner);
                state = guard;
                if waited.timed_out()
                    && let Some(outlet) = state.outlet.clone()
                {
                    drop(state);
                    outlet.read_ahead();
                    drop(outlet);
                    state = self.lock();
                }
            }
        }
    }

    /// Writes one response without blocking. Writes nothing while another thread writes, because that is
    /// a sign of life as well.
    pub(crate) fn try_respond(&self, message: response::Message) {
        let mut state = self.lock();
        if state.is_busy {
            return;
        }
        let Some(outlet) = state.outlet.clone() else {
            return;
        };
        if state.unfinished.is_empty() {
            responses::write(message, &mut state.unfinished);
            // If the output took no byte, the response can be dropped. If it took some, the rest must follow.
            if let Ok(count @ 1..) = outlet.try_write(&state.unfinished) {
                state.unfinished.drain(..count);
            } else {
                state.unfinished.clear();
            }
        } else if let Ok(count) = outlet.try_write(&state.unfinished) {
            state.unfinished.drain(..count);
        }
    }

    /// Writes a last response if the output takes it before the deadline, and closes the output.
    pub(crate) fn close_within(&self, last: response::Message, deadline: Instant) {
        let mut frames = Vec::new();
        responses::write(last, &mut frames);
        self.refuse();
        if let Ok(Some(mut turn)) = self.turn_until(Origin::Callback, Some(deadline)) {
            // The agent ends even if the output takes nothing.
            let _ = turn.write_until(&frames, Some(deadline));
        }
        self.lock().outlet = None;
    }

    /// Writes the last frames and closes the output. Held data is dropped.
    pub(crate) fn close(&self, last: &[u8]) -> Result<(), SendError> {
        self.refuse();
        let mut turn = self.turn(Origin::Callback)?;
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

    /// The largest message that may be sent, in bytes.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while holding this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to write. Nothing else is written until it is dropped.
pub(super) struct Turn<'a> {
    writer: &'a ResponseWriter,
    outlet: Option<Arc<Outlet>>,
    /// The rest of a heartbeat, to be written first.
    unfinished: Vec<u8>,
    origin: Origin,
}

impl Turn<'_> {
    pub(super) fn write(&mut self, frames: &[u8]) -> Result<(), SendError> {
        if let Origin::Sender(_) = self.origin {
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
            // Half a frame may have gone out, so nothing can follow it.
            self.outlet = None;
            self.writer.lock().outlet = None;
            SendError::Write(error)
        })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // The host sees the end of the output when the last reference is dropped.
        self.outlet = None;
        let mut state = self.writer.lock();
        state.is_busy = false;
        state.unfinished = mem::take(&mut self.unfinished);
        drop(state);
        if self.origin == Origin::Callback {
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
    fn a_batch_above_the_held_limit_waits_until_kapacitor_takes_data() {
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
        // If it were held like other data, `batch` would return at once.
        let second = std::time::Duration::from_secs(1);
        assert!(is_sent.recv_timeout(second).is_err());
        assert!(matches!(&writer.lock().data, Data::Held(held) if held.is_empty()));
        writer.open().unwrap();
        is_sent.recv().unwrap();
        thread.join().unwrap();
        assert!(written.0.lock().unwrap().len() > 5 << 20);
    }
}
