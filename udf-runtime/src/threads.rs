//! Threads of our own.

use std::io;
use std::thread;

/// Starts a thread that nobody joins.
///
/// Boxed, the work is no reason to compile all that starts a thread once more for each of them, and
/// again for each UDF.
pub(crate) fn spawn(name: &str, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(work).map(drop)
}
