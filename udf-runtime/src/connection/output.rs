//! The end to which responses go, and reading ahead while it is blocked.
//!
//! When a task is disabled or reloaded under load, Kapacitor stops reading what the UDF sends. It first
//! finishes the request that it is writing. Then it waits for the UDF to end, while it holds a lock
//! that all of Kapacitor needs. If the UDF waited in a write and did not read, both would wait for ever.
//! So a write that is blocked for a while reads the input ahead, up to a limit.
//!
//! A write fails when the input has ended and the output takes nothing for 0.8 s. It also fails, after
//! 30 s, when the read-ahead buffer is full, because then the end of the input cannot be seen.

use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use super::descriptor::Descriptor;
use super::input::{Input, ReadAhead};
use crate::process::poll;

/// How long an output may be blocked before the input is read ahead. A host that is merely slower than
/// the UDF reads something sooner, so its requests can wait in the pipe.
pub(crate) const READ_AHEAD_AFTER: Duration = Duration::from_millis(20);
/// How long an output may take nothing after the input has ended.
const PATIENCE: Duration = Duration::from_millis(800);
/// How long an output may take nothing while the read-ahead buffer is full. By then a live host has
/// abandoned the UDF, unless its timeout is longer.
const PATIENCE_WHEN_FULL: Duration = Duration::from_secs(30);
/// How long a blocked write waits at most before it tries again. A socket accepts bytes long before it
/// reports that it is writable.
const TRY_AGAIN: Duration = Duration::from_millis(100);

/// The destination of responses. When it is dropped, the peer reads the end of the stream.
pub(crate) struct Output {
    descriptor: Arc<Descriptor>,
    input: Arc<Input>,
    patience_when_full: Duration,
}

impl Output {
    pub(super) fn new(descriptor: Arc<Descriptor>, input: Arc<Input>) -> Self {
        Self {
            descriptor,
            input,
            patience_when_full: PATIENCE_WHEN_FULL,
        }
    }

    /// Writes all bytes, until `deadline` if there is one. Reads the input ahead while the output is
    /// blocked.
    ///
    /// # Errors
    /// [`TimedOut`](ErrorKind::TimedOut) if the output was blocked for too long, and those of the system.
    pub(crate) fn write_all(&self, mut bytes: &[u8], deadline: Option<Instant>) -> io::Result<()> {
        let mut blocked_since = None;
        while !bytes.is_empty() {
            match self.try_write(bytes) {
                Ok(count) => {
                    bytes = &bytes[count..];
                    blocked_since = None;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                        return Err(ErrorKind::TimedOut.into());
                    }
                    self.wait_for_room(*blocked_since.get_or_insert_with(Instant::now))?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes as much as possible without blocking. Fails with [`WouldBlock`](ErrorKind::WouldBlock) if
    /// that is nothing.
    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.descriptor.try_write(bytes)
    }

    /// Reads the available input ahead, for a thread that waits for another thread's write.
    pub(crate) fn read_ahead(&self) {
        // The next read reports the error.
        let _ = self.input.read_ahead();
    }

    /// Waits until the output may take more. The caller tries again.
    fn wait_for_room(&self, blocked_since: Instant) -> io::Result<()> {
        let blocked = blocked_since.elapsed();
        if blocked < READ_AHEAD_AFTER {
            let mut writable = [PollFd::new(&self.descriptor, PollFlags::OUT)];
            poll::wait(&mut writable, Some(READ_AHEAD_AFTER))?;
            return Ok(());
        }
        let state = self.input.read_ahead()?;
        if state == ReadAhead::Ended && blocked >= PATIENCE {
            return Err(io::Error::new(
                ErrorKind::TimedOut,
                "the input has ended, and the output is not read any more",
            ));
        }
        if state == ReadAhead::Full && blocked >= self.patience_when_full {
            return Err(io::Error::new(
                ErrorKind::TimedOut,
                format!("the output has not been read for {blocked:.0?}"),
            ));
        }
        let mut ends = [
            PollFd::new(&self.descriptor, PollFlags::OUT),
            PollFd::new(&self.input.descriptor, PollFlags::IN),
        ];
        // Another thread waits on a busy input. An ended input is always readable.
        let waited_for = if state == ReadAhead::Open { 2 } else { 1 };
        poll::wait(&mut ends[..waited_for], Some(TRY_AGAIN))?;
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // The socket stays open as long as there are other descriptors of it.
        self.descriptor.shut_down(Shutdown::Write);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{PipeReader, PipeWriter, Read as _, Write as _};
    use std::os::fd::AsRawFd as _;
    use std::os::unix::net::UnixStream;
    use std::thread;

    use super::super::input::{READ_AHEAD_LIMIT, Received};
    use super::super::{Connection, Source, Target};
    use super::*;

    fn between(input: PipeReader, output: PipeWriter) -> Connection {
        Connection::between(Source::of(input), Target::of(output)).unwrap()
    }

    fn read_to_end(input: &Input) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut piece = vec![0; 64 << 10];
        loop {
            match input.receive(&mut piece, None).unwrap() {
                Received::Bytes(count) => bytes.extend_from_slice(&piece[..count]),
                Received::Nothing => {}
                Received::End => return bytes,
            }
        }
    }

    /// A UDF's connection, and the ends at which its host writes and reads.
    fn pipes() -> (Connection, PipeWriter, PipeReader) {
        let (input, host_writes) = io::pipe().unwrap();
        let (host_reads, output) = io::pipe().unwrap();
        (between(input, output), host_writes, host_reads)
    }

    /// Both sides write more than the connection holds before either of them reads.
    fn write_at_once(udf: Connection, host: impl FnOnce(&[u8]) -> Vec<u8> + Send) {
        thread::scope(|scope| {
            let host = scope.spawn(move || host(&vec![1; 1 << 20]));
            udf.output.write_all(&vec![2; 1 << 20], None).unwrap();
            assert!(read_to_end(&udf.input) == vec![1; 1 << 20]);
            drop(udf);
            assert!(host.join().unwrap() == vec![2; 1 << 20]);
        });
    }

    #[test]
    fn a_blocked_write_reads_what_the_host_still_writes() {
        let (udf, mut host_writes, mut host_reads) = pipes();
        write_at_once(udf, move |request| {
            host_writes.write_all(request).unwrap();
            drop(host_writes);
            let mut answer = Vec::new();
            host_reads.read_to_end(&mut answer).unwrap();
            answer
        });
    }

    #[test]
    fn a_blocked_write_to_a_socket_reads_what_the_host_still_writes() {
        let (mut host, udf) = UnixStream::pair().unwrap();
        write_at_once(Connection::of_socket(udf.into()), move |request| {
            host.write_all(request).unwrap();
            host.shutdown(Shutdown::Write).unwrap();
            let mut answer = Vec::new();
            host.read_to_end(&mut answer).unwrap();
            answer
        });
    }

    #[test]
    fn the_agent_receives_while_another_thread_is_blocked_in_a_write() {
        let (udf, mut host_writes, mut host_reads) = pipes();
        let output = udf.output;
        let blocked = thread::spawn(move || output.write_all(&vec![2; 1 << 20], None));
        // Long enough that the write begins to read ahead.
        for round in 0..20 {
            thread::sleep(READ_AHEAD_AFTER / 4);
            host_writes.write_all(&[round]).unwrap();
            let mut piece = [0; 10];
            while udf.input.receive(&mut piece, None).unwrap() != Received::Bytes(1) {}
            assert_eq!(piece[0], round);
        }
        let mut answer = Vec::new();
        drop((&mut host_reads).take(1 << 20).read_to_end(&mut answer));
        blocked.join().unwrap().unwrap();
        assert_eq!(answer.len(), 1 << 20);
    }

    #[test]
    fn a_write_to_an_unread_output_fails_after_the_end_of_the_input() {
        let (udf, host_writes, _host_reads) = pipes();
        drop(host_writes);
        let error = udf.output.write_all(&vec![0; 1 << 20], None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn a_write_to_an_unread_output_fails_when_the_read_ahead_buffer_is_full() {
        let (mut udf, mut host_writes, _host_reads) = pipes();
        udf.output.patience_when_full = Duration::from_millis(50);
        // More than is read ahead, so the UDF cannot see the end of the input.
        let host = thread::spawn(move || host_writes.write_all(&vec![1; 2 * READ_AHEAD_LIMIT]));
        let error = udf.output.write_all(&vec![0; 1 << 20], None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        drop(udf);
        // The write may succeed or fail, but it returns.
        let _ = host.join().unwrap();
    }

    #[test]
    fn a_slow_reader_of_a_socket_gets_everything_after_the_end_of_the_input() {
        let (mut host, udf) = UnixStream::pair().unwrap();
        let udf = Connection::of_socket(udf.into());
        host.shutdown(Shutdown::Write).unwrap();
        let udf = thread::spawn(move || {
            udf.output.write_all(&vec![0; 400_000], None).unwrap();
        });
        // It takes a while until the socket reports that it is writable.
        let mut piece = vec![0; 10_000];
        let mut count = 0;
        while let read @ 1.. = host.read(&mut piece).unwrap() {
            count += read;
            thread::sleep(Duration::from_millis(80));
        }
        udf.join().unwrap();
        assert_eq!(count, 400_000);
    }

    #[test]
    fn a_reader_gets_everything_after_the_end_of_the_input() {
        let (udf, host_writes, mut host_reads) = pipes();
        drop(host_writes);
        let host = thread::spawn(move || {
            let mut answer = Vec::new();
            host_reads.read_to_end(&mut answer).unwrap();
            answer.len()
        });
        udf.output.write_all(&vec![0; 1 << 20], None).unwrap();
        drop(udf);
        assert_eq!(host.join().unwrap(), 1 << 20);
    }

    #[test]
    fn a_failed_agent_reads_on_until_the_host_has_its_error() {
        let (udf, mut host_writes, mut host_reads) = pipes();
        udf.output.write_all(b"the reason", None).unwrap();
        drop(udf.output);
        let host = thread::spawn(move || {
            // More than a pipe holds, so the write returns only if the agent reads.
            host_writes.write_all(&vec![1; 1 << 20]).unwrap();
            let mut reason = String::new();
            host_reads.read_to_string(&mut reason).unwrap();
            reason
        });
        udf.input.linger();
        drop(udf.input);
        assert_eq!(host.join().unwrap(), "the reason");
    }

    #[test]
    fn the_mode_of_a_shared_pipe_stays_unchanged() {
        let (_host_reads, output) = io::pipe().unwrap();
        let shared = output.try_clone().unwrap();
        let (input, _host_writes) = io::pipe().unwrap();
        let _udf = between(input, output);
        let flags = format!("/proc/self/fdinfo/{}", shared.as_raw_fd());
        let flags = fs::read_to_string(flags).unwrap();
        let (_, flags) = flags.split_once("flags:").unwrap();
        let flags = flags.split_whitespace().next().unwrap();
        let flags = i32::from_str_radix(flags, 8).unwrap();
        assert_eq!(flags & libc::O_NONBLOCK, 0);
    }

    #[test]
    fn dropping_the_output_ends_the_stream_though_the_socket_is_shared() {
        let (host, udf) = UnixStream::pair().unwrap();
        let ends = (Source::of(udf.try_clone().unwrap()), Target::of(udf));
        let udf = Connection::between(ends.0, ends.1).unwrap();
        udf.output.write_all(b"last words", None).unwrap();
        drop(udf.output);
        let mut answer = String::new();
        (&host).read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "last words");
        drop(udf.input);
    }
}
