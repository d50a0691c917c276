//! SIGTERM and SIGINT: the first signal stops gracefully, a second one ends the process at once. SIGHUP
//! reloads.

use std::io;
use std::mem;
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level::pipe};

use super::watch;

/// How long a graceful stop may take.
const GRACE: Duration = Duration::from_secs(5);

static RELOAD: OnceLock<Reload> = OnceLock::new();

/// What SIGHUP does.
struct Reload {
    has_come: Arc<AtomicBool>,
    /// Does not block.
    reload: Box<dyn Fn() + Send + Sync>,
}

static SIGNALS: Mutex<Signals> = Mutex::new(Signals {
    has_come: None,
    overdue: None,
    next: 0,
    stops: Vec::new(),
});

struct Signals {
    /// The flag that the first signal sets, once signals are handled.
    has_come: Option<Arc<AtomicBool>>,
    /// The deadline of the stop that the first signal began.
    overdue: Option<Instant>,
    next: u64,
    /// The functions that the first signal calls.
    stops: Vec<(u64, Box<dyn FnOnce() + Send>)>,
}

/// A registration: while it exists, the first signal stops something.
#[derive(Debug)]
pub(crate) struct StoppedBySignals(u64);

impl Drop for StoppedBySignals {
    fn drop(&mut self) {
        let mut signals = signals();
        let index = signals
            .stops
            .iter()
            .position(|(number, _)| *number == self.0);
        let stop = index.map(|index| signals.stops.swap_remove(index));
        drop(signals);
        // Dropped without the lock, because dropping the function also drops what it has captured.
        drop(stop);
    }
}

/// Lets SIGTERM and SIGINT stop something gracefully, in addition to everything registered before. A
/// second signal, or a stop that takes longer than 5 s, ends the process at once.
pub(crate) fn stop_on_signals(
    stop: impl FnOnce() + Send + 'static,
) -> io::Result<StoppedBySignals> {
    let waker = watch::waker()?;
    let mut signals = signals();
    if signals.has_come.is_none() {
        let has_come = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            // The order matters: the first signal finds the flag unset, and then sets it.
            flag::register_conditional_shutdown(signal, 1, has_come.clone())?;
            flag::register(signal, has_come.clone())?;
            pipe::register(signal, waker.try_clone()?)?;
        }
        signals.has_come = Some(has_come);
    }
    let number = signals.next;
    signals.next += 1;
    if signals.overdue.is_some() {
        drop(signals);
        stop();
    } else {
        signals.stops.push((number, Box::new(stop)));
    }
    Ok(StoppedBySignals(number))
}

/// Lets SIGHUP call `reload`, which does not block. A second registration changes nothing.
pub(crate) fn reload_on_hangup(reload: impl Fn() + Send + Sync + 'static) -> io::Result<()> {
    let waker = watch::waker()?;
    let has_come = Arc::new(AtomicBool::new(false));
    let registered = RELOAD.set(Reload {
        has_come: has_come.clone(),
        reload: Box::new(reload),
    });
    if registered.is_ok() {
        flag::register(SIGHUP, has_come)?;
        pipe::register(SIGHUP, waker)?;
    }
    Ok(())
}

/// Reloads if SIGHUP has come.
fn attend_to_hangup() {
    if let Some(hangup) = RELOAD.get()
        && hangup.has_come.swap(false, Ordering::SeqCst)
    {
        (hangup.reload)();
    }
}

/// Reloads if SIGHUP has come, stops everything if the first signal to stop has come, and ends the process
/// if that takes too long. Returns the latest time for the next call. Called by the watch.
pub(super) fn attend() -> Option<Instant> {
    attend_to_hangup();
    let (stops, overdue) = {
        let mut signals = signals();
        let has_come = signals.has_come.as_ref();
        if !has_come.is_some_and(|it| it.load(Ordering::SeqCst)) {
            return None;
        }
        let overdue = *signals
            .overdue
            .get_or_insert_with(|| Instant::now() + GRACE);
        (mem::take(&mut signals.stops), overdue)
    };
    stops.into_iter().for_each(|(_, stop)| stop());
    if Instant::now() >= overdue {
        log::error!("still running {GRACE:?} after the signal; the process ends now");
        exit(1);
    }
    Some(overdue)
}

fn signals() -> MutexGuard<'static, Signals> {
    // No code panics while holding this lock.
    SIGNALS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_ends_with_what_it_stops() {
        let before = signals().stops.len();
        let registered: Vec<_> = (0..100).map(|_| stop_on_signals(|| {}).unwrap()).collect();
        assert_eq!(signals().stops.len(), before + 100);
        drop(registered);
        assert_eq!(signals().stops.len(), before);
    }
}
