//! The watch: one thread of the process, which waits for signals and looks at agents periodically.

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::mem;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::{poll, signals, threads};

/// How often the watch calls each registered function.
const LOOK_EVERY: Duration = Duration::from_millis(500);

struct Watch {
    wake: PipeWriter,
    looks: Mutex<Vec<Look>>,
}

/// A function that looks at something without blocking. Returns `false` to be removed.
pub(crate) type Look = Box<dyn FnMut(Instant) -> bool + Send>;

/// Registers `look`, to be called twice a second as long as it returns `true`.
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

/// The process's watch. Its thread starts at the first use.
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
        // No code panics while holding this lock.
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        // Fails only if the pipe is full, and a full pipe wakes the watch as well.
        let _ = (&self.wake).write(&[0]);
    }

    fn run(&self, mut woken: PipeReader) {
        let mut next = Instant::now() + LOOK_EVERY;
        loop {
            signals::attend_to_hangup();
            let overdue = signals::attend();
            let look = (!self.looks().is_empty()).then_some(next);
            let due = [overdue, look].into_iter().flatten().min();
            let left = due.map(|due| due.saturating_duration_since(Instant::now()));
            let mut readable = [PollFd::new(&woken, PollFlags::IN)];
            // Fails only for invalid arguments.
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
        // Called without the lock, so that no thread waits for the watch.
        let mut looks = mem::take(&mut *self.looks());
        looks.retain_mut(|look| look(now));
        let mut new = self.looks();
        looks.append(&mut new);
        *new = looks;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_registration_does_not_make_the_watch_look_at_all_others() {
        const LOOKS: usize = 2_000;
        let calls = Arc::new(AtomicUsize::new(0));
        let start = Instant::now();
        for _ in 0..LOOKS {
            let calls = calls.clone();
            look(Box::new(move |_| {
                calls.fetch_add(1, Ordering::Relaxed);
                true
            }))
            .unwrap();
            // Lets the watch run, if it was woken.
            std::thread::yield_now();
        }
        let calls = calls.load(Ordering::Relaxed);
        let periods = start.elapsed().as_millis() / LOOK_EVERY.as_millis();
        let most = LOOKS * (periods as usize + 1);
        assert!(calls <= most, "{calls} calls in {periods} periods");
    }
}
