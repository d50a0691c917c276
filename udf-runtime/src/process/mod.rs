//! What concerns the process as a whole: threads, the clock, panics, standard streams and the log.

// Uses no other folder.

pub(crate) mod clock;
pub(crate) mod logging;
pub(crate) mod panics;
pub(crate) mod poll;
pub(crate) mod prints;
pub(crate) mod service_manager;
pub(crate) mod signals;
pub(crate) mod stderr;
pub(crate) mod stdio;
mod stopper;
pub(crate) mod text;
pub(crate) mod threads;
pub(crate) mod watch;

pub use stopper::Stopper;
