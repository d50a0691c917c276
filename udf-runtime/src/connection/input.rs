//! The end from which requests come.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::descriptor::Descriptor;
use super::pump::Pump;
use super::waker::Waker;
use crate::process::poll;

/// Most bytes that are read ahead: much more than a pipe or most messages hold.
pub(super) const READ_AHEAD_LIMIT: usize = 4 << 20;
/// Bytes that one read takes while reading ahead.
const READ_AHEAD_PIECE: usize = 64 << 10;
/// How long a failed agent still reads and discards input.
const LINGER: Duration = Duration::from_millis(500);

/// The source of requests.
pub(crate) struct Input {
    pub(super) descriptor: Arc<Descriptor>,
    waker: Waker,
    /// Locked by the reading thread, so that bytes keep their order.
    ahead: Mutex<Ahead>,
    ended: AtomicBool,
    /// Copies from a reader that is not a descriptor.
    pub(super) pump: Option<Pump>,
}

/// Bytes that were read while the output was blocked, and how many of them the agent has taken.
#[derive(Default)]
struct Ahead {
    bytes: Vec<u8>,
    taken: usize,
}

/// The result of a wait for input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// This many bytes.
    Bytes(usize),
    /// The end of the input.
    End,
    /// The deadline has passed, or another thread [woke](Waker::wake) this one.
    Nothing,
}

/// The state of the input after reading ahead.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadAhead {
    /// More can be read.
    Open,
    /// The buffer is full.
    Full,
    /// The input has ended.
    Ended,
    /// Another thread is reading or waiting to read.
    Busy,
}

impl Input {
    pub(super) fn new(descriptor: Arc<Descriptor>, waker: Waker) -> Self {
        Self {
            descriptor,
            waker,
            ahead: Mutex::default(),
            ended: AtomicBool::new(false),
            pump: None,
        }
    }

    /// A handle that wakes the thread that waits for this input.
    pub(crate) fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Waits for bytes until the deadline, or without one until a wake. Available bytes are read even after
    /// the deadline.
    pub(crate) fn receive(&self, to: &mut [u8], deadline: Option<Instant>) -> io::Result<Received> {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let count = ahead.take(to);
        if count > 0 {
            return Ok(Received::Bytes(count));
        }
        if self.ended.load(Ordering::Relaxed) {
            return self.end();
        }
        if !self.is_readable(deadline)? {
            return Ok(Received::Nothing);
        }
        match self.descriptor.read(to) {
            Ok(0) => {
                self.ended.store(true, Ordering::Relaxed);
                self.end()
            }
            Ok(count) => Ok(Received::Bytes(count)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Received::Nothing),
            Err(error) => Err(error),
        }
    }

    /// The end of the input, or the error of the pump's reader.
    fn end(&self) -> io::Result<Received> {
        match self.pump.as_ref().and_then(Pump::take_failure) {
            Some(error) => Err(error),
            None => Ok(Received::End),
        }
    }

    fn is_readable(&self, deadline: Option<Instant>) -> io::Result<bool> {
        let left = deadline.map(|it| it.saturating_duration_since(Instant::now()));
        let readable = PollFd::new(&self.descriptor, PollFlags::IN);
        let Some(woken) = self.waker.descriptor() else {
            return poll::wait(&mut [readable], left);
        };
        let mut either = [readable, PollFd::new(woken, PollFlags::IN)];
        poll::wait(&mut either, left)?;
        Ok(!either[0].revents().is_empty())
    }

    /// Whether the pump holds bytes that [`receive`](Self::receive) will soon return.
    pub(crate) fn has_more(&self) -> bool {
        self.pump.as_ref().is_some_and(Pump::has_bytes)
    }

    /// Reads the available bytes ahead, without blocking.
    pub(super) fn read_ahead(&self) -> io::Result<ReadAhead> {
        let Some(mut ahead) = self.try_lock() else {
            return Ok(ReadAhead::Busy);
        };
        loop {
            if self.ended.load(Ordering::Relaxed) {
                return Ok(ReadAhead::Ended);
            }
            if ahead.bytes.len() >= READ_AHEAD_LIMIT {
                return Ok(ReadAhead::Full);
            }
            let mut readable = [PollFd::new(&self.descriptor, PollFlags::IN)];
            if !poll::wait(&mut readable, Some(Duration::ZERO))? {
                return Ok(ReadAhead::Open);
            }
            let before = ahead.bytes.len();
            ahead.bytes.resize(before + READ_AHEAD_PIECE, 0);
            let read = self.descriptor.read(&mut ahead.bytes[before..]);
            ahead.bytes.truncate(before + *read.as_ref().unwrap_or(&0));
            if read? == 0 {
                self.ended.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Reads and discards input for a moment.
    ///
    /// An agent that ends before its input has failed and has sent an error. Kapacitor keeps writing until
    /// it reads that error. If the input closed first, Kapacitor could see a broken pipe, and that would
    /// become the task's error instead of the reason.
    pub(crate) fn linger(&self) {
        let end = Instant::now() + LINGER;
        let mut discarded = vec![0; READ_AHEAD_PIECE];
        while Instant::now() < end {
            if let Ok(Received::End) | Err(_) = self.receive(&mut discarded, Some(end)) {
                return;
            }
        }
    }

    fn try_lock(&self) -> Option<MutexGuard<'_, Ahead>> {
        match self.ahead.try_lock() {
            Ok(ahead) => Some(ahead),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl Ahead {
    /// Moves out as many bytes as fit.
    fn take(&mut self, to: &mut [u8]) -> usize {
        let left = &self.bytes[self.taken..];
        let count = left.len().min(to.len());
        to[..count].copy_from_slice(&left[..count]);
        self.taken += count;
        if self.taken == self.bytes.len() {
            // Also frees the memory.
            *self = Self::default();
        }
        count
    }
}
