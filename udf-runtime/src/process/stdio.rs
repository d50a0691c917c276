//! stdin and stdout as the protocol's alone.
//!
//! Whatever a UDF, a library or a child process prints must not get between the frames, and
//! nobody else may read them: both ends move to descriptors of their own, which no child
//! inherits; descriptor 0 becomes empty, and descriptor 1 leads where descriptor 2 does, into
//! Kapacitor's log; once the UDF is at work, by way of [`prints`](super::prints).

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};

/// The descriptors of the protocol.
pub(crate) struct Stdio {
    pub(crate) input: OwnedFd,
    pub(crate) output: OwnedFd,
}

pub(crate) fn take() -> io::Result<Stdio> {
    let input = io::stdin().as_fd().try_clone_to_owned()?;
    let output = io::stdout().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(Stdio { input, output })
}
