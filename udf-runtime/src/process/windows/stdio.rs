//! The handles of standard input and output. They stay in their places, so the UDF must not print.

use std::io;
use std::os::windows::io::{AsHandle, OwnedHandle};
use std::time::Duration;

/// The handles of the protocol.
pub(crate) struct Stdio {
    pub(crate) input: OwnedHandle,
    pub(crate) output: OwnedHandle,
}

/// Takes both streams.
pub(crate) fn take() -> io::Result<Stdio> {
    Ok(Stdio {
        input: io::stdin().as_handle().try_clone_to_owned()?,
        output: io::stdout().as_handle().try_clone_to_owned()?,
    })
}

/// Waits for nothing: a pipe's reader reads on after its writer has gone.
pub(crate) fn wait_until_read(_: impl AsHandle, _: Duration) {}
