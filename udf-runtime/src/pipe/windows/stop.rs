//! What stops a pipe.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::connection::Waker;
use crate::process::Stopper;

/// Lets a pipe be stopped. Its input then ends: the lines that were read are answered, open batches are
/// passed to the UDF, and the UDF is stopped.
#[derive(Clone)]
pub struct StopSignal(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_given: bool,
    /// Wakes the pipe.
    waker: Option<Waker>,
}

impl StopSignal {
    /// A signal that was not given yet.
    ///
    /// # Errors
    /// None on this system.
    pub fn new() -> io::Result<Self> {
        Ok(Self(Arc::default()))
    }

    /// What gives the signal, from any thread.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        let signal = self.clone();
        Stopper::new(move || {
            let mut state = signal.lock();
            state.is_given = true;
            if let Some(waker) = &state.waker {
                waker.wake();
            }
        })
    }

    /// Lets the signal wake an input.
    pub(super) fn wakes(&self, waker: Waker) {
        let mut state = self.lock();
        if state.is_given {
            waker.wake();
        }
        state.waker = Some(waker);
    }

    pub(super) fn is_given(&self) -> bool {
        self.lock().is_given
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while holding this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for StopSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StopSignal").finish_non_exhaustive()
    }
}
