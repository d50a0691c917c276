//! The end that requests come from.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::descriptor::Descriptor;
use super::pump::Pump;
use super::waker::Waker;
use crate::process::poll;

/// Bytes that are read ahead at most: much more than a pipe and most messages hold.
pub(super) const AHEAD: usize = 4 << 20;
/// Bytes that one read takes while reading ahead.
const AHEAD_READ: usize = 64 << 10;
/// How long an agent that has failed still takes input, and discards it.
const LINGER: Duration = Duration::from_millis(500);

/// Where requests come from.
pub(crate) struct Input {
    pub(super) descriptor: Arc<Descriptor>,
    waker: Waker,
    /// Locked by the thread that reads, so that bytes keep their order.
    ahead: Mutex<Ahead>,
    ended: AtomicBool,
    /// Copies from a reader that is not a descriptor.
    pub(super) pump: Option<Pump>,
}

/// What was read while the output was blocked, and how much of it was taken.
#[derive(Default)]
struct Ahead {
    bytes: Vec<u8>,
    taken: usize,
}

/// What a wait has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// So many bytes.
    Bytes(usize),
    /// The end of the input.
    End,
    /// The deadline has passed, or another thread has [woken](Waker::wake) this one.
    Nothing,
}

/// How reading ahead went.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadAhead {
    /// More can be read.
    Open,
    /// The buffer is full.
    Full,
    /// The input has ended.
    Ended,
    /// Another thread reads, or waits to.
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

    /// Wakes the thread that waits for this input, from any other.
    pub(crate) fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Waits for bytes until a deadline, or without one until a wake. Whatever can be read is read,
    /// even after the deadline.
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

    /// The end, or the error of a reader that was copied from.
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

    /// Whether bytes were taken that [`receive`](Self::receive) will return in a moment.
    pub(crate) fn has_more(&self) -> bool {
        self.pump.as_ref().is_some_and(Pump::has_bytes)
    }

    /// Reads ahead what is there, without waiting.
    pub(super) fn read_ahead(&self) -> io::Result<ReadAhead> {
        let Some(mut ahead) = self.try_lock() else {
            return Ok(ReadAhead::Busy);
        };
        loop {
            if self.ended.load(Ordering::Relaxed) {
                return Ok(ReadAhead::Ended);
            }
            if ahead.bytes.len() >= AHEAD {
                return Ok(ReadAhead::Full);
            }
            let mut readable = [PollFd::new(&self.descriptor, PollFlags::IN)];
            if !poll::wait(&mut readable, Some(Duration::ZERO))? {
                return Ok(ReadAhead::Open);
            }
            let before = ahead.bytes.len();
            ahead.bytes.resize(before + AHEAD_READ, 0);
            let read = self.descriptor.read(&mut ahead.bytes[before..]);
            ahead.bytes.truncate(before + *read.as_ref().unwrap_or(&0));
            if read? == 0 {
                self.ended.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Takes input for a moment, and discards it.
    ///
    /// An agent that ends before its input does has failed, and has said so. Kapacitor goes on writing
    /// until it has read that. If nothing took what it writes, it could find its pipe broken first, and
    /// the task's error would be that and not the reason.
    pub(crate) fn linger(&self) {
        let end = Instant::now() + LINGER;
        let mut discarded = vec![0; AHEAD_READ];
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
    /// Moves out as much as there is room for.
    fn take(&mut self, to: &mut [u8]) -> usize {
        let left = &self.bytes[self.taken..];
        let count = left.len().min(to.len());
        to[..count].copy_from_slice(&left[..count]);
        self.taken += count;
        if self.taken == self.bytes.len() {
            // Also gives the memory back.
            *self = Self::default();
        }
        count
    }
}
