//! The one thread beside those of the agents: it looks at each of them now and then.

use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::control::{Control, Seen};
use crate::process::threads;

/// How often the watch looks at each agent.
const LOOK_EVERY: Duration = Duration::from_millis(500);

static WATCH: Mutex<Watch> = Mutex::new(Watch {
    is_running: false,
    agents: Vec::new(),
});
/// The first agent has come.
static CHANGED: Condvar = Condvar::new();

struct Watch {
    is_running: bool,
    /// Not kept alive: an agent that has ended is let go at once.
    agents: Vec<(Weak<Control>, Seen)>,
}

/// Looks after an agent from now on.
pub(super) fn add(agent: Weak<Control>, seen: Seen) {
    let mut watch = watch();
    if !watch.is_running {
        match threads::spawn("udf-watch", Box::new(run)) {
            Ok(_) => watch.is_running = true,
            Err(error) => log::error!("no heartbeats will be sent: {error}"),
        }
    }
    watch.agents.push((agent, seen));
    if watch.agents.len() == 1 {
        CHANGED.notify_one();
    }
}

fn watch() -> MutexGuard<'static, Watch> {
    // Nothing panics while it is held.
    WATCH.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run() {
    let mut next = Instant::now() + LOOK_EVERY;
    loop {
        let mut agents = wait_until(next);
        let now = Instant::now();
        next = now + LOOK_EVERY;
        // Without the lock, so that no agent waits for the watch.
        agents
            .retain_mut(|(agent, seen)| agent.upgrade().is_some_and(|agent| agent.look(seen, now)));
        let mut watch = watch();
        agents.append(&mut watch.agents);
        watch.agents = agents;
    }
}

/// Waits for a time, and for an agent if there is none.
fn wait_until(time: Instant) -> Vec<(Weak<Control>, Seen)> {
    let mut watch = watch();
    loop {
        let left = time.saturating_duration_since(Instant::now());
        if watch.agents.is_empty() {
            watch = CHANGED.wait(watch).unwrap_or_else(PoisonError::into_inner);
        } else if left.is_zero() {
            return mem::take(&mut watch.agents);
        } else {
            let waited = CHANGED.wait_timeout(watch, left);
            watch = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
