//! Kapacitor's ends of a connection to a UDF.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use support::model::is_heartbeat;
use support::requests::Requests;
use support::wait::{Aside, aside};
use udf_runtime::proto::{Response, prost::Message as _, response::Message};

use crate::{Answer, DEADLINE};

/// Kapacitor's ends: the test writes requests, and a thread reads the responses once
/// [`read`](Connection::read) has started it.
#[derive(Debug)]
pub struct Connection {
    input: Option<Input>,
    output: Output,
    /// The bytes received so far.
    bytes: Vec<u8>,
    /// The bytes of those that [`receive`](Self::receive) has taken.
    looked_at: usize,
    /// How long one call waits in total, no matter how much arrives in the meantime.
    deadline: Duration,
}

#[derive(Debug)]
enum Input {
    Pipe(File),
    Socket(UnixStream),
}

#[derive(Debug)]
enum Output {
    /// No thread reads yet.
    Unread(File),
    Reading(Receiver<Vec<u8>>),
    Closed,
}

impl Connection {
    /// Kapacitor's ends of a child process.
    pub fn over_pipes(input: OwnedFd, output: OwnedFd) -> Self {
        Self::new(Input::Pipe(input.into()), output.into())
    }

    /// Kapacitor's end of a socket.
    ///
    /// # Panics
    /// If no descriptor is left.
    pub fn over_socket(stream: UnixStream) -> Self {
        let output: OwnedFd = stream.try_clone().expect("a descriptor is left").into();
        Self::new(Input::Socket(stream), output.into())
    }

    fn new(input: Input, output: File) -> Self {
        Self {
            input: Some(input),
            output: Output::Unread(output),
            bytes: Vec::new(),
            looked_at: 0,
            deadline: DEADLINE,
        }
    }

    /// Begins to read the UDF's output. Otherwise reading begins with the first call that needs an answer.
    pub fn read(&mut self) -> &mut Self {
        if let Output::Unread(_) = self.output {
            let Output::Unread(mut output) = std::mem::replace(&mut self.output, Output::Closed)
            else {
                return self;
            };
            let (sender, receiver) = mpsc::channel();
            thread::spawn(move || {
                let mut buffer = vec![0; 64 * 1024];
                loop {
                    match output.read(&mut buffer) {
                        Ok(0) | Err(_) => return,
                        Ok(count) => {
                            if sender.send(buffer[..count].to_vec()).is_err() {
                                return;
                            }
                        }
                    }
                }
            });
            self.output = Output::Reading(receiver);
        }
        self
    }

    /// Writes bytes and waits until they are written.
    ///
    /// # Errors
    /// If the UDF has closed its end.
    ///
    /// # Panics
    /// If they are not written in time.
    #[track_caller]
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_aside(bytes.to_vec()).join_within(self.deadline)
    }

    /// Sends requests.
    ///
    /// # Panics
    /// If the UDF does not take them.
    #[track_caller]
    pub fn send(&mut self, requests: Requests) -> &mut Self {
        self.write(&requests.bytes()).expect("the UDF reads");
        self
    }

    /// Writes in another thread. The write may fail.
    ///
    /// # Panics
    /// If no descriptor is left.
    pub fn write_aside(&mut self, bytes: Vec<u8>) -> Aside<io::Result<()>> {
        const WHAT: &str = "the UDF to read";
        let mut input = match &self.input {
            Some(Input::Pipe(file)) => file.try_clone().expect("a descriptor is left"),
            Some(Input::Socket(stream)) => {
                OwnedFd::from(stream.try_clone().expect("a descriptor is left")).into()
            }
            None => return aside(WHAT, || Err(io::ErrorKind::BrokenPipe.into())),
        };
        aside(WHAT, move || input.write_all(&bytes))
    }

    /// Ends the requests, as Kapacitor does.
    pub fn close_input(&mut self) -> &mut Self {
        if let Some(Input::Socket(stream)) = self.input.take() {
            // Fails only if the UDF is gone.
            let _ = stream.shutdown(Shutdown::Write);
        }
        self
    }

    /// Closes the end from which the UDF's output is read.
    pub fn close_output(&mut self) {
        self.output = Output::Closed;
        if let Some(Input::Socket(stream)) = &self.input {
            let _ = stream.shutdown(Shutdown::Read);
        }
    }

    /// The next response that is not a heartbeat. `None` if the UDF has closed its end.
    ///
    /// # Panics
    /// If nothing comes in time.
    #[track_caller]
    pub fn receive(&mut self) -> Option<Message> {
        let end = self.end_of_wait();
        loop {
            let message = self.next(end)?;
            if !is_heartbeat(&message) {
                return Some(message);
            }
        }
    }

    /// The next response. `None` if the UDF has closed its end.
    ///
    /// # Panics
    /// If nothing comes in time.
    #[track_caller]
    pub fn receive_any(&mut self) -> Option<Message> {
        self.next(self.end_of_wait())
    }

    #[track_caller]
    fn next(&mut self, end: Instant) -> Option<Message> {
        loop {
            let mut rest = &self.bytes[self.looked_at..];
            if !rest.is_empty()
                && let Ok(response) = Response::decode_length_delimited(&mut rest)
            {
                self.looked_at = self.bytes.len() - rest.len();
                return Some(response.message.expect("responses are not empty"));
            }
            if !self.more(end) {
                return None;
            }
        }
    }

    /// Waits for a heartbeat, and skips other responses before it.
    ///
    /// # Panics
    /// If none comes in time.
    #[track_caller]
    pub fn heartbeat(&mut self) {
        let end = self.end_of_wait();
        while !is_heartbeat(&self.next(end).expect("the UDF lives")) {}
    }

    /// Everything that comes until the UDF closes its end.
    ///
    /// # Panics
    /// If it does not close its end in time, or if Kapacitor would not survive the output.
    #[track_caller]
    pub fn answer(&mut self) -> Answer {
        Answer::read(self.answer_bytes())
    }

    /// Everything that comes until the UDF closes its end, as bytes.
    ///
    /// # Panics
    /// If it does not close its end in time.
    #[track_caller]
    pub fn answer_bytes(&mut self) -> &[u8] {
        let end = self.end_of_wait();
        while self.more(end) {}
        &self.bytes
    }

    fn end_of_wait(&self) -> Instant {
        Instant::now() + self.deadline
    }

    #[track_caller]
    fn more(&mut self, end: Instant) -> bool {
        self.read();
        let Output::Reading(receiver) = &self.output else {
            return false;
        };
        let left = end.saturating_duration_since(Instant::now());
        // Bytes that are already there are taken even after the deadline.
        let came = if left.is_zero() {
            Err(RecvTimeoutError::Timeout)
        } else {
            receiver.recv_timeout(left)
        };
        match came {
            Ok(bytes) => {
                self.bytes.extend_from_slice(&bytes);
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
            Err(RecvTimeoutError::Timeout) => {
                panic!("waited {:?} for the UDF to answer or to end", self.deadline)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use udf_runtime::proto::{KeepaliveResponse, Point};

    use super::*;

    /// The panic text of a call on a UDF that keeps sending one message.
    fn wait_error<T>(message: Message, call: fn(&mut Connection) -> T) -> Option<String> {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let sent = Response {
            message: Some(message),
        };
        let sent = sent.encode_length_delimited_to_vec();
        let sending = thread::spawn(move || while theirs.write_all(&sent).is_ok() {});
        let mut connection = Connection::over_socket(ours);
        connection.deadline = Duration::from_millis(50);
        let panicked = catch_unwind(AssertUnwindSafe(|| drop(call(&mut connection)))).err();
        connection.close_output();
        sending.join().unwrap();
        panicked.and_then(|panic| panic.downcast_ref::<String>().cloned())
    }

    #[test]
    fn waiting_for_a_udf_that_sends_without_end_fails() {
        let heartbeat = Message::Keepalive(KeepaliveResponse { time: i64::MAX });
        let point = Message::Point(Point::default());
        let all = [
            wait_error(heartbeat.clone(), Connection::receive),
            wait_error(point.clone(), Connection::heartbeat),
            wait_error(point, |it| it.answer_bytes().len()),
        ];
        for wait_error in all {
            let wait_error = wait_error.expect("the wait ends");
            assert_eq!(wait_error, "waited 50ms for the UDF to answer or to end");
        }
    }

    #[test]
    #[should_panic = "waited 50ms for the UDF to read"]
    fn writing_to_a_udf_that_does_not_read_fails() {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let mut connection = Connection::over_socket(ours);
        connection.deadline = Duration::from_millis(50);
        // More than a socket holds.
        let _ = connection.write(&vec![0; 16 << 20]);
    }
}
