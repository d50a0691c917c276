//! The one thread beside those that work: it sleeps until something is due, or a signal comes.

use std::io::{self, Read, Write};
use std::mem;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::process::threads;

/// What the watch looks after.
pub(super) trait Watched: Send + Sync {
    /// Looks, without waiting for anything, and says when to look again; `None` for never.
    fn look(self: Arc<Self>, now: Instant) -> Option<Instant>;
}

/// The process's watch.
pub(super) struct Watch {
    state: Mutex<State>,
    /// Wakes the thread; `None` where there is none, because the process has run out of
    /// something.
    wake: Option<UnixStream>,
    signalled: Arc<AtomicBool>,
}

#[derive(Default)]
struct State {
    /// Not kept alive: what has ended is let go at once.
    watched: Vec<(Weak<dyn Watched>, Instant)>,
    handles_signals: bool,
    /// What a signal stops.
    stops: Vec<Box<dyn FnOnce() + Send>>,
}

/// How long a graceful stop may take after a signal.
const GRACE: Duration = Duration::from_secs(5);

/// Lets SIGTERM and SIGINT stop something gracefully, beside whatever else they stop. A second one,
/// or a stop that takes too long, ends the process at once.
pub(crate) fn stop_on_signals(stop: impl FnOnce() + Send + 'static) -> io::Result<()> {
    watch().on_signals(Box::new(stop))
}

/// The process's watch, whose thread starts with the first use.
pub(super) fn watch() -> &'static Watch {
    static WATCH: OnceLock<Arc<Watch>> = OnceLock::new();
    WATCH.get_or_init(|| {
        Watch::start().unwrap_or_else(|error| {
            unwatched(&error);
            Arc::new(Watch::new(None))
        })
    })
}

fn unwatched(error: &io::Error) {
    log::error!("no ticks, heartbeats and signals will be handled: {error}");
}

impl Watch {
    fn new(wake: Option<UnixStream>) -> Self {
        Self {
            state: Mutex::default(),
            wake,
            signalled: Arc::default(),
        }
    }

    fn start() -> io::Result<Arc<Self>> {
        let (wake, woken) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        let watch = Arc::new(Self::new(Some(wake)));
        let kept = watch.clone();
        threads::spawn("udf-watch", Box::new(move || kept.keep(woken)))?;
        Ok(watch)
    }

    /// Looks after something from now on, for as long as it lives.
    pub(super) fn add(&self, watched: Weak<dyn Watched>) {
        self.state().watched.push((watched, Instant::now()));
        self.look_now();
    }

    /// Looks after everything again, since something may be due earlier than it was.
    pub(super) fn look_now(&self) {
        for (_, due) in &mut self.state().watched {
            *due = Instant::now();
        }
        self.wake();
    }

    /// Calls `stop` at the first SIGTERM or SIGINT; a second one ends the process at once.
    ///
    /// # Errors
    /// Where the process's signals cannot be handled.
    fn on_signals(&self, stop: Box<dyn FnOnce() + Send>) -> io::Result<()> {
        use signal_hook::{flag, low_level::pipe};
        let wake = self
            .wake
            .as_ref()
            .ok_or_else(|| io::Error::other("there is no watch"))?;
        let mut state = self.state();
        if !state.handles_signals {
            for signal in [SIGTERM, SIGINT] {
                // In this order: the first signal finds the flag down and sets it.
                flag::register_conditional_shutdown(signal, 1, self.signalled.clone())?;
                flag::register(signal, self.signalled.clone())?;
                pipe::register(signal, wake.try_clone()?)?;
            }
            state.handles_signals = true;
        }
        state.stops.push(stop);
        drop(state);
        // A signal may have come already.
        self.wake();
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        // It fails only when so many bytes wait already that the thread will wake anyway.
        let _ = self.wake.as_ref().map(|mut wake| wake.write(&[0]));
    }

    /// The thread.
    fn keep(&self, mut woken: UnixStream) {
        let mut overdue = None;
        loop {
            if self.signalled.load(Ordering::SeqCst) {
                let overdue = *overdue.get_or_insert_with(|| Instant::now() + GRACE);
                // Nothing is stopped with the lock held.
                let stops = mem::take(&mut self.state().stops);
                stops.into_iter().for_each(|stop| stop());
                if Instant::now() >= overdue {
                    let grace = GRACE.as_secs();
                    log::error!("still not done {grace} s after the signal, so it ends now");
                    std::process::exit(1);
                }
            }
            let mut next = self.look_at_what_is_due();
            if let Some(due) = overdue {
                next = Some(next.map_or(due, |next| next.min(due)));
            }
            let wait = next.map(|next| {
                // A timeout of zero would be none at all.
                next.saturating_duration_since(Instant::now())
                    .max(Duration::from_millis(1))
            });
            // Both fail only with bad arguments or when woken by a signal; a loop too many is
            // harmless, a thread that spins is not.
            if woken.set_read_timeout(wait).is_err() {
                thread::sleep(Duration::from_millis(100));
            }
            let _ = woken.read(&mut [0; 64]);
        }
    }

    fn look_at_what_is_due(&self) -> Option<Instant> {
        let now = Instant::now();
        // Nothing is looked at with the lock held.
        let due: Vec<_> = {
            let mut state = self.state();
            state
                .watched
                .extract_if(.., |(_, due)| *due <= now)
                .collect()
        };
        let looked = due.into_iter().filter_map(|(watched, _)| {
            let next = watched.upgrade()?.look(now)?;
            Some((watched, next))
        });
        let looked: Vec<_> = looked.collect();
        let mut state = self.state();
        state.watched.extend(looked);
        state.watched.iter().map(|(_, due)| *due).min()
    }
}
