//! SIGTERM and SIGINT: the first stops gracefully, a second one ends the process at once.

use std::collections::BTreeMap;
use std::io::{self, PipeReader, Read as _};
use std::mem;
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level::pipe};

use super::{poll, threads};

/// How long a graceful stop may take.
const GRACE: Duration = Duration::from_secs(5);

static SIGNALS: Mutex<Signals> = Mutex::new(Signals {
    are_handled: false,
    has_come: false,
    next: 0,
    stops: BTreeMap::new(),
});

struct Signals {
    are_handled: bool,
    /// The first signal has come, and everything was stopped.
    has_come: bool,
    next: u64,
    /// What the first signal stops.
    stops: BTreeMap<u64, Box<dyn FnOnce() + Send>>,
}

/// Something that the first signal stops, as long as this lives.
#[derive(Debug)]
pub(crate) struct StoppedBySignals(u64);

impl Drop for StoppedBySignals {
    fn drop(&mut self) {
        let stop = signals().stops.remove(&self.0);
        // It may run code of its own.
        drop(stop);
    }
}

/// Lets SIGTERM and SIGINT stop something gracefully, beside everything else that they stop. A second
/// signal, or a stop that takes longer than 5 s, ends the process at once.
pub(crate) fn stop_on_signals(
    stop: impl FnOnce() + Send + 'static,
) -> io::Result<StoppedBySignals> {
    let mut signals = signals();
    if !signals.are_handled {
        handle()?;
        signals.are_handled = true;
    }
    let number = signals.next;
    signals.next += 1;
    if signals.has_come {
        drop(signals);
        stop();
    } else {
        signals.stops.insert(number, Box::new(stop));
    }
    Ok(StoppedBySignals(number))
}

fn signals() -> MutexGuard<'static, Signals> {
    // Nothing panics while it is held.
    SIGNALS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn handle() -> io::Result<()> {
    let (woken, wake) = io::pipe()?;
    let come = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        // In this order: the first signal finds the flag down and sets it.
        flag::register_conditional_shutdown(signal, 1, come.clone())?;
        flag::register(signal, come.clone())?;
        pipe::register(signal, wake.try_clone()?)?;
    }
    threads::spawn("udf-signals", Box::new(move || wait(woken, &come)))?;
    Ok(())
}

/// Waits for the first signal, stops everything, and ends the process if that takes too long.
fn wait(mut woken: PipeReader, come: &AtomicBool) {
    while !come.load(Ordering::SeqCst) {
        if woken.read(&mut [0]).is_err() {
            // Nothing can be waited for. A second signal still ends the process.
            return;
        }
    }
    let overdue = Instant::now() + GRACE;
    let stops = {
        let mut signals = signals();
        signals.has_come = true;
        mem::take(&mut signals.stops)
    };
    stops.into_values().for_each(|stop| stop());
    loop {
        let left = overdue.saturating_duration_since(Instant::now());
        if left.is_zero() {
            log::error!("still running {GRACE:?} after the signal; the process ends now");
            exit(1);
        }
        // A signal that comes meanwhile has ended the process before this returns.
        let mut nothing = [PollFd::new(&woken, PollFlags::empty())];
        let _ = poll::wait(&mut nothing, Some(left));
    }
}
