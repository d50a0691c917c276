//! [`Stream`]: a file or stream that is read when something has come.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::AsFd as _;
pub(super) use std::os::fd::OwnedFd as Descriptor;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};

use super::StopSignal;
use crate::process::poll;

/// A file or stream that is read when something has come.
pub(super) struct Stream(File);

/// What a wait has found.
pub(super) struct Ready {
    pub(super) has_input: bool,
    pub(super) is_stopped: bool,
}

impl Stream {
    /// Opens a file without a wait. A FIFO without a writer is waited for later, like other input.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        let file = options
            .read(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(path)?;
        rustix::io::ioctl_fionbio(&file, false)?;
        Ok(Self(file))
    }

    pub(super) fn of(descriptor: Descriptor) -> io::Result<Self> {
        Ok(Self(descriptor.into()))
    }

    pub(super) fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.0.read(to)
    }

    /// Waits for input or the stop, for `time` at most. A signal ends the wait as well.
    pub(super) fn wait(
        &self,
        stop: Option<&StopSignal>,
        time: Option<Duration>,
    ) -> io::Result<Ready> {
        let input = self.0.as_fd();
        let stop_or_input = stop.map_or(input, |stop| stop.reader().as_fd());
        let mut ends =
            [input, stop_or_input].map(|end| PollFd::from_borrowed_fd(end, PollFlags::IN));
        poll::wait(&mut ends, time)?;
        let [has_input, is_stopped] = ends.map(|end| !end.revents().is_empty());
        Ok(Ready {
            has_input,
            is_stopped: stop.is_some() && is_stopped,
        })
    }
}
