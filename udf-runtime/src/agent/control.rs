//! What other threads see of an agent, and what they do to it.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use std::{io, mem};

use udf_proto::{ErrorResponse, KeepaliveResponse, response::Message};

use super::{AgentError, Callback};
use crate::connection::Waker;
use crate::error::Error;
use crate::output::ResponseWriter;
use crate::process::signals::{StoppedBySignals, stop_on_signals};
use crate::process::{clock, panics, text, threads, watch};

/// Time to write the last error when the agent's thread cannot.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Time for Kapacitor to read that error before it finds that its requests are not read.
const READING_TIME: Duration = Duration::from_millis(200);

/// An agent as other threads see it: which callback runs, how to stop it, and how it has ended.
pub(super) struct Control {
    pub(super) writer: Arc<ResponseWriter>,
    /// Wakes the agent's thread while it waits for input.
    waker: Option<Waker>,
    /// How long one callback may take.
    call_limit: Duration,
    /// Number of callbacks so far, and the one that runs: `number << 8 | callback`.
    pulse: AtomicU64,
    /// What other threads ask for, a bit each; the agent's thread looks before each message.
    asked: AtomicU8,
    /// A thread has begun to note how the agent ended.
    is_ending: AtomicBool,
    outcome: Mutex<Outcome>,
    ended: Condvar,
    on_work: Call<OnWork>,
    on_end: Call<OnEnd>,
    signals: OnceLock<StoppedBySignals>,
}

/// Called when the handler is first asked for more than `Info`.
pub(super) type OnWork = Box<dyn FnOnce(&Arc<Control>) + Send>;
/// Called when the agent has ended, by the thread that has ended it.
pub(super) type OnEnd = Box<dyn FnOnce(&Result<(), AgentError>) + Send>;
/// Something that is called once at most.
type Call<F> = Mutex<Option<F>>;

/// Bits of [`Control::asked`].
mod ask {
    /// Write what is buffered, since a burst of messages takes long.
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
    /// It has ended, and the thread that waited knows how.
    Taken,
}

/// What the watch saw of an agent when it last looked.
struct Seen {
    pulse: u64,
    writes: u64,
    /// Since when the same callback runs.
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
            asked: AtomicU8::new(0),
            is_ending: AtomicBool::new(false),
            outcome: Mutex::new(Outcome::Running),
            ended: Condvar::new(),
            on_work: Mutex::new(Some(on_work)),
            on_end: Mutex::new(Some(on_end)),
            signals: OnceLock::new(),
        })
    }

    // ---- the agent's thread ----

    /// The handler is asked for more than `Info` for the first time.
    pub(super) fn work_begins(self: &Arc<Self>) {
        if let Some(call) = take(&self.on_work) {
            call(self);
        }
    }

    /// A callback begins.
    #[inline]
    pub(super) fn calls(&self, callback: Callback) {
        // Only the agent's thread writes.
        let number = self.pulse.load(Ordering::Relaxed) >> 8;
        self.pulse
            .store((number + 1) << 8 | callback as u64, Ordering::Relaxed);
    }

    /// No callback runs.
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

    /// Whether another thread asks for something.
    #[inline]
    pub(super) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed) != 0
    }

    /// Whether to write what is buffered; asked for once.
    pub(super) fn takes_flush(&self) -> bool {
        self.asked.fetch_and(!ask::FLUSH, Ordering::SeqCst) & ask::FLUSH != 0
    }

    /// Whether to end as if the input had ended.
    pub(super) fn is_to_stop(&self) -> bool {
        self.asked.load(Ordering::SeqCst) & ask::STOP != 0
    }

    /// Whether to end, without a word to the handler.
    pub(super) fn is_to_end(&self) -> bool {
        self.asked.load(Ordering::SeqCst) & ask::END != 0
    }

    // ---- any thread ----

    fn running(&self) -> Option<Callback> {
        Callback::from_number((self.pulse.load(Ordering::Relaxed) & 0xff) as u8)
    }

    fn ask(&self, what: u8) {
        self.asked.fetch_or(what, Ordering::SeqCst);
    }

    fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake();
        }
    }

    /// Asks the agent to end as if its input had ended.
    pub(super) fn stop(&self) {
        self.ask(ask::STOP);
        self.wake();
    }

    /// Lets SIGTERM and SIGINT stop the agent.
    pub(super) fn stop_on_signals(self: &Arc<Self>) -> io::Result<()> {
        let agent = Arc::downgrade(self);
        let stop = move || {
            if let Some(agent) = agent.upgrade() {
                agent.stop();
            }
        };
        // Once is enough.
        let _ = self.signals.set(stop_on_signals(stop)?);
        Ok(())
    }

    /// Ends the agent with the error of a thread of the UDF.
    pub(super) fn fail(&self, error: Error) {
        let error = AgentError::Sender { error };
        let last = last_words(&error);
        if !self.note(Err(error)) {
            return;
        }
        self.ask(ask::END);
        // A callback that runs is followed by the agent's own end, with what the callback has sent.
        if self.running().is_none() {
            self.writer.close_within(last, Instant::now() + LAST_WORDS);
            thread::sleep(READING_TIME);
        }
        self.wake();
    }

    /// Notes how it ended, and wakes those who wait. `false` where that was noted before.
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

    /// The error that another thread has noted, in words.
    pub(super) fn noted_error(&self) -> Option<Message> {
        match &*self.outcome() {
            Outcome::Ended(Err(error)) => Some(last_words(error)),
            _ => None,
        }
    }

    fn has_ended(&self) -> bool {
        self.is_ending.load(Ordering::SeqCst)
    }

    /// Waits for the end.
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
        // Nothing panics while it is held.
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- the watch's thread ----

    /// Has the watch look after the agent.
    pub(super) fn watch(self: &Arc<Self>) {
        let agent = Arc::downgrade(self);
        let mut seen = Seen {
            pulse: 0,
            writes: 0,
            since: Instant::now(),
        };
        let look = move |now| {
            // An agent that has ended is let go at once.
            let agent = agent.upgrade();
            agent.is_some_and(|agent| agent.look(&mut seen, now))
        };
        if let Err(error) = watch::look(Box::new(look)) {
            log::error!("no heartbeats will be sent: {error}");
        }
    }

    /// Sends a sign of life if a callback is busy, and gives up on one that is stuck. Waits for nothing.
    /// `false` where the agent is not to be looked after any more.
    fn look(self: &Arc<Self>, seen: &mut Seen, now: Instant) -> bool {
        if self.has_ended() {
            return false;
        }
        let pulse = self.pulse.load(Ordering::Relaxed);
        // An output that blocks is not the callback's fault, and a heartbeat cannot pass it.
        if pulse != seen.pulse || self.writer.is_writing() {
            (seen.pulse, seen.since) = (pulse, now);
        }
        let writes = self.writer.writes();
        if let Some(callback) = self.running() {
            if now.duration_since(seen.since) >= self.call_limit {
                self.give_up(callback);
                return false;
            }
            self.ask(ask::FLUSH);
            if writes == seen.writes {
                let time = clock::now();
                self.writer
                    .try_respond(Message::Keepalive(KeepaliveResponse { time }));
            }
        }
        seen.writes = writes;
        true
    }

    /// Ends the agent without its thread, which does not return from a callback.
    fn give_up(self: &Arc<Self>, callback: Callback) {
        self.ask(ask::END);
        let limit = self.call_limit;
        let stuck = move || AgentError::Stuck { callback, limit };
        let control = self.clone();
        let end = move || {
            let stuck = stuck();
            log::error!("{stuck}; the agent ends");
            let deadline = Instant::now() + LAST_WORDS;
            control.writer.close_within(last_words(&stuck), deadline);
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
    // Nothing panics while it is held.
    call.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// The response that carries an error.
pub(super) fn last_words(error: &AgentError) -> Message {
    Message::Error(ErrorResponse {
        error: text::cut(&error.to_string()).into_owned(),
    })
}
