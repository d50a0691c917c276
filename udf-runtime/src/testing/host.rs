//! Kapacitor's end of the connection: it keeps what the UDF sends.

use std::io::{self, ErrorKind, Write};
use std::ops::RangeInclusive;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use udf_proto::{BeginBatch, Response, prost::Message as _, response::Message};

use crate::agent::AgentError;
use crate::data::{Batch, Point};
use crate::protocol::varint::{self, delimited};
use crate::protocol::{Request, read_request};

/// Numbers of `begin`, `point` and `end`, which are the same messages in requests and responses.
const DATA: RangeInclusive<u64> = 16..=18;

/// Points and batches, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Data {
    pub(super) points: Vec<Point>,
    pub(super) batches: Vec<Batch>,
}

impl Data {
    fn len(&self) -> usize {
        self.points.len() + self.batches.len()
    }
}

/// The end that the UDF writes to, from any thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Host {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    received: Mutex<Received>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Received {
    /// The thread that runs the callbacks.
    driver: Option<ThreadId>,
    by_callbacks: Data,
    by_threads: Data,
    /// The batch that has begun: a large one comes in several writes.
    batch: Option<(BeginBatch, Vec<Point>)>,
    /// The last answer to a request, or the last words.
    answer: Option<Message>,
    /// How many points or batches are still taken before the host is gone.
    left: Option<usize>,
    sender_failed: Option<AgentError>,
    /// It was a callback that used the sender, and no other thread.
    failed_in_callback: bool,
}

impl Host {
    /// The calling thread runs the callbacks from now on.
    pub(super) fn driven_here(&self) {
        self.lock().driver = Some(thread::current().id());
    }

    /// The host goes away after so many more points or batches.
    pub(super) fn leave_after(&self, count: usize) {
        self.lock().left = Some(count);
    }

    pub(super) fn take_answer(&self) -> Option<Message> {
        self.lock().answer.take()
    }

    /// Takes what callbacks have sent.
    pub(super) fn take_by_callbacks(&self) -> Data {
        std::mem::take(&mut self.lock().by_callbacks)
    }

    /// What callbacks have sent so far counts as sent by threads: it was sent by a `Sender` in `on_init`.
    pub(super) fn keep_early(&self) {
        let mut received = self.lock();
        let Data { points, batches } = std::mem::take(&mut received.by_callbacks);
        // What threads have sent since then comes after it.
        received.by_threads.points.splice(0..0, points);
        received.by_threads.batches.splice(0..0, batches);
    }

    /// Waits until threads have sent so many points or batches, one has failed, or time is up; then takes
    /// what they have sent.
    pub(super) fn wait_for_threads(&self, count: usize, limit: Duration) -> Data {
        let mut received = self.wait(limit, |received| received.by_threads.len() >= count);
        std::mem::take(&mut received.by_threads)
    }

    /// Waits until a thread has failed or time is up.
    pub(super) fn wait_for_sender_failure(&self, limit: Duration) -> Option<AgentError> {
        self.wait(limit, |_| false).sender_failed.take()
    }

    /// Waits until something has come, a thread has failed or time is up.
    fn wait(
        &self,
        limit: Duration,
        has_come: impl Fn(&Received) -> bool,
    ) -> MutexGuard<'_, Received> {
        let received = self.lock();
        let is_awaited = |it: &mut Received| it.sender_failed.is_none() && !has_come(it);
        let changed = &self.shared.changed;
        let waited = changed.wait_timeout_while(received, limit, is_awaited);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// A thread of the UDF ends it. The first error counts.
    pub(super) fn sender_failed(&self, error: AgentError) {
        let mut received = self.lock();
        if received.sender_failed.is_none() {
            received.sender_failed = Some(error);
            received.failed_in_callback = received.is_driven_here();
        }
        drop(received);
        self.shared.changed.notify_all();
    }

    pub(super) fn take_sender_failure(&self) -> Option<AgentError> {
        self.lock().sender_failed.take()
    }

    /// Whether a callback has ended the UDF by a sender.
    pub(super) fn has_failed_in_callback(&self) -> bool {
        let received = self.lock();
        received.sender_failed.is_some() && received.failed_in_callback
    }

    fn lock(&self) -> MutexGuard<'_, Received> {
        // Nothing panics while it is held.
        let received = self.shared.received.lock();
        received.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Received {
    fn take_frame(&mut self, frame: &[u8]) -> io::Result<()> {
        let is_data = varint::read(frame, 0).is_some_and(|(key, _)| DATA.contains(&(key >> 3)));
        if !is_data {
            let response = Response::decode(frame).map_err(io::Error::other)?;
            self.answer = response.message;
            return Ok(());
        }
        // Read as requests, points keep the order of their fields.
        match read_request(frame).map_err(io::Error::other)? {
            Some(Request::Begin(begin)) => self.batch = Some((begin, Vec::new())),
            Some(Request::Point(point)) => {
                let point = Point::decode(&point).map_err(io::Error::other)?;
                match &mut self.batch {
                    Some((_, points)) => points.push(point),
                    None => {
                        self.count()?;
                        self.sent_here().points.push(point);
                    }
                }
            }
            Some(Request::End(end)) => {
                if let Some((begin, points)) = self.batch.take() {
                    self.count()?;
                    let batch = Batch::received(begin, points, end.tmax);
                    self.sent_here().batches.push(batch);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the calling thread runs the callbacks.
    fn is_driven_here(&self) -> bool {
        self.driver == Some(thread::current().id())
    }

    /// Where to put what the calling thread sends.
    fn sent_here(&mut self) -> &mut Data {
        if self.is_driven_here() {
            &mut self.by_callbacks
        } else {
            &mut self.by_threads
        }
    }

    fn count(&mut self) -> io::Result<()> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1).ok_or(ErrorKind::BrokenPipe)?;
        }
        Ok(())
    }
}

impl Write for Host {
    /// Takes whole frames.
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        let mut received = self.lock();
        if received.left == Some(0) {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let mut rest = frames;
        while !rest.is_empty() {
            let frame = delimited(&mut rest).ok_or(ErrorKind::InvalidData)?;
            received.take_frame(frame)?;
        }
        drop(received);
        self.shared.changed.notify_all();
        Ok(frames.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
