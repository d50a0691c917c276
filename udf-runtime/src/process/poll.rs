//! Waits for descriptors, and opens pipes for non-blocking writes.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::Duration;

use rustix::event::{PollFd, Timespec, poll};

/// Waits until one of the descriptors is ready. Returns `false` after `time`, or if a signal came.
pub(crate) fn wait(ends: &mut [PollFd<'_>], time: Option<Duration>) -> io::Result<bool> {
    let time = time.map(|time| Timespec {
        tv_sec: time.as_secs() as i64,
        tv_nsec: time.subsec_nanos().into(),
    });
    match poll(ends, time.as_ref()) {
        Ok(ready) => Ok(ready > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Opens the same pipe again for non-blocking writes.
pub(crate) fn reopen_without_waiting(pipe: &File) -> io::Result<File> {
    let path = format!("/proc/self/fd/{}", pipe.as_raw_fd());
    let mut options = File::options();
    // Opening does not wait for a reader either.
    options.write(true).custom_flags(libc::O_NONBLOCK);
    options.open(path)
}
