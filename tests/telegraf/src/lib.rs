//! A real Telegraf around a UDF: metrics in by a FIFO, out into a file.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How long anything is waited for before the test fails.
const DEADLINE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);

/// A running Telegraf. Dropping it kills it.
#[derive(Debug)]
pub struct Telegraf {
    child: Child,
    folder: TempDir,
    log: Arc<Mutex<Vec<String>>>,
    /// Reads the log to its end.
    logging: Option<JoinHandle<()>>,
    /// Where metrics are written.
    input: Option<File>,
}

impl Telegraf {
    /// Starts Telegraf with the sections of some processors.
    ///
    /// # Panics
    /// `TELEGRAF` does not name the program, or it does not start.
    #[must_use]
    pub fn start(processors: &str) -> Self {
        let program = std::env::var_os("TELEGRAF")
            .expect("TELEGRAF is not set: tests/telegraf/run.sh runs these tests");
        let folder = tempfile::tempdir().expect("a folder");
        let (fifo, output) = (folder.path().join("in"), folder.path().join("out"));
        mknodat(CWD, &fifo, FileType::Fifo, Mode::RWXU, 0).expect("a FIFO");
        File::create(&output).expect("a file");
        let config = folder.path().join("telegraf.conf");
        let text = format!(
            "[agent]\n  interval = \"100ms\"\n  flush_interval = \"100ms\"\n  flush_jitter = \"0s\"\n  \
             metric_batch_size = 10000\n  metric_buffer_limit = 1000000\n  omit_hostname = true\n  \
             debug = true\n\n\
             [[inputs.execd]]\n  command = [\"cat\", {fifo:?}]\n  data_format = \"influx\"\n  \
             restart_delay = \"10ms\"\n\n\
             {processors}\n\
             [[outputs.file]]\n  files = [{output:?}]\n  data_format = \"influx\"\n"
        );
        fs::write(&config, text).expect("the configuration");
        let mut child = Command::new(program)
            .arg("--config")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Telegraf starts");
        let log = Arc::<Mutex<Vec<String>>>::default();
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let lines = log.clone();
        let logging = thread::spawn(move || {
            let lines_of_log = stderr.lines().map_while(Result::ok);
            // What it says at each flush would hide the rest.
            for line in lines_of_log.filter(|line| !line.contains("D! [outputs.file]")) {
                lines
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(line);
            }
        });
        let mut telegraf = Telegraf {
            child,
            folder,
            log,
            logging: Some(logging),
            input: None,
        };
        telegraf.until("the processor starts", |it| {
            it.logs("[processors.execd] Starting process")
        });
        telegraf.connect();
        telegraf
    }

    /// Opens the FIFO again. Waits for Telegraf's `cat` to open the other end.
    ///
    /// # Panics
    /// The FIFO is gone.
    pub fn connect(&mut self) {
        let fifo = self.folder.path().join("in");
        self.input = Some(File::options().write(true).open(fifo).expect("a FIFO"));
    }

    /// Sends metrics.
    ///
    /// # Panics
    /// Telegraf has ended.
    pub fn send(&mut self, lines: &str) {
        let input = self.input.as_mut().expect("it was opened");
        input.write_all(lines.as_bytes()).expect("Telegraf reads");
    }

    /// The lines that came out so far.
    ///
    /// # Panics
    /// They are no text.
    #[must_use]
    pub fn output(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("out")).expect("the output");
        text.lines().map(str::to_owned).collect()
    }

    /// Waits for so many lines of output.
    #[track_caller]
    pub fn receive(&mut self, count: usize) -> Vec<String> {
        self.until(&format!("{count} metrics"), |it| it.output().len() >= count);
        self.output()
    }

    /// The log so far.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether a line of the log has this text.
    #[must_use]
    pub fn logs(&self, text: &str) -> bool {
        self.log().iter().any(|line| line.contains(text))
    }

    /// Waits until something is so.
    ///
    /// # Panics
    /// It does not come to be so in time, or Telegraf ends.
    #[track_caller]
    pub fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is_so(self) {
            let log = || self.log().join("\n");
            assert!(
                start.elapsed() < DEADLINE,
                "waited {DEADLINE:?} for this: {what}\n{}",
                log()
            );
            let ended = self.child.try_wait().expect("it is our child");
            assert!(
                ended.is_none(),
                "Telegraf has ended before this: {what}\n{}",
                self.log().join("\n")
            );
            thread::sleep(PAUSE);
        }
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// It has ended.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("it runs");
    }

    /// Stops it as systemd does, and waits for its end.
    ///
    /// # Panics
    /// It does not end in time.
    #[track_caller]
    pub fn stop(&mut self) {
        self.signal(Signal::TERM);
        let start = Instant::now();
        while self.child.try_wait().expect("it is our child").is_none() {
            assert!(
                start.elapsed() < DEADLINE,
                "Telegraf does not end\n{}",
                self.log().join("\n")
            );
            thread::sleep(PAUSE);
        }
        if let Some(logging) = self.logging.take() {
            logging.join().expect("it reads");
        }
    }
}

impl Drop for Telegraf {
    fn drop(&mut self) {
        // Both fail only where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The section that a UDF of a program prints for Telegraf, as it is.
///
/// # Panics
/// It prints none.
#[must_use]
pub fn section(program: &str, udf: &str) -> String {
    let printed = Command::new(program)
        .args([udf, "config", "--telegraf"])
        .output()
        .expect("the program starts");
    assert!(printed.status.success(), "{printed:?}");
    String::from_utf8(printed.stdout).expect("text")
}

/// A section with more arguments of `pipe`.
///
/// # Panics
/// The section has no command.
#[must_use]
pub fn with_arguments(section: &str, arguments: &[&str]) -> String {
    let (start, rest) = section.split_once("]\n  restart_delay").expect("a command");
    let arguments: String = arguments.iter().map(|it| format!(", {it:?}")).collect();
    format!("{start}{arguments}]\n  restart_delay{rest}")
}
