//! [`Stream`]: a file or stream that a thread reads.

use std::fs::File;
use std::io;
pub(super) use std::os::windows::io::OwnedHandle as Descriptor;
use std::path::Path;
use std::time::{Duration, Instant};

use super::StopSignal;
use crate::connection::{Input, Received};

/// A file or stream that a thread reads.
pub(super) struct Stream(Input);

/// What a wait has found.
pub(super) struct Ready {
    pub(super) has_input: bool,
    pub(super) is_stopped: bool,
}

impl Stream {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        File::open(path).and_then(Self::reading)
    }

    pub(super) fn of(descriptor: Descriptor) -> io::Result<Self> {
        Self::reading(descriptor.into())
    }

    fn reading(file: File) -> io::Result<Self> {
        Input::of(Box::new(file)).map(Self)
    }

    pub(super) fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.0.receive(to, Some(Instant::now()))? {
            Received::Bytes(count) => Ok(count),
            Received::End => Ok(0),
            Received::Nothing => Err(io::ErrorKind::Interrupted.into()),
        }
    }

    /// Waits for input or the stop, for `time` at most.
    pub(super) fn wait(
        &self,
        stop: Option<&StopSignal>,
        time: Option<Duration>,
    ) -> io::Result<Ready> {
        if let Some(stop) = stop {
            stop.wakes(self.0.waker());
        }
        let has_input = self.0.is_readable(time.map(|time| Instant::now() + time));
        Ok(Ready {
            has_input,
            is_stopped: stop.is_some_and(StopSignal::is_given),
        })
    }
}
