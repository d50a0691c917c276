//! The watch: the one thread of the process that waits for time and signals.

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::mem;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::{poll, signals, threads};

/// How often the watch looks at each thing.
const LOOK_EVERY: Duration = Duration::from_millis(500);

struct Watch {
    wake: PipeWriter,
    looks: Mutex<Vec<Look>>,
}

/// Looks at something, without waiting. `false` where it is not to be looked at any more.
pub(crate) type Look = Box<dyn FnMut(Instant) -> bool + Send>;

/// Calls `look` twice a second, as long as it returns `true`.
pub(crate) fn look(look: Look) -> io::Result<()> {
    let watch = watch()?;
    let mut looks = watch.looks();
    looks.push(look);
    if looks.len() == 1 {
        watch.wake();
    }
    Ok(())
}

/// A descriptor that wakes the watch when something is written to it.
pub(super) fn waker() -> io::Result<PipeWriter> {
    watch()?.wake.try_clone()
}

/// The process's watch, whose thread starts with the first use.
fn watch() -> io::Result<&'static Watch> {
    static WATCH: OnceLock<Watch> = OnceLock::new();
    static START: Mutex<()> = Mutex::new(());
    let _start = START.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(watch) = WATCH.get() {
        return Ok(watch);
    }
    let (woken, wake) = io::pipe()?;
    rustix::io::ioctl_fionbio(&wake, true)?;
    let watch = WATCH.get_or_init(|| Watch {
        wake,
        looks: Mutex::default(),
    });
    threads::spawn("udf-watch", Box::new(|| watch.run(woken)))?;
    Ok(watch)
}

impl Watch {
    fn looks(&self) -> MutexGuard<'_, Vec<Look>> {
        // Nothing panics while it is held.
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        // A pipe that is full wakes as well.
        let _ = (&self.wake).write(&[0]);
    }

    fn run(&self, mut woken: PipeReader) {
        let mut next = Instant::now() + LOOK_EVERY;
        loop {
            let overdue = signals::attend();
            let look = (!self.looks().is_empty()).then_some(next);
            let due = [overdue, look].into_iter().flatten().min();
            let left = due.map(|due| due.saturating_duration_since(Instant::now()));
            let mut readable = [PollFd::new(&woken, PollFlags::IN)];
            // It fails only with bad arguments.
            if poll::wait(&mut readable, left).is_ok_and(|is_woken| is_woken) {
                let _ = woken.read(&mut [0; 64]);
            }
            let now = Instant::now();
            if now >= next {
                next = now + LOOK_EVERY;
                self.look_at_all(now);
            }
        }
    }

    fn look_at_all(&self, now: Instant) {
        // Without the lock, so that no thread waits for the watch.
        let mut looks = mem::take(&mut *self.looks());
        looks.retain_mut(|look| look(now));
        let mut new = self.looks();
        looks.append(&mut new);
        *new = looks;
    }
}
