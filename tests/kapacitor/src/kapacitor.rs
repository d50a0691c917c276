//! A real kapacitord.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::{Answer, Client};
use crate::process::{self, Process, Signal};
use crate::task::Task;
use crate::{Influx, Udf, programs, wait};

/// The database that all tasks and points here belong to.
pub const DATABASE: &str = "mydb";
/// The retention policy that all tasks and points here belong to.
pub const RETENTION_POLICY: &str = "myrp";

/// What a [`Kapacitor`] is to be like.
#[derive(Debug, Default)]
pub struct Builder {
    udfs: Vec<Udf>,
    influx: Option<String>,
    snapshots: Option<Duration>,
    sections: String,
}

impl Builder {
    /// Adds a UDF. The server of one that is run via a socket is started together with Kapacitor.
    pub fn udf(mut self, udf: Udf) -> Builder {
        self.udfs.push(udf);
        self
    }

    /// Queries of batch tasks go to this InfluxDB.
    pub fn influx(mut self, influx: &Influx) -> Builder {
        self.influx = Some(influx.url().to_owned());
        self
    }

    /// How often each task's snapshot is taken; Kapacitor's default is every minute. The first
    /// comes after one to two intervals.
    pub fn snapshots_every(mut self, interval: Duration) -> Builder {
        self.snapshots = Some(interval);
        self
    }

    /// Adds text to kapacitor.conf, as it is.
    pub fn config(mut self, text: &str) -> Builder {
        self.sections.push_str(text);
        self.sections.push('\n');
        self
    }

    /// Starts the servers of the UDFs and kapacitord, and waits until it answers.
    ///
    /// # Panics
    /// When it does not come up; its log is printed.
    #[track_caller]
    pub fn start(self) -> Kapacitor {
        // Ask for it first, so that this is what a test without it complains about.
        let program = programs::kapacitord();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path();
        let file = path.join("kapacitor.conf");
        fs::write(&file, self.text(path)).expect("write kapacitor.conf");
        let servers = self
            .udfs
            .iter()
            .filter_map(|udf| Some((udf.name().to_owned(), udf.serve(path)?)))
            .collect();
        let command = || {
            let mut command = Command::new(&program);
            command.arg("-config").arg(&file);
            command
        };
        let log = Log(path.join("kapacitor.log"));
        let (process, address) = run(&mut command(), &log);
        Kapacitor {
            process,
            client: Client::new(address),
            log,
            command: command(),
            builder: self,
            servers,
            folder,
        }
    }

    fn text(&self, folder: &Path) -> String {
        let path = folder.display();
        let mut text = format!(
            r#"
hostname = "localhost"
data_dir = "{path}/data"
skip-config-overrides = true
[http]
  bind-address = "127.0.0.1:0"
  log-enabled = false
[config-override]
  enabled = false
[storage]
  boltdb = "{path}/kapacitor.db"
[replay]
  dir = "{path}/replay"
[load]
  enabled = false
[logging]
  file = "{path}/kapacitor.log"
  level = "INFO"
[reporting]
  enabled = false
[stats]
  enabled = false
[[influxdb]]
  enabled = {with_influx}
  name = "default"
  default = true
  urls = [{url:?}]
  disable-subscriptions = true
"#,
            with_influx = self.influx.is_some(),
            url = self.influx.as_deref().unwrap_or("http://localhost:8086"),
        );
        if let Some(interval) = self.snapshots {
            text += &format!(
                "[task]\n  snapshot-interval = \"{}ms\"\n",
                interval.as_millis()
            );
        }
        for udf in &self.udfs {
            text += &udf.section(folder);
        }
        text + &self.sections
    }
}

/// A running kapacitord with its UDFs.
#[derive(Debug)]
pub struct Kapacitor {
    // Fields are dropped in this order: the host, its log, then the UDFs, the folder last.
    process: Process,
    client: Client,
    log: Log,
    command: Command,
    builder: Builder,
    servers: BTreeMap<String, Process>,
    folder: TempDir,
}

impl Kapacitor {
    /// To say what it is to be like.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// One with a single UDF and nothing special.
    #[track_caller]
    pub fn with(udf: Udf) -> Kapacitor {
        Kapacitor::builder().udf(udf).start()
    }

    /// Defines a stream task and enables it.
    #[track_caller]
    pub fn stream(&self, id: &str, script: &str) -> Task<'_> {
        self.define(id, "stream", script)
    }

    /// Defines a batch task and enables it.
    #[track_caller]
    pub fn batch(&self, id: &str, script: &str) -> Task<'_> {
        self.define(id, "batch", script)
    }

    /// A task that has been defined before, perhaps before a restart.
    pub fn task(&self, id: &str) -> Task<'_> {
        Task::new(&self.client, id)
    }

    /// Tries to define a stream task that Kapacitor itself refuses, and gives its error.
    ///
    /// # Panics
    /// When it does not refuse it.
    #[track_caller]
    pub fn refused(&self, id: &str, script: &str) -> String {
        let answer = self.try_define(id, "stream", script);
        assert_eq!(answer.status, 400, "{script}: {}", answer.body);
        let body: Value = serde_json::from_str(&answer.body).expect("an error is JSON");
        body["error"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    fn define(&self, id: &str, kind: &str, script: &str) -> Task<'_> {
        self.try_define(id, kind, script).ok();
        self.task(id)
    }

    #[track_caller]
    fn try_define(&self, id: &str, kind: &str, script: &str) -> Answer {
        let definition = json!({
            "id": id,
            "type": kind,
            "dbrps": [{ "db": DATABASE, "rp": RETENTION_POLICY }],
            "script": script,
            "status": "enabled",
        });
        let answer = self
            .client
            .post("/kapacitor/v1/tasks", &[], &definition.to_string());
        answer.expect("kapacitord answers")
    }

    /// Writes points, in line protocol with times in nanoseconds.
    #[track_caller]
    pub fn write(&self, points: &str) {
        self.write_in("ns", points);
    }

    /// Writes points, in line protocol with times in seconds.
    #[track_caller]
    pub fn write_seconds(&self, points: &str) {
        self.write_in("s", points);
    }

    #[track_caller]
    fn write_in(&self, precision: &str, points: &str) {
        let query = [
            ("db", DATABASE),
            ("rp", RETENTION_POLICY),
            ("precision", precision),
        ];
        let answer = self.client.post("/kapacitor/v1/write", &query, points);
        answer.expect("kapacitord answers").ok();
    }

    /// The process itself.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// The server of a UDF that is run via a socket.
    ///
    /// # Panics
    /// When there is no such UDF.
    #[track_caller]
    pub fn server(&mut self, udf: &str) -> &mut Process {
        self.servers
            .get_mut(udf)
            .unwrap_or_else(|| panic!("no UDF {udf} is run via a socket"))
    }

    /// The ids of the UDF processes that it runs now.
    pub fn children(&self) -> Vec<u32> {
        self.process.descendants()
    }

    /// Its log so far, with what UDF processes have printed to stderr.
    pub fn log(&self) -> String {
        self.log.read()
    }

    /// Waits for a line of its log that contains this, and gives that line.
    #[track_caller]
    pub fn log_line(&self, part: &str) -> String {
        process::find_line(&format!("{part:?} in Kapacitor's log"), part, || self.log())
    }

    /// Its folder, for files that a test wants to put beside its own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops it as a service manager does, and waits for its end.
    #[track_caller]
    pub fn stop(&mut self) -> ExitStatus {
        self.process.signal(Signal::TERM);
        self.process.wait()
    }

    /// Stops it and starts it again with the same tasks, snapshots and servers of UDFs.
    #[track_caller]
    pub fn restart(&mut self) {
        self.stop();
        self.run_again();
    }

    /// Restarts it with another UDF in the place of the one of the same name.
    #[track_caller]
    pub fn replace(&mut self, udf: Udf) {
        self.stop();
        self.servers.remove(udf.name());
        let path = self.folder.path();
        // A server that was killed has left its socket.
        let _ = fs::remove_file(udf.socket(path));
        if let Some(server) = udf.serve(path) {
            self.servers.insert(udf.name().to_owned(), server);
        }
        self.builder.udfs.retain(|old| old.name() != udf.name());
        self.builder.udfs.push(udf);
        let file = path.join("kapacitor.conf");
        fs::write(file, self.builder.text(path)).expect("write kapacitor.conf");
        self.run_again();
    }

    #[track_caller]
    fn run_again(&mut self) {
        self.log.forget();
        let (process, address) = run(&mut self.command, &self.log);
        self.process = process;
        self.client = Client::new(address);
    }

    /// How often the test UDF `announcing` has begun for a task.
    ///
    /// Kapacitor enables a task before its UDFs are there. When it is disabled until then, Kapacitor
    /// panics: it uses a connection that it does not have yet.
    pub fn runs(&self, task: &str) -> usize {
        let servers = self.servers.values().map(Process::log);
        let announced = |log: String| {
            // Kapacitor puts quotes into quotes.
            let log = log.replace('\\', "");
            log.matches(&format!("begins for \"{task}\"")).count()
        };
        servers.chain([self.log()]).map(announced).sum()
    }

    /// Waits until `announcing` has begun for a task more than so many times.
    #[track_caller]
    pub fn runs_more_than(&self, task: &str, times: usize) {
        wait::until(&format!("the UDF of {task} to begin"), || {
            let runs = self.runs(task);
            (runs > times)
                .then_some(())
                .ok_or_else(|| format!("it has begun {runs} times"))
        });
    }

    /// Waits until Kapacitor is done with the last run of a task that was disabled.
    ///
    /// A run over a socket mostly ends with an error when the task is disabled, as the host has it.
    /// It then stops the task once more, a little later, whatever runs under its id by then: a new
    /// run that was started too early is stopped instead, or crashes kapacitord.
    #[track_caller]
    pub fn settle(&self, task: &str) {
        let of_task = format!("task={task}");
        wait::until(&format!("the last run of {task} to be over"), || {
            let log = self.log();
            let count = |message: &str| {
                let lines = log.lines().filter(|line| line.contains(message));
                lines
                    .filter(|line| line.split(' ').any(|word| word == of_task))
                    .count()
            };
            let (failed, noted) = (
                count("msg=\"node failed\""),
                count("msg=\"task finished with error\""),
            );
            if failed == noted {
                Ok(())
            } else {
                Err(format!("{failed} runs have failed, {noted} are noted"))
            }
        });
    }

    /// Waits until a snapshot has been stored that was taken after this call. For tests with one
    /// task, whose UDF has a state, and [`Builder::snapshots_every`].
    #[track_caller]
    pub fn snapshot(&self) {
        // Nothing tells of a snapshot but the file that it is stored in. One that is under way
        // already may be an older one; the next one is not.
        for _ in 0..2 {
            let before = self.stored();
            wait::until("a snapshot", || {
                (self.stored() != before)
                    .then_some(())
                    .ok_or_else(|| "none was stored".into())
            });
        }
    }

    /// When something was stored the last time.
    fn stored(&self) -> Option<SystemTime> {
        fs::metadata(self.folder.path().join("kapacitor.db"))
            .ok()?
            .modified()
            .ok()
    }

    /// Whether it still answers.
    pub fn is_alive(&mut self) -> bool {
        self.process.exited().is_none()
            && self
                .client
                .get("/kapacitor/v1/ping", &[])
                .is_ok_and(|answer| answer.status == 204)
    }
}

/// Starts kapacitord, and waits until it answers.
#[track_caller]
fn run(command: &mut Command, log: &Log) -> (Process, SocketAddr) {
    let mut process = Process::start(command, log.0.with_extension("out"));
    let address = wait::until("kapacitord to answer", || {
        if let Some(status) = process.exited() {
            panic!(
                "kapacitord has exited at its start: {status}\n{}",
                log.read()
            );
        }
        // Port 0 makes the system choose a free one; the log says which.
        let text = log.read();
        let line = text
            .lines()
            .find(|line| line.contains("msg=\"listening on\""));
        let address = line
            .and_then(|line| line.split("addr=").nth(1)?.split(' ').next()?.parse().ok())
            .ok_or("no port in its log")?;
        match Client::new(address).get("/kapacitor/v1/ping", &[]) {
            Ok(answer) if answer.status == 204 => Ok(address),
            other => Err(format!("{other:?}")),
        }
    });
    (process, address)
}

/// Kapacitor's log file, which is shown when the test fails.
#[derive(Debug)]
struct Log(PathBuf);

impl Log {
    fn read(&self) -> String {
        process::read_log(&self.0)
    }

    /// Begins anew, so that a later run's lines are not taken for an earlier one's.
    fn forget(&self) {
        fs::write(&self.0, "").expect("truncate the log");
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if thread::panicking() {
            process::print_end("Kapacitor", &self.read());
        }
    }
}
