//! Whether a thread sleeps, as Linux tells it.

use std::fs;
use std::path::{Path, PathBuf};

/// Where the system tells what a thread does.
pub(super) struct Told(PathBuf);

impl Told {
    /// Of the thread that asks; `None` where the system does not tell.
    pub(super) fn of_this_thread() -> Option<Self> {
        let thread = fs::read_link("/proc/thread-self").ok()?;
        Some(Self(Path::new("/proc").join(thread).join("stat")))
    }

    /// Whether the thread sleeps in a system call, and so has nothing of what that may bring.
    pub(super) fn sleeps(&self) -> Option<bool> {
        let told = fs::read(&self.0).ok()?;
        // `number (name) state …`, where the name may have brackets as well (proc_pid_stat(5)).
        let name_end = told.iter().rposition(|byte| *byte == b')')?;
        Some(told.get(name_end + 2)? == &b'S')
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read as _, Write as _};
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn who_waits_in_a_read_sleeps_and_who_asks_does_not() {
        let this = Told::of_this_thread().unwrap();
        assert_eq!(this.sleeps(), Some(false));

        let (mut waiting, mut written) = io::pipe().unwrap();
        let (telling, told) = mpsc::channel();
        let reader = thread::Builder::new()
            .name("a) S (b".to_owned())
            .spawn(move || {
                telling.send(Told::of_this_thread().unwrap()).unwrap();
                waiting.read(&mut [0]).unwrap()
            })
            .unwrap();
        let reading = told.recv().unwrap();
        while reading.sleeps() != Some(true) {
            thread::yield_now();
        }
        written.write_all(&[1]).unwrap();
        assert_eq!(reader.join().unwrap(), 1);
        assert_eq!(reading.sleeps(), None, "it has ended");
    }
}
