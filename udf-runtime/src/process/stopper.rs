//! [`Stopper`]: stops an agent, a server or a pipe, from any thread.

use std::fmt;
use std::sync::Arc;

/// Stops an agent, a server or a pipe, from any thread.
///
/// It ends as if its input had ended: it handles the input received so far, and delivers the output.
#[derive(Clone)]
pub struct Stopper {
    stop: Arc<dyn Fn() + Send + Sync>,
}

impl Stopper {
    pub(crate) fn new(stop: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            stop: Arc::new(stop),
        }
    }

    /// Asks for the end, and does not wait for it. More calls have no effect.
    pub fn stop(&self) {
        (self.stop)();
    }
}

impl fmt::Debug for Stopper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopper").finish_non_exhaustive()
    }
}
