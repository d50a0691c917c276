//! The part of an agent that other threads use: to watch it, to stop it and to wait for its end.

use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use udf_proto::{ErrorResponse, KeepaliveResponse, response::Message};

use super::{AgentError, Callback};
use crate::connection::Waker;
use crate::error::Error;
use crate::output::ResponseWriter;
#[cfg(unix)]
use crate::process::signals::{StoppedBySignals, stop_on_signals};
use crate::process::{clock, panics, text, threads, watch};

/// How long another thread tries to write the last error in place of the agent's thread.
const WRITING_TIME: Duration = Duration::from_secs(1);
/// How long Kapacitor gets to read that error before the input closes.
const READING_TIME: Duration = Duration::from_millis(200);

/// An agent as other threads see it: which callback runs, how to stop it and how it ended.
pub(super) struct Control {
    pub(super) writer: Arc<ResponseWriter>,
    /// Wakes the agent's thread while it waits for input.
    waker: Option<Waker>,
    /// How long one callback may take.
    call_limit: Duration,
    /// The number of callbacks so far and the running one: `number << 8 | callback`.
    pulse: AtomicU64,
    /// Requests of other threads, one bit each. The agent's thread checks them after each message.
    requests: AtomicU8,
    /// Set by the first thread that records how the agent ended.
    is_ending: AtomicBool,
    outcome: Mutex<Outcome>,
    ended: Condvar,
    on_work: Call<OnWork>,
    on_end: Call<OnEnd>,
    #[cfg(unix)]
    signals: std::sync::OnceLock<StoppedBySignals>,
}

/// Called before the first request other than `Info`.
pub(super) type OnWork = Box<dyn FnOnce(&Arc<Control>) + Send>;
/// Called once the agent has ended, by the thread that ended it.
pub(super) type OnEnd = Box<dyn FnOnce(&Result<(), AgentError>) + Send>;
/// A function that is called at most once.
type Call<F> = Mutex<Option<F>>;

/// Bits of [`Control::requests`].
mod request {
    /// Write the buffered output, because a burst of messages takes long.
    pub(super) const FLUSH: u8 = 1;
    /// End as if the input had ended.
    pub(super) const STOP: u8 = 2;
    /// End: another thread has ended the agent.
    pub(super) const END: u8 = 4;
}

/// How the agent ended.
enum Outcome {
    Running,
    Ended(Result<(), AgentError>),
    /// The agent has ended, and the waiting thread has taken the outcome.
    Taken,
}

/// The state that the watch saw at its last look.
struct LastLook {
    pulse: u64,
    writes: u64,
    /// When the running callback was first seen.
    since: Instant,
}

impl Control {
    pub(super) fn new(
        writer: Arc<ResponseWriter>,
        waker: Option<Waker>,
        call_limit: Duration,
        on_work: OnWork,
        on_end: OnEnd,
    ) -> Arc<Self> {
        Arc::new(Self {
            writer,
            waker,
            call_limit,
            pulse: AtomicU64::new(0),
            requests: AtomicU8::new(0),
            is_ending: AtomicBool::new(false),
            outcome: Mutex::new(Outcome::Running),
            ended: Condvar::new(),
            on_work: Mutex::new(Some(on_work)),
            on_end: Mutex::new(Some(on_end)),
            #[cfg(unix)]
            signals: std::sync::OnceLock::new(),
        })
    }

    // ---- the agent's thread ----

    /// Announces the first request other than `Info`.
    pub(super) fn work_begins(self: &Arc<Self>) {
        if let Some(call) = take(&self.on_work) {
            call(self);
        }
    }

    /// Records that a callback begins.
    #[inline]
    pub(super) fn calls(&self, callback: Callback) {
        // Only the agent's thread writes.
        let number = self.pulse.load(Ordering::Relaxed) >> 8;
        self.pulse
            .store((number + 1) << 8 | callback as u64, Ordering::Relaxed);
    }

    /// Records that no callback runs.
    pub(super) fn set_idle(&self) {
        let pulse = self.pulse.load(Ordering::Relaxed);
        self.pulse.store(pulse & !0xff, Ordering::Relaxed);
    }

    /// Calls `act`, and turns a panic in it into an error.
    pub(super) fn guarded(
        &self,
        act: impl FnOnce() -> Result<(), AgentError>,
    ) -> Result<(), AgentError> {
        let result = panics::catch(act).unwrap_or_else(|message| {
            Err(AgentError::Panic {
                callback: self.running().unwrap_or(Callback::Info),
                at: String::new(),
                message,
            })
        });
        self.set_idle();
        result
    }

    /// Whether another thread has requested something.
    #[inline]
    pub(super) fn has_requests(&self) -> bool {
        self.requests.load(Ordering::Relaxed) != 0
    }

    /// Whether to write the buffered output. Clears the request.
    pub(super) fn take_flush_request(&self) -> bool {
        self.requests.fetch_and(!request::FLUSH, Ordering::SeqCst) & request::FLUSH != 0
    }

    /// Whether to end as if the input had ended.
    pub(super) fn should_stop(&self) -> bool {
        self.requests.load(Ordering::SeqCst) & request::STOP != 0
    }

    /// Whether to end without calling the handler again.
    pub(super) fn should_end(&self) -> bool {
        self.requests.load(Ordering::SeqCst) & request::END != 0
    }

    // ---- any thread ----

    fn running(&self) -> Option<Callback> {
        Callback::from_number((self.pulse.load(Ordering::Relaxed) & 0xff) as u8)
    }

    fn request(&self, what: u8) {
        self.requests.fetch_or(what, Ordering::SeqCst);
    }

    fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake();
        }
    }

    /// Asks the agent to end as if its input had ended.
    pub(super) fn stop(&self) {
        self.request(request::STOP);
        self.wake();
    }

    /// Lets SIGTERM and SIGINT stop the agent.
    #[cfg(unix)]
    pub(super) fn stop_on_signals(self: &Arc<Self>) -> std::io::Result<()> {
        let agent = Arc::downgrade(self);
        let stop = move || {
            if let Some(agent) = agent.upgrade() {
                agent.stop();
            }
        };
        // A second registration would change nothing.
        let _ = self.signals.set(stop_on_signals(stop)?);
        Ok(())
    }

    /// Ends the agent with the error of a thread of the UDF.
    pub(super) fn fail(&self, error: Error) {
        let error = AgentError::Sender { error };
        let last = error_response(&error);
        if !self.note(Err(error)) {
            return;
        }
        self.request(request::END);
        // While a callback runs, the agent's thread ends the agent itself, after the callback's output.
        if self.running().is_none() {
            self.writer
                .close_within(last, Instant::now() + WRITING_TIME);
            thread::sleep(READING_TIME);
        }
        self.wake();
    }

    /// Records how the agent ended and wakes waiting threads. Returns `false` if that was recorded before.
    pub(super) fn note(&self, outcome: Result<(), AgentError>) -> bool {
        if self.is_ending.swap(true, Ordering::SeqCst) {
            return false;
        }
        if let Some(call) = take(&self.on_end) {
            call(&outcome);
        }
        *self.outcome() = Outcome::Ended(outcome);
        self.ended.notify_all();
        true
    }

    /// The `ErrorResponse` for the error that another thread has recorded.
    pub(super) fn noted_error(&self) -> Option<Message> {
        match &*self.outcome() {
            Outcome::Ended(Err(error)) => Some(error_response(error)),
            _ => None,
        }
    }

    fn has_ended(&self) -> bool {
        self.is_ending.load(Ordering::SeqCst)
    }

    /// Waits until the agent has ended.
    pub(super) fn wait(&self) -> Result<(), AgentError> {
        let mut outcome = self.outcome();
        loop {
            if !matches!(*outcome, Outcome::Running)
                && let Outcome::Ended(ended) = mem::replace(&mut *outcome, Outcome::Taken)
            {
                return ended;
            }
            outcome = self
                .ended
                .wait(outcome)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        // No code panics while holding this lock.
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- the watch's thread ----

    /// Registers the agent with the watch.
    pub(super) fn watch(self: &Arc<Self>) {
        let agent = Arc::downgrade(self);
        let mut last = LastLook {
            pulse: 0,
            // Equal to no number of writes: a callback that is busy at the first look has just begun.
            writes: u64::MAX,
            since: Instant::now(),
        };
        let look = move |now| {
            // Weak: the watch does not keep an ended agent in memory.
            let agent = agent.upgrade();
            agent.is_some_and(|agent| agent.look(&mut last, now))
        };
        if let Err(error) = watch::look(Box::new(look)) {
            log::error!("no heartbeats will be sent: {error}");
        }
    }

    /// Sends a heartbeat while a callback is busy, and ends the agent if one is stuck. Never blocks.
    /// Returns `false` once the agent needs no more looks.
    fn look(self: &Arc<Self>, last: &mut LastLook, now: Instant) -> bool {
        if self.has_ended() {
            return false;
        }
        let pulse = self.pulse.load(Ordering::Relaxed);
        // A blocked output is not the callback's fault, and a heartbeat cannot overtake it.
        if pulse != last.pulse || self.writer.is_writing() {
            (last.pulse, last.since) = (pulse, now);
        }
        let writes = self.writer.writes();
        if let Some(callback) = self.running() {
            if now.duration_since(last.since) >= self.call_limit {
                self.give_up(callback);
                return false;
            }
            self.request(request::FLUSH);
            if writes == last.writes {
                let time = clock::now();
                self.writer
                    .try_respond(Message::Keepalive(KeepaliveResponse { time }));
            }
        }
        last.writes = writes;
        true
    }

    /// Ends the agent from a new thread, because its own is stuck in a callback.
    fn give_up(self: &Arc<Self>, callback: Callback) {
        self.request(request::END);
        let limit = self.call_limit;
        let stuck = move || AgentError::Stuck { callback, limit };
        let control = self.clone();
        let end = move || {
            let stuck = stuck();
            log::error!("{stuck}; the agent ends");
            let deadline = Instant::now() + WRITING_TIME;
            control
                .writer
                .close_within(error_response(&stuck), deadline);
            thread::sleep(READING_TIME);
            control.end(stuck);
        };
        if threads::spawn("udf-give-up", Box::new(end)).is_err() {
            self.end(stuck());
        }
    }

    fn end(&self, error: AgentError) {
        self.note(Err(error));
        self.wake();
    }
}

fn take<F>(call: &Call<F>) -> Option<F> {
    // No code panics while holding this lock.
    call.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// The `ErrorResponse` that carries an error.
pub(super) fn error_response(error: &AgentError) -> Message {
    Message::Error(ErrorResponse {
        error: text::cut(&error.to_string()).into_owned(),
    })
}
