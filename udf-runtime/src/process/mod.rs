//! What concerns the process as a whole: threads, the clock, panics, standard streams and the log.
//!
//! What a file in `windows/` does is little: safe code on Windows can neither redirect a standard stream nor
//! wait for a pipe.

// Uses no other folder.

#[cfg_attr(windows, path = "windows/bell.rs")]
mod bell;
pub(crate) mod clock;
pub(crate) mod logging;
pub(crate) mod panics;
#[cfg(unix)]
pub(crate) mod poll;
#[cfg_attr(windows, path = "windows/prints.rs")]
pub(crate) mod prints;
#[cfg(unix)]
pub(crate) mod service_manager;
#[cfg_attr(windows, path = "windows/signals.rs")]
pub(crate) mod signals;
#[cfg_attr(windows, path = "windows/stderr.rs")]
pub(crate) mod stderr;
#[cfg_attr(windows, path = "windows/stdio.rs")]
pub(crate) mod stdio;
mod stopper;
pub(crate) mod text;
pub(crate) mod threads;
pub(crate) mod watch;

pub use stopper::Stopper;
