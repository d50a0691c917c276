//! Reserves stdin and stdout for the protocol.
//!
//! Prints of a UDF, a library or a child process must not get between the frames, and no other code may
//! read the requests. So both ends move to new descriptors, which no child inherits. Descriptor 0 becomes
//! empty. Descriptor 1 leads to standard error, which is Kapacitor's log. Once the UDF works,
//! [`prints`](super::prints) relays it there.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::io::ioctl_fionread;

use crate::process::poll::wait;

/// The descriptors of the protocol.
pub(crate) struct Stdio {
    pub(crate) input: OwnedFd,
    pub(crate) output: OwnedFd,
}

/// Takes both streams.
pub(crate) fn take() -> io::Result<Stdio> {
    Ok(Stdio {
        input: take_input()?,
        output: take_output()?,
    })
}

/// Takes standard input and leaves an empty one.
pub(crate) fn take_input() -> io::Result<OwnedFd> {
    let input = io::stdin().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(input)
}

/// Takes standard output and redirects prints to standard error.
pub(crate) fn take_output() -> io::Result<OwnedFd> {
    let output = io::stdout().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(output)
}

/// Waits until a pipe's reader has read all that was written, or has gone; not longer than `time`.
///
/// The system has no event for that, so the pipe is looked at in short intervals.
pub(crate) fn wait_until_read(pipe: impl AsFd, time: Duration) {
    let end = Instant::now() + time;
    while ioctl_fionread(&pipe).is_ok_and(|unread| unread > 0) && Instant::now() < end {
        let mut reader = [PollFd::new(&pipe, PollFlags::empty())];
        let has_gone = wait(&mut reader, Some(Duration::from_millis(2)));
        if has_gone.unwrap_or(true) {
            return;
        }
    }
}
