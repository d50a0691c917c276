//! The rounds.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Signal, getrlimit, kill_process, setrlimit};
use support::model;
use support::requests::{Requests, option, point, string};
use udf_runtime::proto::option_value::Value;
use udf_runtime::proto::response::Message;

use crate::samples::Samples;
use crate::ticking;

type Outcome = Result<(), Box<dyn Error>>;

/// How long anything may take before it counts as lost.
const DEADLINE: Duration = Duration::from_secs(60);
/// Points in a block, which is written repeatedly.
const BLOCK: u64 = 1_000;
/// Groups among the points of a block.
const GROUPS: u64 = 100;
/// The first byte of a response that is a point, and of no other response: the tag of its field.
const POINT: u8 = 0x8a;

/// A child process that does not outlive this one.
struct Udf(Child);

impl Udf {
    fn wait(&mut self) -> Result<ExitStatus, Box<dyn Error>> {
        let began = Instant::now();
        while began.elapsed() < DEADLINE {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(5));
        }
        Err("the UDF does not end".into())
    }
}

impl Drop for Udf {
    fn drop(&mut self) {
        // Both fail only if it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn init() -> Requests {
    Requests::new().init([
        option("field", [string("value")]),
        option("size", [Value::IntValue(100)]),
    ])
}

fn block() -> Vec<u8> {
    let points = (0..BLOCK).fold(Requests::new(), |it, number| {
        let mut point = point(number as i64, number as f64);
        point.group = format!("group={}", number % GROUPS);
        it.point(point)
    });
    points.bytes()
}

/// Sends points through a UDF on pipes, as fast as possible.
pub(crate) fn points(program: &Path, count: u64) -> Outcome {
    let mut udf = Udf(Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?);
    let mut input = udf.0.stdin.take().ok_or("no stdin")?;
    let output = udf.0.stdout.take().ok_or("no stdout")?;
    let answered = Arc::new(AtomicU64::new(0));
    let counter = answered.clone();
    let counting = thread::spawn(move || count_points(output, &counter));
    let writing = thread::spawn(move || -> io::Result<()> {
        input.write_all(&init().bytes())?;
        let block = block();
        for _ in 0..count / BLOCK {
            input.write_all(&block)?;
        }
        // The process is sampled until its last answer, so its input stays open until then.
        thread::park();
        Ok(())
    });
    let all = count / BLOCK * BLOCK;
    let mut samples = Samples::of(udf.0.id(), "points through moving_avg, over pipes");
    let mut moved = (0, Instant::now());
    while answered.load(Ordering::Relaxed) < all {
        let done = answered.load(Ordering::Relaxed);
        samples.look(done)?;
        if done > moved.0 {
            moved = (done, Instant::now());
        }
        if moved.1.elapsed() > DEADLINE {
            return Err(format!("after {done} points nothing came any more").into());
        }
        thread::sleep(Duration::from_millis(20));
    }
    samples.are_flat(all)?;
    writing.thread().unpark();
    writing.join().map_err(|_| "the writer panicked")??;
    let status = udf.wait()?;
    counting.join().map_err(|_| "the reader panicked")??;
    let answered = answered.load(Ordering::Relaxed);
    if answered != all || !status.success() {
        return Err(format!("{answered} points, and not {all}").into());
    }
    Ok(())
}

/// Counts points until the end. Heartbeats may come between them.
fn count_points(mut from: impl Read, counter: &AtomicU64) -> io::Result<()> {
    let mut buffer = vec![0; 256 * 1024];
    let (mut length, mut shift, mut skip) = (0_usize, 0, 0_usize);
    let (mut begins, mut is_point) = (false, false);
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        let mut bytes = &buffer[..count];
        while !bytes.is_empty() {
            if skip > 0 {
                if begins {
                    (begins, is_point) = (false, bytes[0] == POINT);
                }
                let step = skip.min(bytes.len());
                (bytes, skip) = (&bytes[step..], skip - step);
                if skip == 0 && is_point {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
                continue;
            }
            length |= usize::from(bytes[0] & 0x7f) << shift;
            shift += 7;
            if bytes[0] < 0x80 {
                (skip, length, shift, begins) = (length, 0, 0, true);
            }
            bytes = &bytes[1..];
        }
    }
}

/// A server and the path of its socket.
struct Server {
    udf: Udf,
    folder: tempfile::TempDir,
}

impl Server {
    fn start(program: &Path) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let child = Command::new(program)
            .arg("--socket")
            .arg(folder.path().join("udf.sock"))
            // Some connections close without a request on purpose.
            .env("UDF_LOG", "off")
            .spawn()?;
        let server = Self {
            udf: Udf(child),
            folder,
        };
        let began = Instant::now();
        while server.connect().is_err() {
            if began.elapsed() > DEADLINE {
                return Err("the server does not listen".into());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(server)
    }

    fn connect(&self) -> io::Result<UnixStream> {
        let stream = UnixStream::connect(self.folder.path().join("udf.sock"))?;
        stream.set_read_timeout(Some(DEADLINE))?;
        Ok(stream)
    }

    fn stop(mut self) -> Outcome {
        kill_process(Pid::from_child(&self.udf.0), Signal::TERM)?;
        let status = self.udf.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the server ended with {status}").into())
        }
    }
}

/// Reads to the end and checks the number of points.
fn ends_with(mut stream: &UnixStream, points: usize) -> Outcome {
    stream.shutdown(Shutdown::Write)?;
    let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
    let began = Instant::now();
    while let count @ 1.. = stream.read(&mut piece)? {
        answer.extend_from_slice(&piece[..count]);
        if began.elapsed() > DEADLINE {
            return Err("the answers do not end".into());
        }
    }
    let answer = model::read(&answer)?;
    let is_point = |message: &&Message| matches!(message, Message::Point(_));
    match answer.iter().filter(is_point).count() {
        count if count == points => Ok(()),
        count => Err(format!("{count} points came back of {points}").into()),
    }
}

/// Connects, is served and disconnects, repeatedly.
pub(crate) fn connects(program: &Path, count: u64) -> Outcome {
    let server = Server::start(program)?;
    let requests = (0..10)
        .fold(init(), |it, time| it.point(point(time, 1.0)))
        .bytes();
    let mut samples = Samples::of(server.udf.0.id(), "connects and disconnects");
    // In addition to ours, those of the connection that has just ended.
    let settle = Duration::from_millis(100);
    for done in 0..count {
        let mut stream = server.connect()?;
        stream.write_all(&requests)?;
        // Sometimes a connection closes without a request.
        if done % 10 == 9 {
            drop(stream);
        } else {
            ends_with(&stream, 10)?;
        }
        samples.look(done)?;
    }
    thread::sleep(settle);
    samples.are_flat(count)?;
    server.stop()
}

/// Reads an answer and the heartbeats before it.
fn is_answered(stream: &mut UnixStream, host: &mut model::Host) -> Outcome {
    let mut piece = [0; 1024];
    while let count @ 1.. = stream.read(&mut piece)? {
        let messages = host.read(&piece[..count])?;
        if !messages.iter().all(model::is_heartbeat) {
            return Ok(());
        }
    }
    Err("the UDF has ended the connection".into())
}

/// Opens many connections at the same time, each with points, repeatedly.
pub(crate) fn at_once(program: &Path, count: u64) -> Outcome {
    // Raises the limit of descriptors as far as allowed, for this process and the server.
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit)?;
    let server = Server::start(program)?;
    let mut samples = Samples::of(server.udf.0.id(), "connections at once");
    let mut streams = Vec::new();
    for _ in 0..count {
        let mut stream = server.connect()?;
        stream.write_all(&init().bytes())?;
        streams.push((stream, model::Host::default()));
    }
    for (stream, host) in &mut streams {
        is_answered(stream, host)?;
    }
    const ROUNDS: u64 = 20;
    let one = Requests::new().point(point(1, 1.0)).bytes();
    for round in 0..ROUNDS {
        for (stream, _) in &mut streams {
            stream.write_all(&one)?;
        }
        for (stream, host) in &mut streams {
            is_answered(stream, host)?;
        }
        samples.look_now((round + 1) * count)?;
    }
    samples.are_flat(ROUNDS * count)?;
    for (stream, _) in &streams {
        ends_with(stream, 0)?;
    }
    drop(streams);
    server.stop()
}

/// Ticks, with a snapshot every 60 ticks, as Kapacitor takes one per minute. The points belong to groups
/// that come and go.
pub(crate) fn ticks(time: Duration) -> Outcome {
    let mut udf = Udf(Command::new(std::env::current_exe()?)
        .env(ticking::VARIABLE, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?);
    let mut input = udf.0.stdin.take().ok_or("no stdin")?;
    let output = udf.0.stdout.take().ok_or("no stdout")?;
    let answered = Arc::new(AtomicU64::new(0));
    let counter = answered.clone();
    let counting = thread::spawn(move || count_points(output, &counter));
    input.write_all(&Requests::new().init([]).bytes())?;
    let mut samples = Samples::of(udf.0.id(), "ticks and snapshots");
    let began = Instant::now();
    let mut snapshots = 0;
    let every = Duration::from_secs(60) / ticking::A_SECOND;
    while began.elapsed() < time {
        // Each step is one second of the points' time, and a thousand groups that never come again.
        let second = began.elapsed().as_millis() as i64 / 50;
        let points = (0..50).fold(Requests::new(), |it, number| {
            let mut point = point(second * 1_000_000_000, 1.0);
            point.group = format!("group={second}-{number}");
            it.point(point)
        });
        input.write_all(&points.bytes())?;
        if began.elapsed() > every.min(time / 4) * snapshots {
            input.write_all(&Requests::new().snapshot().bytes())?;
            snapshots += 1;
        }
        samples.look(answered.load(Ordering::Relaxed))?;
        thread::sleep(Duration::from_millis(50));
    }
    let done = answered.load(Ordering::Relaxed);
    samples.are_flat(done)?;
    drop(input);
    let status = udf.wait()?;
    counting.join().map_err(|_| "the reader panicked")??;
    let ticks = answered.load(Ordering::Relaxed);
    let due = time.as_secs() * u64::from(ticking::A_SECOND);
    // A missed tick is not repeated, so a busy machine has fewer ticks.
    if ticks < due / 2 || ticks > due + 10 || !status.success() {
        return Err(format!("{ticks} ticks, where {due} were due").into());
    }
    Ok(())
}
