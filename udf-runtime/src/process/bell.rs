//! [`Bell`]: wakes the watch, also from a signal handler.

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};

use super::poll;

/// Wakes the thread that listens.
pub(super) struct Bell {
    heard: PipeReader,
    ring: PipeWriter,
}

impl Bell {
    pub(super) fn new() -> io::Result<Self> {
        let (heard, ring) = io::pipe()?;
        rustix::io::ioctl_fionbio(&ring, true)?;
        Ok(Self { heard, ring })
    }

    /// A descriptor that rings the bell when something is written to it.
    pub(super) fn rope(&self) -> io::Result<PipeWriter> {
        self.ring.try_clone()
    }

    pub(super) fn ring(&self) {
        // Fails only if the pipe is full, and a full pipe wakes as well.
        let _ = (&self.ring).write(&[0]);
    }

    /// Waits until the bell rings, for `time` at most.
    pub(super) fn wait(&self, time: Option<Duration>) {
        let mut readable = [PollFd::new(&self.heard, PollFlags::IN)];
        // Fails only for invalid arguments.
        if poll::wait(&mut readable, time).is_ok_and(|is_woken| is_woken) {
            let _ = (&self.heard).read(&mut [0; 64]);
        }
    }
}
