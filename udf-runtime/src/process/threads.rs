//! Threads with an end that others can wait for.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Starts a thread.
///
/// The work is boxed so that this function is compiled once, and not for each kind of work and UDF.
pub(crate) fn spawn(name: &str, work: Box<dyn FnOnce() + Send>) -> io::Result<Spawned> {
    let spawned = Spawned::default();
    let going = Going(spawned.clone());
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(move || {
        let _going = going;
        work();
    })?;
    Ok(spawned)
}

/// A started thread, to wait for its end. A channel would work as well, but takes much longer to compile.
#[derive(Clone, Default)]
pub(crate) struct Spawned(Arc<Shared>);

#[derive(Default)]
struct Shared {
    has_ended: Mutex<bool>,
    ended: Condvar,
}

impl Spawned {
    /// Waits for the end. Returns `false` if it does not come in time.
    pub(crate) fn ends_within(&self, time: Duration) -> bool {
        // No code panics while holding this lock.
        let has_ended = self.0.has_ended.lock();
        let has_ended = has_ended.unwrap_or_else(PoisonError::into_inner);
        let Shared { ended, .. } = &*self.0;
        let waited = ended.wait_timeout_while(has_ended, time, |has_ended| !*has_ended);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Held by a running thread. Dropping it announces the end, also after a panic.
struct Going(Spawned);

impl Drop for Going {
    fn drop(&mut self) {
        let Shared { has_ended, ended } = &*self.0.0;
        // No code panics while holding this lock.
        *has_ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const LONG: Duration = Duration::from_secs(10);

    #[test]
    fn a_wait_ends_with_the_thread_or_after_its_time() {
        let (release, released) = mpsc::channel::<()>();
        let work = move || {
            let _ = released.recv();
        };
        let spawned = spawn("waits", Box::new(work)).unwrap();
        assert!(!spawned.ends_within(Duration::ZERO));
        drop(release);
        assert!(spawned.ends_within(LONG));
        assert!(spawned.ends_within(Duration::ZERO));
    }

    #[test]
    fn a_panic_ends_the_wait() {
        let spawned = spawn("panics", Box::new(|| panic!("on purpose"))).unwrap();
        assert!(spawned.ends_within(LONG));
    }
}
