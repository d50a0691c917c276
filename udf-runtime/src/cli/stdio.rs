//! stdin and stdout as the protocol's alone.
//!
//! Whatever a UDF, a library or a child process prints must not get between the frames, and
//! nobody else may read them: both ends move to descriptors of their own, which no child
//! inherits; descriptor 0 becomes empty, and descriptor 1 leads where descriptor 2 does, into
//! Kapacitor's log.

use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

pub(super) struct Stdio<F> {
    pub(super) input: File,
    pub(super) output: File,
    /// Whether something can be read without waiting.
    pub(super) readable: F,
}

pub(super) fn take() -> io::Result<Stdio<impl Fn() -> bool + Send + Sync + 'static>> {
    let input = io::stdin().as_fd().try_clone_to_owned()?;
    let output = io::stdout().as_fd().try_clone_to_owned()?;
    let polled = input.try_clone()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    let readable = move || {
        let mut end = [PollFd::new(&polled, PollFlags::IN)];
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // An end of the input is no more input; an error is found by the read.
        poll(&mut end, Some(&now)).is_ok_and(|_| end[0].revents().contains(PollFlags::IN))
    };
    Ok(Stdio {
        input: input.into(),
        output: output.into(),
        readable,
    })
}
