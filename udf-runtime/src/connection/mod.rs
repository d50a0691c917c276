//! The two ends of Kapacitor's connection, as descriptors: a pipe each way, or a socket.
//!
//! When a task is disabled or reloaded under load, Kapacitor stops reading what the UDF sends,
//! but first finishes the request that it is just writing, and then waits for the UDF to end,
//! with a lock held that everything else in it needs. A UDF that waits in a write would never
//! read on: both would wait for ever, and all of Kapacitor with them. So a write that is blocked
//! for a while reads ahead meanwhile, as far as a bound. When the input has ended and still nobody
//! reads the output, the write fails instead of waiting; so it does, after much longer, when nothing more
//! can be read ahead, for then it cannot be seen whether the input will end.

// Uses `process`.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

use crate::process::poll::{anew_without_waiting, wait};

/// Bytes that are read ahead at most: much more than a pipe and most messages hold.
const AHEAD: usize = 4 << 20;
/// Bytes that one read takes while reading ahead.
const AHEAD_READ: usize = 64 << 10;
/// How long an output may be blocked before the input is read ahead: a host that is just slower
/// than the UDF takes something sooner, and what it sends meanwhile can wait where it is.
const SLOW: Duration = Duration::from_millis(20);
/// How long an output may take nothing at all after the input has ended.
const PATIENCE: Duration = Duration::from_millis(800);
/// How long an output may take nothing at all when nothing more can be read ahead. A host that is alive
/// has given the UDF up by then, unless its timeout is longer.
const PATIENCE_WHEN_FULL: Duration = Duration::from_secs(30);
/// How long input is still taken in, and thrown away, by an agent that has failed.
const LINGER: Duration = Duration::from_millis(500);
/// How often a write looks whether it may read ahead, while another thread reads.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The ends of a connection: where requests come from, and where responses go.
pub(crate) fn of(input: OwnedFd, output: OwnedFd) -> io::Result<(ReadingEnd, WritingEnd)> {
    let input = Arc::new(Descriptor::Other(input.into()));
    Ok(between(input, Arc::new(Descriptor::of_output(output)?)))
}

/// Both ends of a socket, which takes no more descriptors than its own.
pub(crate) fn of_socket(socket: OwnedFd) -> io::Result<(ReadingEnd, WritingEnd)> {
    let socket = Arc::new(Descriptor::of_socket(socket)?);
    Ok(between(socket.clone(), socket))
}

fn between(input: Arc<Descriptor>, output: Arc<Descriptor>) -> (ReadingEnd, WritingEnd) {
    let shared = Arc::new(Input {
        descriptor: input,
        ahead: Mutex::new(Ahead::default()),
        waiting: AtomicUsize::new(0),
        ended: AtomicBool::new(false),
    });
    (
        ReadingEnd(shared.clone()),
        WritingEnd {
            output,
            input: shared,
            patience_when_full: PATIENCE_WHEN_FULL,
        },
    )
}

struct Input {
    descriptor: Arc<Descriptor>,
    /// Held by whoever reads, so that bytes keep their order.
    ahead: Mutex<Ahead>,
    /// Bytes that were read ahead and not taken; more while some are being read.
    waiting: AtomicUsize,
    ended: AtomicBool,
}

/// What was read while the output was blocked, and how much of it was taken.
#[derive(Default)]
struct Ahead {
    bytes: Vec<u8>,
    taken: usize,
}

impl Input {
    fn lock(&self) -> MutexGuard<'_, Ahead> {
        // Nothing panics while it is held.
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where requests come from.
pub(crate) struct ReadingEnd(Arc<Input>);

impl ReadingEnd {
    /// What makes a socket's read that waits return: what has come can still be read, then the end.
    pub(crate) fn wake(&self) -> impl Fn() + Send + Sync + use<> {
        let descriptor = self.0.descriptor.clone();
        move || descriptor.shut_down(Shutdown::Read)
    }

    /// What says whether something can be read without waiting. An end of the input is not something;
    /// an error is found by the read.
    pub(crate) fn readable(&self) -> impl Fn() -> bool + Send + Sync + use<> {
        let input = self.0.clone();
        move || {
            let mut end = [PollFd::new(&input.descriptor, PollFlags::IN)];
            let is_there = wait(&mut end, Some(Duration::ZERO)).unwrap_or(false)
                && end[0].revents().contains(PollFlags::IN);
            // In this order: what is no longer there is being read ahead.
            is_there || input.waiting.load(Ordering::SeqCst) > 0
        }
    }
}

impl Read for ReadingEnd {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let mut ahead = self.0.lock();
        let waiting = &ahead.bytes[ahead.taken..];
        if !waiting.is_empty() {
            let count = waiting.len().min(to.len());
            to[..count].copy_from_slice(&waiting[..count]);
            ahead.taken += count;
            self.0.waiting.fetch_sub(count, Ordering::SeqCst);
            if ahead.taken == ahead.bytes.len() {
                *ahead = Ahead::default();
            }
            return Ok(count);
        }
        if self.0.ended.load(Ordering::Relaxed) {
            return Ok(0);
        }
        let count = read(&self.0.descriptor, to)?;
        if count == 0 && !to.is_empty() {
            self.0.ended.store(true, Ordering::Relaxed);
        }
        Ok(count)
    }
}

/// An agent that ends before its input does has failed, and has said so. Kapacitor goes on writing
/// until it has read that; if nobody read what it writes, it might find its pipe broken first, and
/// the task's error would be that and not the reason.
impl Drop for ReadingEnd {
    fn drop(&mut self) {
        let end = Instant::now() + LINGER;
        let mut thrown_away = vec![0; AHEAD_READ];
        while !self.0.ended.load(Ordering::Relaxed) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || !is_readable_within(self.as_fd(), left) {
                return;
            }
            match read(&self.0.descriptor, &mut thrown_away) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }
}

/// Reads; a peer that has gone without reading everything is an end as good as any.
fn read(descriptor: &Descriptor, to: &mut [u8]) -> io::Result<usize> {
    match descriptor.read(to) {
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(0),
        read => read,
    }
}

/// Where responses go. When it is dropped, the peer reads the end of them.
pub(crate) struct WritingEnd {
    output: Arc<Descriptor>,
    input: Arc<Input>,
    patience_when_full: Duration,
}

impl Write for WritingEnd {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut deaf_since = None;
        loop {
            match self.output.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    while !self.takes_more(&mut deaf_since)? {}
                }
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for WritingEnd {
    fn drop(&mut self) {
        // Other handles keep a socket open.
        self.output.shut_down(Shutdown::Write);
    }
}

impl WritingEnd {
    /// Waits for the output and, when that takes long, for the input, and reads ahead what comes
    /// there. `true` when the output takes more, or has to be tried.
    fn takes_more(&self, deaf_since: &mut Option<Instant>) -> io::Result<bool> {
        let mut ahead = match self.input.ahead.try_lock() {
            Ok(ahead) => Some(ahead),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            // Another thread reads: nothing is left lying.
            Err(TryLockError::WouldBlock) => None,
        };
        let ended = self.input.ended.load(Ordering::Relaxed);
        if !ended && ahead.as_ref().is_none_or(|ahead| ahead.bytes.is_empty()) {
            let mut output = [PollFd::new(&self.output, PollFlags::OUT)];
            if wait(&mut output, Some(SLOW))? {
                return Ok(true);
            }
        }
        let is_full = ahead.as_ref().is_some_and(|it| it.bytes.len() >= AHEAD);
        let deaf = deaf_since.get_or_insert_with(Instant::now).elapsed();
        if ended && deaf >= PATIENCE {
            return Err(io::Error::new(
                ErrorKind::TimedOut,
                "the input has ended, and nobody reads the output any more",
            ));
        }
        if is_full && deaf >= self.patience_when_full {
            return Err(io::Error::new(
                ErrorKind::TimedOut,
                format!("nobody has read the output for {deaf:.0?}"),
            ));
        }
        let reads = !ended && ahead.is_some() && !is_full;
        let mut ends = [
            PollFd::new(&self.output, PollFlags::OUT),
            PollFd::new(&self.input.descriptor, PollFlags::IN),
        ];
        if reads {
            wait(&mut ends, None)?;
        } else if !wait(&mut ends[..1], Some(LOOK_AGAIN))? {
            // The input does not wake us: somebody has to be asked again. And a socket takes something
            // long before it says that it does.
            return Ok(true);
        }
        let [writable, readable] = ends.map(|end| !end.revents().is_empty());
        if let Some(ahead) = ahead.as_mut().filter(|_| readable) {
            self.read_ahead(ahead)?;
        }
        Ok(writable)
    }

    fn read_ahead(&self, ahead: &mut Ahead) -> io::Result<()> {
        let before = ahead.bytes.len();
        ahead.bytes.resize(before + AHEAD_READ, 0);
        self.input.waiting.fetch_add(AHEAD_READ, Ordering::SeqCst);
        let read = read(&self.input.descriptor, &mut ahead.bytes[before..]);
        let count = *read.as_ref().unwrap_or(&0);
        ahead.bytes.truncate(before + count);
        let missing = AHEAD_READ - count;
        self.input.waiting.fetch_sub(missing, Ordering::SeqCst);
        if read? == 0 {
            self.input.ended.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// A descriptor; as an output, one that does not wait for long.
enum Descriptor {
    /// A socket of any kind: what is asked of it here, all of them take.
    Socket(UnixStream),
    /// A pipe, a file or a terminal.
    Other(File),
}

impl Descriptor {
    fn of_output(descriptor: OwnedFd) -> io::Result<Self> {
        let file = File::from(descriptor);
        let file_type = file.metadata()?.file_type();
        if file_type.is_socket() {
            Self::of_socket(file.into())
        } else if file_type.is_fifo() {
            without_waiting(file).map(Self::Other)
        } else {
            // Files and terminals never wait for a reader.
            Ok(Self::Other(file))
        }
    }

    /// Only its writes are kept from waiting: that is a matter of the socket, while not to wait at all
    /// would be one of the descriptor, and so of its reads as well.
    fn of_socket(descriptor: OwnedFd) -> io::Result<Self> {
        let socket = UnixStream::from(descriptor);
        socket.set_write_timeout(Some(SLOW))?;
        Ok(Self::Socket(socket))
    }

    fn read(&self, to: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Socket(socket) => (&*socket).read(to),
            Self::Other(file) => (&*file).read(to),
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Socket(socket) => (&*socket).write(bytes),
            Self::Other(file) => (&*file).write(bytes),
        }
    }

    fn shut_down(&self, how: Shutdown) {
        if let Self::Socket(socket) = self {
            // Fails only where the peer has gone.
            let _ = socket.shutdown(how);
        }
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Socket(socket) => socket.as_fd(),
            Self::Other(file) => file.as_fd(),
        }
    }
}

/// The same pipe, opened anew, so that not to wait is our mode alone and not that of everybody
/// who shares the descriptor. Where that cannot be done, the mode is set on what there is.
fn without_waiting(pipe: File) -> io::Result<File> {
    anew_without_waiting(&pipe).or_else(|_| {
        rustix::io::ioctl_fionbio(&pipe, true)?;
        Ok(pipe)
    })
}

/// Waits until a descriptor can be read or has ended; `false` when neither comes in time.
fn is_readable_within(descriptor: BorrowedFd<'_>, time: Duration) -> bool {
    let mut end = [PollFd::new(&descriptor, PollFlags::IN)];
    wait(&mut end, Some(time)).unwrap_or(false)
}

impl AsFd for ReadingEnd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.descriptor.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    use std::fs;
    use std::os::fd::AsRawFd as _;

    /// The ends of a UDF, and of its host: where it writes, and where it reads.
    fn pipes() -> (ReadingEnd, WritingEnd, io::PipeWriter, io::PipeReader) {
        let (input, host_writes) = io::pipe().unwrap();
        let (host_reads, output) = io::pipe().unwrap();
        let (reading, writing) = of(input.into(), output.into()).unwrap();
        (reading, writing, host_writes, host_reads)
    }

    /// Both sides write more than the connection holds before either of them reads.
    fn write_at_once(
        (mut reading, mut writing): (ReadingEnd, WritingEnd),
        host: impl FnOnce(&[u8]) -> Vec<u8> + Send,
    ) {
        thread::scope(|scope| {
            let host = scope.spawn(move || host(&vec![1; 1 << 20]));
            writing.write_all(&vec![2; 1 << 20]).unwrap();
            let mut request = Vec::new();
            reading.read_to_end(&mut request).unwrap();
            assert!(request == vec![1; 1 << 20]);
            drop((reading, writing));
            assert!(host.join().unwrap() == vec![2; 1 << 20]);
        });
    }

    #[test]
    fn a_write_that_blocks_takes_in_what_the_host_still_writes() {
        let (reading, writing, mut host_writes, mut host_reads) = pipes();
        write_at_once((reading, writing), move |request| {
            host_writes.write_all(request).unwrap();
            drop(host_writes);
            let mut answer = Vec::new();
            host_reads.read_to_end(&mut answer).unwrap();
            answer
        });
    }

    #[test]
    fn a_write_to_a_socket_that_blocks_takes_in_what_the_host_still_writes() {
        let (mut host, udf) = UnixStream::pair().unwrap();
        write_at_once(of_socket(udf.into()).unwrap(), move |request| {
            host.write_all(request).unwrap();
            host.shutdown(Shutdown::Write).unwrap();
            let mut answer = Vec::new();
            host.read_to_end(&mut answer).unwrap();
            answer
        });
    }

    #[test]
    fn after_the_end_of_the_input_an_output_that_nobody_reads_is_given_up() {
        let (_reading, mut writing, host_writes, _host_reads) = pipes();
        drop(host_writes);
        let error = writing.write_all(&vec![0; 1 << 20]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn an_output_that_nobody_reads_is_given_up_when_nothing_more_can_be_read_ahead() {
        let (reading, mut writing, mut host_writes, _host_reads) = pipes();
        writing.patience_when_full = Duration::from_millis(50);
        // More than is read ahead: the UDF cannot see that the input would end behind it.
        let host = thread::spawn(move || host_writes.write_all(&vec![1; 2 * AHEAD]));
        let error = writing.write_all(&vec![0; 1 << 20]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        drop((writing, reading));
        // Whether it was taken or not, the host goes on.
        let _ = host.join().unwrap();
    }

    #[test]
    fn after_the_end_of_the_input_a_slow_reader_of_a_socket_gets_everything() {
        let (mut host, udf) = UnixStream::pair().unwrap();
        let (_reading, mut writing) = of_socket(udf.into()).unwrap();
        host.shutdown(Shutdown::Write).unwrap();
        let udf = thread::spawn(move || {
            writing.write_all(&vec![0; 400_000]).unwrap();
        });
        // It is some time before so much is free that the socket says it takes more.
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
    fn after_the_end_of_the_input_a_reader_that_reads_gets_everything() {
        let (_reading, mut writing, host_writes, mut host_reads) = pipes();
        drop(host_writes);
        let host = thread::spawn(move || {
            let mut answer = Vec::new();
            host_reads.read_to_end(&mut answer).unwrap();
            answer.len()
        });
        writing.write_all(&vec![0; 1 << 20]).unwrap();
        drop(writing);
        assert_eq!(host.join().unwrap(), 1 << 20);
    }

    #[test]
    fn a_host_that_still_writes_when_the_agent_has_failed_is_not_cut_off() {
        let (reading, mut writing, mut host_writes, mut host_reads) = pipes();
        writing.write_all(b"the reason").unwrap();
        drop(writing);
        let host = thread::spawn(move || {
            // More than a pipe holds: these writes end only if somebody reads.
            host_writes.write_all(&vec![1; 1 << 20]).unwrap();
            let mut reason = String::new();
            host_reads.read_to_string(&mut reason).unwrap();
            reason
        });
        drop(reading);
        assert_eq!(host.join().unwrap(), "the reason");
    }

    #[test]
    fn the_mode_of_a_pipe_that_others_share_stays_as_it_was() {
        let (_host_reads, output) = io::pipe().unwrap();
        let shared = output.try_clone().unwrap();
        let (input, _host_writes) = io::pipe().unwrap();
        let _ends = of(input.into(), output.into()).unwrap();
        let told = format!("/proc/self/fdinfo/{}", shared.as_raw_fd());
        let told = fs::read_to_string(told).unwrap();
        let (_, flags) = told.split_once("flags:").unwrap();
        let flags = flags.split_whitespace().next().unwrap();
        let flags = i32::from_str_radix(flags, 8).unwrap();
        assert_eq!(flags & libc::O_NONBLOCK, 0);
    }

    #[test]
    fn a_socket_reads_the_end_when_the_writing_end_goes() {
        let (host, udf) = UnixStream::pair().unwrap();
        let (reading, mut writing) = of(udf.try_clone().unwrap().into(), udf.into()).unwrap();
        writing.write_all(b"last words").unwrap();
        drop(writing);
        let mut answer = String::new();
        (&host).read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "last words");
        drop(reading);
    }
}
