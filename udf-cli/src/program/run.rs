//! One run of a program, within bounds.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

/// How much a run may take.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Bounds {
    /// Seconds that a run of the UDF may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) time_limit: u64,
    /// Address space of the UDF's process, in MiB (Linux)
    #[arg(long, value_name = "MIB", default_value_t = 4096)]
    pub(crate) memory_limit: u64,
    /// Output of a run, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 512)]
    pub(crate) output_limit: u64,
}

/// How a run has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Exit(i32),
    Signal(i32),
    TimeLimit,
    OutputLimit,
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) ending: Ending,
    pub(crate) output: Vec<u8>,
    /// What came on standard error; the middle of a long log is left out.
    pub(crate) log: String,
    pub(crate) took: Duration,
}

/// Runs a program. The program and all processes of its group end when the future is dropped.
pub(crate) async fn run(
    program: &Path,
    arguments: impl IntoIterator<Item = OsString>,
    input: Option<Vec<u8>>,
    bounds: Bounds,
) -> io::Result<Run> {
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let group = Group(id_of(&child));
    limit_memory(&child, bounds.memory_limit);
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());

    let mut output = Vec::new();
    let mut log = Log::default();
    let limit = bounds.output_limit.saturating_mul(1 << 20);
    let write = async {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            // A UDF that fails does not read its input to the end.
            let _ = stdin.write_all(&input).await;
        }
        Ok(())
    };
    let read = async {
        let Some(stdout) = stdout else { return Ok(()) };
        stdout.take(limit + 1).read_to_end(&mut output).await?;
        match output.len() as u64 > limit {
            true => Err(Stopped::OutputLimit),
            false => Ok(()),
        }
    };
    let listen = async { Ok(log.read(stderr).await?) };
    let wait = async { Ok(child.wait().await?) };
    let work = async { tokio::try_join!(write, read, listen, wait) };
    let limit = Duration::from_secs(bounds.time_limit);
    let ending = match tokio::time::timeout(limit, work).await {
        Err(_) => Ending::TimeLimit,
        Ok(Err(Stopped::OutputLimit)) => Ending::OutputLimit,
        Ok(Err(Stopped::Io(error))) => return Err(error),
        Ok(Ok((.., status))) => match status.code() {
            Some(code) => Ending::Exit(code),
            None => Ending::Signal(status.signal().unwrap_or_default()),
        },
    };
    drop(group);
    Ok(Run {
        ending,
        output,
        log: log.text(),
        took: started.elapsed(),
    })
}

/// Why a run is not waited for.
enum Stopped {
    OutputLimit,
    Io(io::Error),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Stopped::Io(error)
    }
}

fn id_of(child: &Child) -> Option<Pid> {
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    id.and_then(Pid::from_raw)
}

/// The process group of a run, which ends with it: a UDF may have started processes.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It fails where all of the group have ended.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

#[cfg(target_os = "linux")]
fn limit_memory(child: &Child, mebibytes: u64) {
    use rustix::process::{Resource, Rlimit, prlimit};

    let bytes = Some(mebibytes.saturating_mul(1 << 20));
    let limit = Rlimit {
        current: bytes,
        maximum: bytes,
    };
    // It fails where the process has ended already.
    let _ = prlimit(id_of(child), Resource::As, limit);
}

#[cfg(not(target_os = "linux"))]
fn limit_memory(_: &Child, _: u64) {}

/// What is kept of a log: its first and its last part.
#[derive(Default)]
struct Log {
    first: Vec<u8>,
    last: Vec<u8>,
    omitted: usize,
}

impl Log {
    /// Bytes of each part.
    const PART: usize = 64 << 10;

    async fn read(&mut self, stderr: Option<impl AsyncRead + Unpin>) -> io::Result<()> {
        let Some(mut stderr) = stderr else {
            return Ok(());
        };
        let mut buffer = vec![0; 16 << 10];
        loop {
            match stderr.read(&mut buffer).await? {
                0 => return Ok(()),
                count => self.push(&buffer[..count]),
            }
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let room = Self::PART - self.first.len();
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        self.first.extend_from_slice(first);
        self.last.extend_from_slice(rest);
        // Only now and then, so that each byte is moved once on average.
        if self.last.len() > 2 * Self::PART {
            let omitted = self.last.len() - Self::PART;
            self.last.drain(..omitted);
            self.omitted += omitted;
        }
    }

    fn text(mut self) -> String {
        if self.omitted > 0 {
            let note = format!("\n… {} bytes are left out …\n", self.omitted);
            self.first.extend_from_slice(note.as_bytes());
        }
        self.first.append(&mut self.last);
        String::from_utf8_lossy(&self.first).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        time_limit: 60,
        memory_limit: 4096,
        output_limit: 1,
    };

    fn shell(script: &str, input: Option<&str>, bounds: Bounds) -> Run {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let arguments = ["-c", script].map(OsString::from);
        let input = input.map(|input| input.as_bytes().to_vec());
        runtime
            .block_on(run(Path::new("/bin/sh"), arguments, input, bounds))
            .unwrap()
    }

    #[test]
    fn output_log_and_exit_code_are_gathered() {
        let run = shell("cat; echo oops >&2; exit 3", Some("hello"), BOUNDS);
        assert_eq!(run.ending, Ending::Exit(3));
        assert_eq!(run.output, b"hello");
        assert_eq!(run.log, "oops\n");
    }

    #[test]
    fn a_run_ends_at_its_limits() {
        let hangs = shell(
            "sleep 600 & sleep 600",
            None,
            Bounds {
                time_limit: 1,
                ..BOUNDS
            },
        );
        assert_eq!(hangs.ending, Ending::TimeLimit);
        let floods = shell("yes", None, BOUNDS);
        assert_eq!(floods.ending, Ending::OutputLimit);
    }

    #[test]
    fn a_process_that_outlives_the_program_ends_with_the_run() {
        // The run waits, up to its limit, until no process holds the output.
        let run = shell(
            "sleep 600 & echo $!",
            None,
            Bounds {
                time_limit: 1,
                ..BOUNDS
            },
        );
        assert_eq!(run.ending, Ending::TimeLimit);
        let id = String::from_utf8(run.output).unwrap();
        let pid = Pid::from_raw(id.trim().parse().unwrap()).unwrap();
        // Its parent has ended, so that init reaps it; until then it is a zombie.
        let status = || std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
        while status().is_ok_and(|stat| !stat.contains(") Z ")) {
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_middle_of_a_long_log_is_left_out() {
        let script = "echo begin >&2; yes | head -c 1000000 >&2; echo end >&2";
        let run = shell(script, None, BOUNDS);
        assert!(run.log.starts_with("begin\n"));
        assert!(run.log.contains("bytes are left out"));
        assert!(run.log.ends_with("end\n"));
        assert!(run.log.len() < 300_000, "{}", run.log.len());
    }
}
