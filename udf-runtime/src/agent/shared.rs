//! What an agent's thread and the watch share.

use std::io::Write;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use udf_proto::{ErrorResponse, KeepaliveResponse, response::Message};

use super::hooks::Hooks;
use super::session::{Session, Witness};
use super::sleep::Told;
use super::watch::{self, Watched};
use super::{AgentError, Callback, Controlled, LOOK_EVERY, Limits, Stopper};
use crate::agent::Handler;
use crate::output::Output;
use crate::output::Wire;
use crate::process::threads::{self, Spawned};
use crate::process::{clock, panics};

/// Wishes to the agent's thread, one bit each; looked at before each message.
pub(super) mod wish {
    /// Write what was gathered, since the current burst takes long.
    pub(in crate::agent) const FLUSH: u8 = 1;
    /// Call `tick`.
    pub(in crate::agent) const TICK: u8 = 2;
    /// End as if the input had ended.
    pub(in crate::agent) const STOP: u8 = 4;
}

pub(super) struct Shared<H: Handler> {
    /// Keeps the callbacks apart. The agent's thread holds it while it handles what it has read,
    /// and not while it waits for more.
    session: Mutex<Session<H>>,
    pub(super) wire: Arc<Wire>,
    pub(super) wishes: AtomicU8,
    /// Counts when a read begins and when it ends: odd while the agent's thread waits for input, or
    /// has some that it has not said it has.
    reads: AtomicU64,
    /// A part of a frame has come.
    amid_frame: AtomicBool,
    /// Kapacitor knows that its `Init` was accepted.
    init_answered: AtomicBool,
    /// Tells whether it sleeps, once it is at work.
    thread: OnceLock<Option<Told>>,
    /// Number of callbacks so far, and which one runs: `number << 8 | callback`.
    pulse: AtomicU64,
    heartbeat_under_way: AtomicBool,
    seen: Mutex<Seen>,
    outcome: Mutex<Outcome>,
    ended: Condvar,
    pub(super) limits: Limits,
    hooks: Hooks,
}

/// How the agent ended.
enum Outcome {
    /// It has not.
    Open,
    Noted(Result<(), AgentError>),
    /// It has, and who waited for it knows how.
    Taken,
}

/// Between two looks whether the agent's thread waits for input.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// Time to write the error of a callback that is stuck.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Time for Kapacitor to read an error before it finds that nobody reads what it writes.
const TELL: Duration = Duration::from_millis(200);

/// What the watch saw when it last looked.
struct Seen {
    pulse: u64,
    reads: u64,
    writes: u64,
    since: Instant,
    next_look: Instant,
    tick_every: Option<Duration>,
    next_tick: Option<Instant>,
}

impl<H: Handler> Shared<H> {
    pub(super) fn new(
        handler: H,
        writer: Box<dyn Write + Send>,
        limits: Limits,
        hooks: Hooks,
    ) -> Arc<Self> {
        let limits = limits.checked();
        let wire = Wire::new(writer, H::Output::EDGE, limits.message_bytes);
        let now = Instant::now();
        Arc::new(Self {
            session: Mutex::new(Session::new(handler, wire.clone(), limits.clone())),
            wire,
            wishes: AtomicU8::new(0),
            reads: AtomicU64::new(0),
            amid_frame: AtomicBool::new(false),
            init_answered: AtomicBool::new(false),
            thread: OnceLock::new(),
            pulse: AtomicU64::new(0),
            heartbeat_under_way: AtomicBool::new(false),
            seen: Mutex::new(Seen {
                pulse: 0,
                reads: 0,
                writes: 0,
                since: now,
                next_look: now + LOOK_EVERY,
                tick_every: None,
                next_tick: None,
            }),
            outcome: Mutex::new(Outcome::Open),
            ended: Condvar::new(),
            limits,
            hooks,
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Session<H>> {
        // Panics of callbacks are caught inside of the lock; none reaches it.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_lock(&self) -> Option<MutexGuard<'_, Session<H>>> {
        match self.session.try_lock() {
            Ok(session) => Some(session),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Says to the watch that no callback runs.
    pub(super) fn mark_idle(&self) {
        let pulse = self.pulse.load(Ordering::Relaxed);
        self.pulse.store(pulse & !0xff, Ordering::Relaxed);
    }

    fn running(pulse: u64) -> Option<Callback> {
        Callback::from_number((pulse & 0xff) as u8)
    }

    /// Calls `act`, and turns a panic in it into an error.
    pub(super) fn guarded(
        &self,
        act: impl FnOnce() -> Result<(), AgentError>,
    ) -> Result<(), AgentError> {
        panics::catch(act).unwrap_or_else(|message| {
            let running = Self::running(self.pulse.load(Ordering::Relaxed));
            Err(AgentError::Panic {
                callback: running.unwrap_or(Callback::Info),
                at: String::new(),
                message,
            })
        })
    }

    /// Ticks, if that was wished while the session was busy and the agent's thread did not see it any
    /// more.
    pub(super) fn attend_idle(self: &Arc<Self>) -> Result<(), AgentError> {
        // Whoever has the session looks at the wishes when it is done.
        if self.wishes.load(Ordering::SeqCst) & wish::TICK != 0
            && let Some(mut session) = self.try_lock()
            && !session.is_ended()
        {
            self.act(&mut session, |session| {
                if self.take_wish(wish::TICK) {
                    session.tick(self)?;
                    session.flush()?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Stops while the agent's thread waits for input and cannot be woken.
    fn stop_while_waiting(self: &Arc<Self>) {
        loop {
            {
                let mut session = self.lock();
                if session.is_ended() {
                    return;
                }
                if self.waits_for_input() {
                    let stopped = self.act(&mut session, |session| session.stop(self));
                    drop(session);
                    return self.end(stopped);
                }
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// Whether the agent's thread waits for input and has none. Asked by who has the session, so that
    /// nothing is handled meanwhile.
    ///
    /// A read that has just returned looks like one that waits, but for this: whoever waits sleeps.
    fn waits_for_input(&self) -> bool {
        let reads = self.reads.load(Ordering::SeqCst);
        // Where the system does not tell, it is taken to sleep.
        let sleeps = || {
            let thread = self.thread.get().and_then(Option::as_ref);
            thread.and_then(Told::sleeps).unwrap_or(true)
        };
        let is_reading = || reads % 2 == 1 && self.reads.load(Ordering::SeqCst) == reads;
        // Asked last: with input, the agent's thread sleeps as well, until it has the session.
        !self.more_to_read() && sleeps() && is_reading()
    }

    /// Acts on the session between two callbacks; what fails is told to Kapacitor.
    fn act(
        &self,
        session: &mut Session<H>,
        act: impl FnOnce(&mut Session<H>) -> Result<(), AgentError>,
    ) -> Result<(), AgentError> {
        let result = self.guarded(|| act(session));
        self.mark_idle();
        result.inspect_err(|error| session.fail(error))
    }

    pub(super) fn take_wish(&self, wish: u8) -> bool {
        self.wishes.fetch_and(!wish, Ordering::SeqCst) & wish != 0
    }

    /// Whether a stop is wished.
    pub(super) fn is_to_stop(&self) -> bool {
        self.wishes.load(Ordering::Relaxed) & wish::STOP != 0
    }

    /// Whether the input will end by itself after a stop.
    pub(super) fn can_be_woken(&self) -> bool {
        self.hooks.wake.is_some()
    }

    /// Reads, for the agent's thread.
    pub(super) fn while_reading<T>(&self, is_amid_frame: bool, read: impl FnOnce() -> T) -> T {
        self.amid_frame.store(is_amid_frame, Ordering::Relaxed);
        self.reads.fetch_add(1, Ordering::SeqCst);
        let read = read();
        self.reads.fetch_add(1, Ordering::SeqCst);
        read
    }

    /// Lets out what senders have sent, since no `Restore` has come after `Init` was answered, and none
    /// seems to be on its way.
    fn open(&self, reads: u64) {
        // Whoever has the session has something to do, and a later look will find when it is done.
        if let Some(_session) = self.try_lock()
            && self.reads.load(Ordering::SeqCst) == reads
        {
            // Where the output is gone, the agent's thread finds out itself.
            let _ = self.wire.open();
        }
    }

    pub(super) fn more_to_read(&self) -> bool {
        let readable = self.hooks.readable.as_ref();
        readable.is_some_and(|readable| readable())
    }

    /// Notes how it ended, and wakes whoever waits. `false` where that was noted before.
    pub(super) fn note(&self, outcome: Result<(), AgentError>) -> bool {
        let mut noted = self.outcome();
        let is_first = matches!(*noted, Outcome::Open);
        if is_first {
            *noted = Outcome::Noted(outcome);
        }
        drop(noted);
        self.ended.notify_all();
        is_first
    }

    /// Whether it was noted how it ended.
    pub(super) fn has_ended(&self) -> bool {
        !matches!(*self.outcome(), Outcome::Open)
    }

    /// Ends the agent though its thread may not return.
    fn end(&self, outcome: Result<(), AgentError>) {
        if !self.note(outcome) {
            return;
        }
        if let Some(wake) = &self.hooks.wake {
            wake();
        }
        if let Some(tell) = self.hooks.ended_elsewhere.take() {
            tell(self.wait());
        }
    }

    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        // Nothing panics while it is held.
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Nothing panics while it is held.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a heartbeat, from a thread of its own, since the output may block.
    fn heartbeat(self: &Arc<Self>) {
        if self.heartbeat_under_way.swap(true, Ordering::SeqCst) {
            return;
        }
        let sending = self.aside("udf-heartbeat", |shared| {
            let time = clock::now();
            // Where the output is gone, the agent's thread finds out itself.
            let _ = shared
                .wire
                .try_respond(Message::Keepalive(KeepaliveResponse { time }));
            shared.heartbeat_under_way.store(false, Ordering::SeqCst);
        });
        if sending.is_none() {
            self.heartbeat_under_way.store(false, Ordering::SeqCst);
        }
    }

    /// Gives up on a callback that does not return.
    fn give_up(self: &Arc<Self>, callback: Callback) {
        let stuck = AgentError::Stuck {
            callback,
            limit: self.limits.callback,
        };
        let last = ErrorResponse {
            error: stuck.to_string(),
        };
        // The output may block as well: whoever waits for the agent is not kept by it.
        let telling = self.aside("udf-last-words", |shared| {
            let _ = shared.wire.close_with(Message::Error(last));
        });
        let ending = move |shared: Arc<Self>| {
            log::error!("{stuck}; the agent ends");
            if telling.is_some_and(|telling| telling.ends_within(LAST_WORDS)) {
                thread::sleep(TELL);
            }
            shared.end(Err(stuck));
        };
        if self.aside("udf-give-up", ending).is_none() {
            self.end(Err(AgentError::Stuck {
                callback,
                limit: self.limits.callback,
            }));
        }
    }

    /// Acts in a thread of its own, since it may take its time and the watch waits for nothing. `None`
    /// where there is none to be had.
    fn aside(
        self: &Arc<Self>,
        name: &str,
        act: impl FnOnce(Arc<Self>) + Send + 'static,
    ) -> Option<Spawned> {
        let shared = self.clone();
        threads::spawn(name, Box::new(move || act(shared)))
            .inspect_err(|error| log::error!("no thread {name} can be started: {error}"))
            .ok()
    }
}

impl<H: Handler> Witness for Arc<Shared<H>> {
    fn work_begins(&self) {
        self.thread.get_or_init(Told::of_this_thread);
        let watched: Arc<dyn Watched> = self.clone();
        watch::watch().add(Arc::downgrade(&watched));
        if let Some(act) = self.hooks.at_work.take() {
            act(Stopper::new(self));
        }
    }

    fn init_answered(&self) {
        self.init_answered.store(true, Ordering::SeqCst);
    }

    fn ticks(&self, every: Duration) {
        {
            let mut seen = self.seen();
            seen.tick_every = Some(every);
            seen.next_tick = Some(Instant::now() + every);
        }
        watch::watch().look_now();
    }

    #[inline]
    fn calls(&self, callback: Callback) {
        // Only the holder of the session's lock writes.
        let number = self.pulse.load(Ordering::Relaxed) >> 8;
        self.pulse
            .store((number + 1) << 8 | callback as u64, Ordering::Relaxed);
    }
}

impl<H: Handler> Watched for Shared<H> {
    fn look(self: Arc<Self>, now: Instant) -> Option<Instant> {
        let next = self.look_after(now);
        // The handler may have ended meanwhile, and take its time to be dropped.
        if let Some(last) = Arc::into_inner(self) {
            // Where there is no thread, it is dropped here.
            let _ = threads::spawn("udf-drop", Box::new(|| drop(last)));
        }
        next
    }
}

impl<H: Handler> Shared<H> {
    /// Looks after the agent, and says when to look again; `None` for never.
    fn look_after(self: &Arc<Self>, now: Instant) -> Option<Instant> {
        if self.has_ended() {
            return None;
        }
        let mut seen = self.seen();
        if now >= seen.next_look {
            seen.next_look = now + LOOK_EVERY;
            let (pulse, writes) = (self.pulse.load(Ordering::Relaxed), self.wire.writes());
            let running = Self::running(pulse);
            let reads = self.reads.load(Ordering::SeqCst);
            let is_quiet = running.is_none() && (pulse, reads) == (seen.pulse, seen.reads);
            if self.wire.is_holding()
                && self.init_answered.load(Ordering::SeqCst)
                && is_quiet
                && !self.amid_frame.load(Ordering::Relaxed)
            {
                self.aside("udf-open", move |shared| shared.open(reads));
            }
            seen.reads = reads;
            // An output that blocks is not the callback's fault; heartbeats cannot pass it anyway.
            if pulse != seen.pulse || self.wire.is_writing() {
                (seen.pulse, seen.since) = (pulse, now);
            }
            if let Some(callback) = running {
                if now.duration_since(seen.since) >= self.limits.callback {
                    drop(seen);
                    self.give_up(callback);
                    return None;
                }
                self.wishes.fetch_or(wish::FLUSH, Ordering::Relaxed);
                if writes == seen.writes {
                    self.heartbeat();
                }
            }
            seen.writes = writes;
        }
        if let (Some(every), Some(due)) = (seen.tick_every, seen.next_tick)
            && now >= due
        {
            seen.next_tick = Some(now + every);
            // What a tick sends cannot be held.
            if !self.wire.is_holding() {
                self.wishes.fetch_or(wish::TICK, Ordering::SeqCst);
                self.aside("udf-tick", |shared| {
                    if let Err(error) = shared.attend_idle() {
                        thread::sleep(TELL);
                        shared.end(Err(error));
                    }
                });
            }
        }
        Some(
            seen.next_tick
                .map_or(seen.next_look, |tick| tick.min(seen.next_look)),
        )
    }
}

impl<H: Handler> Controlled for Shared<H> {
    fn stop(self: Arc<Self>) {
        self.wishes.fetch_or(wish::STOP, Ordering::SeqCst);
        if let Some(wake) = &self.hooks.wake {
            wake();
        } else {
            self.aside("udf-stop", |shared| shared.stop_while_waiting());
        }
    }

    fn wait(&self) -> Result<(), AgentError> {
        let mut outcome = self.outcome();
        loop {
            if !matches!(*outcome, Outcome::Open)
                && let Outcome::Noted(noted) = mem::replace(&mut *outcome, Outcome::Taken)
            {
                return noted;
            }
            outcome = self
                .ended
                .wait(outcome)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}
