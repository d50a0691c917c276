//! What an agent asks of its surroundings, and tells them.

use std::sync::{Mutex, PoisonError};

use super::{AgentError, Stopper};

#[derive(Default)]
pub(super) struct Hooks {
    /// Makes a read that waits return at once.
    pub(super) wake: Option<Box<dyn Fn() + Send + Sync>>,
    /// Says whether something can be read without waiting.
    pub(super) readable: Option<Box<dyn Fn() -> bool + Send + Sync>>,
    /// There is something to lose from now on.
    pub(super) at_work: CalledOnce<Stopper>,
    /// Another thread than its own has ended the agent.
    pub(super) ended_elsewhere: CalledOnce<Result<(), AgentError>>,
}

/// Something that is called once at most, or nothing.
pub(super) struct CalledOnce<T>(Mutex<Option<Act<T>>>);

type Act<T> = Box<dyn FnOnce(T) + Send>;

impl<T> CalledOnce<T> {
    pub(super) fn new(act: impl FnOnce(T) + Send + 'static) -> Self {
        Self(Mutex::new(Some(Box::new(act))))
    }

    /// What is to be called, the first time.
    pub(super) fn take(&self) -> Option<Act<T>> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Default for CalledOnce<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}
