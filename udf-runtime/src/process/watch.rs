//! The watch: one thread of the process, which waits for signals and looks at agents periodically.

use std::io;
use std::mem;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::bell::Bell;
use super::{signals, threads};

/// How often the watch calls each registered function.
const LOOK_EVERY: Duration = Duration::from_millis(500);

struct Watch {
    bell: Bell,
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
        watch.bell.ring();
    }
    Ok(())
}

/// A descriptor that wakes the watch when something is written to it.
#[cfg(unix)]
pub(super) fn waker() -> io::Result<io::PipeWriter> {
    watch()?.bell.rope()
}

/// The process's watch. Its thread starts at the first use.
fn watch() -> io::Result<&'static Watch> {
    static WATCH: OnceLock<Watch> = OnceLock::new();
    static START: Mutex<()> = Mutex::new(());
    let _start = START.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(watch) = WATCH.get() {
        return Ok(watch);
    }
    let bell = Bell::new()?;
    let watch = WATCH.get_or_init(|| Watch {
        bell,
        looks: Mutex::default(),
    });
    threads::spawn("udf-watch", Box::new(|| watch.run()))?;
    Ok(watch)
}

impl Watch {
    fn looks(&self) -> MutexGuard<'_, Vec<Look>> {
        // No code panics while holding this lock.
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut next = Instant::now() + LOOK_EVERY;
        loop {
            let overdue = signals::attend();
            let look = (!self.looks().is_empty()).then_some(next);
            let due = [overdue, look].into_iter().flatten().min();
            let left = due.map(|due| due.saturating_duration_since(Instant::now()));
            self.bell.wait(left);
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
