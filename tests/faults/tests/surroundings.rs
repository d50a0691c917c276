//! Hostile surroundings of a UDF: ends that block, close or break, signals, a standard error that takes
//! nothing, and no free descriptors.

use std::fs::File;
use std::io::{self, Write as _};
use std::iter;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use fault_tests::{
    Answer, Connection, Process, Signal, SocketServer, Udf, Via, both_ways, device, until,
};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use rlimit::{Resource, prlimit};
use support::requests::{Requests, option, point, string};
use tempfile::TempDir;
use udf_runtime::proto::{EdgeType, InitRequest, Point, response::Message};
use udf_runtime::{Agent, Handler, Info, Point as UdfPoint, Result, Sender, StreamOutput, Verdict};

const PROGRAM: &str = env!("CARGO_BIN_EXE_faulty-udfs");
const MIRROR: &[&str] = &["mirror"];

fn ready() -> Requests {
    Requests::new().init([])
}

fn points(count: i64) -> Vec<u8> {
    let points = (0..count).fold(Requests::new(), |it, time| it.point(point(time, 1.0)));
    points.bytes()
}

/// More than pipes, sockets and the UDF's own buffers hold.
fn too_much() -> Vec<u8> {
    points(20_000)
}

/// Writes more than all buffers hold while the output is not read. Once it is written, the output is full
/// and the UDF reads ahead.
#[track_caller]
fn send_too_much(udf: &mut Udf) {
    udf.connection.write(&too_much()).expect("the UDF reads");
}

fn act(time: i64, act: &str) -> Point {
    let mut point = point(time, 1.0);
    point.fields_string.insert("act".into(), act.into());
    point
}

both_ways! {
    a_reader_that_pauses_gets_everything
    input_that_comes_byte_by_byte_is_handled
    a_udf_ends_when_both_ends_close_inside_a_frame
    a_udf_ends_at_its_next_answer_when_the_reading_end_closes
    nothing_is_lost_at_a_normal_close
    a_signal_ends_an_idle_udf
    a_signal_under_load_ends_a_udf_after_the_received_points
    one_signal_ends_a_udf_whose_output_is_blocked
    a_udf_whose_output_is_unread_ends_after_its_input
    other_signals_do_not_end_a_udf
    a_udf_ends_when_the_host_leaves_after_info
}

fn a_reader_that_pauses_gets_everything(via: Via) {
    let mut udf = Udf::start(via, PROGRAM, MIRROR);
    udf.connection.send(ready());
    send_too_much(&mut udf);
    assert!(udf.process.is_running());
    udf.connection.read().close_input();
    assert_eq!(udf.connection.answer().points().count(), 20_000);
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(0));
}

fn input_that_comes_byte_by_byte_is_handled(via: Via) {
    let mut udf = Udf::start(via, PROGRAM, MIRROR);
    // The length is a varint of two bytes, which also come one by one.
    let mut long = point(2, 1.0);
    long.name = "long".repeat(100);
    let requests = ready().point(point(1, 1.0)).keepalive(7).point(long);
    for byte in requests.bytes() {
        udf.connection.write(&[byte]).unwrap();
    }
    udf.connection.close_input();
    let expected = ["init accepted", "point at 1", "keepalive 7", "point at 2"];
    udf.connection.answer().expect("byte by byte", &expected);
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(0));
}

fn a_udf_ends_when_both_ends_close_inside_a_frame(via: Via) {
    let mut udf = Udf::start(via, PROGRAM, MIRROR);
    udf.connection.send(ready().raw(&[100, 1, 2, 3]));
    assert!(matches!(udf.connection.receive(), Some(Message::Init(_))));
    udf.connection.close_output();
    udf.connection.close_input();
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(1));
    udf.process.logs("the input ended inside of the frame");
}

/// Kapacitor keeps writing and does not read.
fn a_udf_ends_at_its_next_answer_when_the_reading_end_closes(via: Via) {
    let mut udf = Udf::start(via, PROGRAM, MIRROR);
    udf.connection.send(ready());
    assert!(matches!(udf.connection.receive(), Some(Message::Init(_))));
    udf.connection.close_output();
    // The UDF ends at its first answer, because the reader is gone.
    until("the UDF to stop reading", || {
        udf.connection.write(&points(1_000)).err()
    });
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(1));
    udf.process.logs("writing to Kapacitor failed");
}

fn nothing_is_lost_at_a_normal_close(via: Via) {
    let (process, server) = match via {
        Via::Pipes => (None, None),
        Via::Socket => {
            let (process, server) = SocketServer::start(PROGRAM, MIRROR);
            (Some(process), Some(server))
        }
    };
    for round in 0..if via == Via::Pipes { 50 } else { 1_000 } {
        let (mut child, mut connection) = match &server {
            None => {
                let (child, connection) = Process::on_pipes(PROGRAM, MIRROR);
                (Some(child), connection)
            }
            Some(server) => (None, server.connect()),
        };
        connection.send(ready()).write(&points(50)).unwrap();
        connection.close_input();
        assert_eq!(connection.answer().points().count(), 50, "round {round}");
        if let Some(child) = &mut child {
            assert_eq!(child.wait(), Some(0), "round {round}");
        }
    }
    drop(process);
}

fn a_signal_ends_an_idle_udf(via: Via) {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut udf = Udf::start(via, PROGRAM, MIRROR);
        udf.connection.send(ready().point(point(1, 1.0)));
        assert!(matches!(udf.connection.receive(), Some(Message::Init(_))));
        assert!(matches!(udf.connection.receive(), Some(Message::Point(_))));
        udf.process.signal(signal);
        udf.connection
            .answer()
            .expect("at rest", &["init accepted", "point at 1"]);
        assert_eq!(udf.process.wait(), Some(0), "{signal:?}");
        if let Some(server) = &udf.server {
            assert!(!server.path().exists());
        }
    }
}

/// Kapacitor also starts a UDF just to ask for Info. Then there is nothing to lose yet.
#[test]
fn a_signal_before_init_ends_the_udf() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut udf = Udf::start(Via::Pipes, PROGRAM, MIRROR);
        udf.connection.send(Requests::new().info());
        assert!(matches!(udf.connection.receive(), Some(Message::Info(_))));
        udf.process.signal(signal);
        assert_eq!(udf.process.wait(), None, "{signal:?}");
    }
}

/// The received points are handled, whole frames go out, and the UDF ends although the host keeps writing.
fn a_signal_under_load_ends_a_udf_after_the_received_points(via: Via) {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut udf = Udf::start(via, PROGRAM, MIRROR);
        udf.connection.send(ready()).read();
        let writing = udf.connection.write_aside(points(200_000));
        assert!(matches!(udf.connection.receive(), Some(Message::Init(_))));
        assert!(matches!(udf.connection.receive(), Some(Message::Point(_))));
        udf.process.signal(signal);
        // The model checks that nothing is cut off. There is no ErrorResponse.
        let answer = udf.connection.answer();
        assert!(answer.points().count() > 0);
        assert!(!answer.failed(), "{}", answer.error());
        assert_eq!(udf.process.wait(), Some(0), "{signal:?}");
        let times: Vec<_> = answer.points().map(|point| point.time).collect();
        assert!(
            times.iter().copied().eq(0..times.len() as i64),
            "some were lost"
        );
        // Fails once the UDF does not read any more.
        let _ = writing.join();
    }
}

/// While its output is blocked, a UDF reads what the host still writes.
#[test]
fn input_read_ahead_is_handled_before_a_signal_ends_the_udf() {
    let mut udf = Udf::start(Via::Pipes, PROGRAM, MIRROR);
    udf.connection.send(ready());
    let sent = 20_000;
    let writing = udf.connection.write_aside(points(sent));
    // More than pipes hold, so the UDF has read it ahead.
    writing.join().unwrap();
    udf.process.signal(Signal::SIGTERM);
    udf.connection.read();
    assert_eq!(udf.connection.answer().points().count() as i64, sent);
    assert_eq!(udf.process.wait(), Some(0));
}

/// Heartbeats continue during the stop, which ends after five seconds.
#[test]
fn a_stop_without_end_is_cut_off_after_five_seconds() {
    let mut udf = Udf::start(Via::Pipes, PROGRAM, &["misbehaving"]);
    let never = option("panic_in", [string("never, but stop never ends")]);
    udf.connection.send(Requests::new().init([never]));
    assert!(matches!(udf.connection.receive(), Some(Message::Init(_))));
    udf.process.signal(Signal::SIGTERM);
    udf.connection.heartbeat();
    assert_eq!(udf.process.wait(), Some(1));
    udf.process.logs("still running 5s after the signal");
}

/// Like Ctrl-C while `pipe` waits for more lines. The UDF still gets the open batch.
#[test]
fn a_signal_ends_a_waiting_pipe_after_its_open_batch() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let (mut process, mut connection) = Process::on_pipes(PROGRAM, &["batches", "pipe"]);
        connection.write(b"m a=1 1\nm a=2 2\n").unwrap();
        process.sleeps();
        process.signal(signal);
        assert_eq!(process.wait(), Some(0), "{signal:?}");
        assert_eq!(connection.answer_bytes(), b"m a=1 1\nm a=2 2\n");
        assert_eq!(process.log(), "");
    }
}

/// A FIFO, and a `pipe` that waits for a writer to open it.
fn waiting_for_a_writer() -> (TempDir, PathBuf, Process, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    mkfifo(&fifo, Mode::S_IRWXU).unwrap();
    let mut command = Command::new(PROGRAM);
    let (process, connection) = Process::start(command.args(["mirror", "pipe"]).arg(&fifo));
    process.sleeps();
    (folder, fifo, process, connection)
}

/// The signal ends it at once, not only after the time limit of a stop.
#[test]
fn a_signal_ends_a_pipe_that_waits_for_the_writer_of_a_fifo() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let (_folder, _fifo, mut process, mut connection) = waiting_for_a_writer();
        process.signal(signal);
        assert_eq!(process.wait(), Some(0), "{signal:?}");
        assert!(connection.answer_bytes().is_empty());
        assert_eq!(process.log(), "");
    }
}

#[test]
fn a_fifo_ends_with_its_writer_and_not_before_it_has_one() {
    let (_folder, fifo, mut process, mut connection) = waiting_for_a_writer();
    let mut writer = device(fifo.to_str().unwrap());
    writer.write_all(b"m a=1 1\n").unwrap();
    process.sleeps();
    writer.write_all(b"m a=2 2\n").unwrap();
    drop(writer);
    assert_eq!(connection.answer_bytes(), b"m a=1 1\nm a=2 2\n");
    assert_eq!(process.wait(), Some(0));
}

fn blocked(via: Via) -> Udf {
    let mut udf = Udf::start(via, PROGRAM, MIRROR);
    udf.connection.send(ready());
    send_too_much(&mut udf);
    udf
}

/// Only over pipes: over a socket, the connection would end by itself before.
#[test]
fn a_second_signal_ends_a_udf_whose_output_is_blocked() {
    let mut udf = blocked(Via::Pipes);
    udf.process.signal(Signal::SIGTERM);
    udf.process.sleeps();
    udf.process.signal(Signal::SIGTERM);
    assert_eq!(udf.process.wait(), Some(1));
    assert!(!udf.process.log().contains("still running"));
}

/// It ends at most five seconds after the signal.
fn one_signal_ends_a_udf_whose_output_is_blocked(via: Via) {
    let mut udf = blocked(via);
    udf.process.signal(Signal::SIGINT);
    // A server ends with success, even if a connection has failed.
    assert_eq!(udf.process.wait(), Some(i32::from(via == Via::Pipes)));
}

/// The input has ended, the output is full, and the host keeps it open without reading it. This happens
/// when a task is disabled under load. The UDF first reads what Kapacitor is writing.
fn a_udf_whose_output_is_unread_ends_after_its_input(via: Via) {
    let mut udf = Udf::start(via, PROGRAM, MIRROR);
    udf.connection.send(ready());
    send_too_much(&mut udf);
    udf.connection.close_input();
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(1));
    udf.process
        .logs("the input has ended, and the output is not read any more");
}

fn other_signals_do_not_end_a_udf(via: Via) {
    let mut udf = Udf::start(via, PROGRAM, MIRROR);
    udf.connection.send(ready()).read();
    assert!(matches!(udf.connection.receive(), Some(Message::Init(_))));
    for time in 0..50 {
        for signal in [
            Signal::SIGPIPE,
            Signal::SIGSTOP,
            Signal::SIGCONT,
            Signal::SIGWINCH,
            Signal::SIGCHLD,
        ] {
            udf.process.signal(signal);
        }
        udf.connection.send(Requests::new().point(point(time, 1.0)));
        assert!(matches!(udf.connection.receive(), Some(Message::Point(it)) if it.time == time));
    }
    udf.connection.close_input();
    assert_eq!(udf.connection.receive(), None);
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(0));
}

/// kapacitord does this when it starts, and when it is killed.
fn a_udf_ends_when_the_host_leaves_after_info(via: Via) {
    let mut udf = Udf::start(via, PROGRAM, MIRROR);
    udf.connection.send(Requests::new().info()).close_input();
    udf.connection.answer().expect("info alone", &["info"]);
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(0));
    let mut udf = Udf::start(via, PROGRAM, MIRROR);
    udf.connection.send(Requests::new().info());
    udf.connection.close_output();
    udf.connection.close_input();
    match via {
        // Timing decides whether it could still answer.
        Via::Pipes => assert!(matches!(udf.ended(), Some(0 | 1))),
        Via::Socket => assert_eq!(udf.ended(), None),
    }
}

#[test]
fn a_stdin_that_is_empty_closed_or_a_folder_ends_the_udf() {
    let run = |stdin: Stdio| {
        let mut command = Command::new(PROGRAM);
        let command = command.arg("mirror").stdin(stdin).stdout(Stdio::piped());
        let mut process = Process::spawn(command.stderr(Stdio::piped()));
        (process.wait(), process.log())
    };
    assert_eq!(run(Stdio::null()), (Some(0), String::new()));
    let (reader, writer) = io::pipe().unwrap();
    drop(writer);
    assert_eq!(run(reader.into()), (Some(0), String::new()));
    let (code, log) = run(File::open("/").unwrap().into());
    assert_eq!(code, Some(1));
    assert!(log.contains("reading failed at offset 0"), "{log}");
}

/// Some supervisors start programs with descriptors 0, 1 and 2 closed.
#[test]
fn closed_standard_descriptors_do_no_harm() {
    for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
        let script = format!("exec \"$0\" mirror {closed}");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &script, PROGRAM]);
        let (mut process, mut connection) = Process::start(&mut command);
        let _ = connection.write(&Requests::new().info().bytes());
        connection.close_input();
        connection.answer();
        assert!(
            matches!(process.wait(), Some(0 | 1)),
            "{closed}: {}",
            process.log()
        );
    }
}

#[test]
fn a_full_standard_error_does_no_harm() {
    // Not `println!` itself, which panics if it cannot print.
    let logging = ["log a lot", "log lines", "panic in a thread", "poison"];
    does_no_harm(device("/dev/full").into(), &logging);
}

/// Kapacitor stops reading after a line that is too long.
#[test]
fn an_unread_standard_error_does_no_harm() {
    let (_unread, stderr) = io::pipe().unwrap();
    // Each is more than a pipe holds.
    let writing = ["print a lot"; 8].into_iter().chain(["log a lot"; 8]);
    does_no_harm(stderr.into(), &writing.collect::<Vec<_>>());
}

fn does_no_harm(stderr: Stdio, acts: &[&str]) {
    let mut command = Command::new(PROGRAM);
    let (mut process, mut connection) = Process::start_with(command.arg("misbehaving"), stderr);
    let points = (0..).zip(acts);
    let requests = points.fold(ready(), |it, (time, what)| it.point(act(time, what)));
    connection.send(requests).close_input();
    let points = (0..acts.len()).map(|time| format!("point at {time}"));
    let expected: Vec<_> = iter::once("init accepted".to_owned())
        .chain(points)
        .collect();
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    connection.answer().expect("the host", &expected);
    assert_eq!(process.wait(), Some(0));
}

/// Connections that come while no descriptor is free wait until one is. Meanwhile the server does not
/// spin, and its open connections work.
#[test]
fn without_descriptors_the_server_accepts_later() {
    let (mut process, server) = SocketServer::start(PROGRAM, MIRROR);
    let mut open = server.connect();
    open.send(ready());
    assert!(matches!(open.receive(), Some(Message::Init(_))));
    let pid = process.pid().as_raw();
    let limit_descriptors = |limits| prlimit(pid, Resource::NOFILE, Some(limits), None).unwrap();
    // Descriptors that the server inherited from the test.
    let usual = Resource::NOFILE.get().unwrap();
    limit_descriptors((process.next_descriptor() + 1, usual.1));
    // One descriptor is left, which is enough for one connection.
    let mut last = server.connect();
    last.send(Requests::new().info());
    assert!(matches!(last.receive(), Some(Message::Info(_))));
    let mut waiting = server.connect();
    waiting.send(Requests::new().info());
    process.logs("no connection can be accepted for now");
    open.send(Requests::new().point(point(1, 1.0)));
    assert!(matches!(open.receive(), Some(Message::Point(_))));
    // It pauses between attempts.
    process.sleeps();
    limit_descriptors(usual);
    assert!(matches!(waiting.receive(), Some(Message::Info(_))));
    server.is_alive();
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait(), Some(0));
}

/// Many connections one after another, some of them broken.
#[test]
fn connections_leave_no_descriptor_thread_or_memory_behind() {
    let (process, server) = SocketServer::start(PROGRAM, &["misbehaving"]);
    let at_rest = process.descriptors();
    let connect = |rounds: i64| {
        for round in 0..rounds {
            let mut connection = server.connect();
            let what = ["", "panic", "fail", ""][round as usize % 4];
            connection.send(ready().point(act(round, what)));
            if round % 4 == 3 {
                connection.close_output();
            }
            connection.close_input();
            connection.answer_bytes();
        }
        process.settles(at_rest);
    };
    connect(100);
    let memory = process.peak_memory();
    connect(400);
    let grown = process.peak_memory() - memory;
    assert!(grown < 4 << 20, "{grown} bytes more after 400 connections");
}

/// Faults of one connection do not affect the others of the same server.
#[test]
fn a_failed_connection_does_not_affect_others() {
    let (process, server) = SocketServer::start(PROGRAM, &["misbehaving"]);
    let mut good: Vec<_> = (0..10).map(|_| server.connect()).collect();
    for connection in &mut good {
        connection.send(ready());
    }
    for (time, what) in ["fail", "panic", "panic with a value", "panic in a thread"]
        .iter()
        .enumerate()
    {
        let mut bad = server.connect();
        bad.send(ready().point(act(time as i64, what)))
            .close_input();
        bad.answer();
    }
    let mut refused = server.connect();
    refused.send(Requests::new().init([option("nothing", [string("x")])]));
    assert!(matches!(refused.receive(), Some(Message::Init(init)) if !init.success));
    for (time, connection) in (0..).zip(&mut good) {
        connection
            .send(Requests::new().point(point(time, 1.0)))
            .close_input();
        assert_eq!(connection.answer().points().count(), 1);
    }
    server.is_alive();
    drop(process);
}

/// A signal interrupts every other read and write.
#[test]
fn interrupted_reads_and_writes_are_retried() {
    struct Interrupted<T>(T, bool);

    impl<T> Interrupted<T> {
        fn again(&mut self) -> io::Result<()> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            Ok(())
        }
    }

    impl<T: io::Read> io::Read for Interrupted<T> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            self.again()?;
            let some = to.len().min(7);
            self.0.read(&mut to[..some])
        }
    }

    impl<T: io::Write> io::Write for Interrupted<T> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.again()?;
            self.0.write(&bytes[..bytes.len().min(7)])
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }

    let requests = ready().point(point(1, 1.0)).keepalive(2).bytes();
    let written = support::host::Written::default();
    let reader = Interrupted(io::Cursor::new(requests), false);
    Agent::new(reader, Interrupted(written.clone(), false))
        .run(Mirroring)
        .unwrap();
    Answer::read(&written.bytes()).expect(
        "interrupted",
        &["init accepted", "point at 1", "keepalive 2"],
    );
}

/// Sends points back. Runs in this process.
struct Mirroring;

impl Handler for Mirroring {
    type Output = StreamOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(EdgeType::Stream))
    }
    fn init(&mut self, _: InitRequest, _: Sender) -> Result<Verdict> {
        Ok(Verdict::Accepted)
    }
    fn point(&mut self, point: UdfPoint, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}
