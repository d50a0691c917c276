//! Points that are written repeatedly while something else happens.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::{Kapacitor, wait};

/// Points that are written repeatedly, see [`Kapacitor::under_load`].
#[derive(Debug, Default)]
pub struct Load {
    written: AtomicUsize,
    done: AtomicBool,
}

impl Load {
    /// Waits until the points have been written `times` more times.
    #[track_caller]
    pub fn wait_for(&self, times: usize) {
        let end = self.written.load(Ordering::Relaxed) + times;
        wait::until("points to be written", || {
            let written = self.written.load(Ordering::Relaxed);
            if written >= end {
                Ok(())
            } else {
                Err(format!("{written} times of {end}"))
            }
        });
    }
}

impl Kapacitor {
    /// Writes points (in line protocol with times in nanoseconds) repeatedly in another thread while `act`
    /// runs, with `pause` in between.
    pub fn under_load<T>(&self, points: &str, pause: Duration, act: impl FnOnce(&Load) -> T) -> T {
        /// Ends the load even if `act` panics, because the scope waits for the thread in any case.
        struct End<'a>(&'a Load);

        impl Drop for End<'_> {
            fn drop(&mut self) {
                self.0.done.store(true, Ordering::Relaxed);
            }
        }

        let load = Load::default();
        thread::scope(|scope| {
            scope.spawn(|| {
                while !load.done.load(Ordering::Relaxed) {
                    self.write(points);
                    load.written.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(pause);
                }
            });
            let _end = End(&load);
            act(&load)
        })
    }
}
