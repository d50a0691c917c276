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

/// The settings of a [`Kapacitor`].
#[derive(Debug, Default)]
pub struct Builder {
    udfs: Vec<Udf>,
    influx: Option<String>,
    snapshots: Option<Duration>,
    sections: String,
    file: Option<String>,
}

impl Builder {
    /// Adds a UDF. If it runs over a socket, its server starts together with Kapacitor.
    pub fn udf(mut self, udf: Udf) -> Builder {
        self.udfs.push(udf);
        self
    }

    /// Sends the queries of batch tasks to this InfluxDB.
    pub fn influx(mut self, influx: &Influx) -> Builder {
        self.influx = Some(influx.url().to_owned());
        self
    }

    /// Sets the interval of snapshots. Kapacitor's default is a minute. The first snapshot comes after one to
    /// two intervals.
    pub fn snapshots_every(mut self, interval: Duration) -> Builder {
        self.snapshots = Some(interval);
        self
    }

    /// Adds text to kapacitor.conf.
    pub fn config(mut self, text: &str) -> Builder {
        self.sections.push_str(text);
        self.sections.push('\n');
        self
    }

    /// Uses this kapacitor.conf in place of all other settings, except for the address and the log.
    pub fn file(mut self, text: &str) -> Builder {
        self.file = Some(text.to_owned());
        self
    }

    /// Starts the servers of the UDFs and kapacitord, and waits until it answers.
    ///
    /// # Panics
    /// If it does not start. Then its log is printed.
    #[track_caller]
    pub fn start(self) -> Kapacitor {
        // Comes first, so that a missing kapacitord is the first complaint.
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
        if let Some(file) = &self.file {
            return format!(
                "{file}\n[http]\n  bind-address = \"127.0.0.1:0\"\n[logging]\n  file = \"{path}/kapacitor.log\"\n"
            );
        }
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
    /// Settings for a new one.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts one with a single UDF and default settings.
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

    /// Defines a task whose script names its database, and enables it.
    #[track_caller]
    pub fn script(&self, id: &str, script: &str) -> Task<'_> {
        let definition = json!({ "id": id, "script": script, "status": "enabled" });
        self.try_post(&definition).ok();
        self.task(id)
    }

    /// A task that was defined earlier, perhaps before a restart.
    pub fn task(&self, id: &str) -> Task<'_> {
        Task::new(&self.client, id)
    }

    /// Tries to define a stream task that Kapacitor itself refuses, and returns its error.
    ///
    /// # Panics
    /// If Kapacitor accepts it.
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
        self.try_post(&definition)
    }

    #[track_caller]
    fn try_post(&self, definition: &Value) -> Answer {
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

    /// The server of a UDF that runs over a socket.
    ///
    /// # Panics
    /// If there is no such UDF.
    #[track_caller]
    pub fn server(&mut self, udf: &str) -> &mut Process {
        self.servers
            .get_mut(udf)
            .unwrap_or_else(|| panic!("no UDF {udf} runs over a socket"))
    }

    /// The ids of its current UDF processes.
    pub fn children(&self) -> Vec<u32> {
        self.process.descendants()
    }

    /// Its log so far, including the stderr of UDF processes.
    pub fn log(&self) -> String {
        self.log.read()
    }

    /// Waits for a line of its log that contains `part`, and returns the line.
    #[track_caller]
    pub fn log_line(&self, part: &str) -> String {
        process::find_line(&format!("{part:?} in Kapacitor's log"), part, || self.log())
    }

    /// Its folder, for a test's own files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops it as a service manager does and waits for its end.
    #[track_caller]
    pub fn stop(&mut self) -> ExitStatus {
        self.process.signal(Signal::TERM);
        self.process.wait()
    }

    /// Restarts it with the same tasks, snapshots and servers of UDFs.
    #[track_caller]
    pub fn restart(&mut self) {
        self.stop();
        self.run_again();
    }

    /// Restarts it with another UDF in place of the one with the same name.
    #[track_caller]
    pub fn replace(&mut self, udf: Udf) {
        self.stop();
        self.servers.remove(udf.name());
        let path = self.folder.path();
        // A killed server has left its socket.
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

    /// How often the test UDF `announcing` has started for a task.
    ///
    /// Kapacitor enables a task before its UDFs have started. If the task is disabled before they have,
    /// Kapacitor panics, because it uses a connection that it does not have yet.
    pub fn runs(&self, task: &str) -> usize {
        let servers = self.servers.values().map(Process::log);
        let announced = |log: String| {
            // Kapacitor puts quotes into quotes.
            let log = log.replace('\\', "");
            log.matches(&format!("begins for \"{task}\"")).count()
        };
        servers.chain([self.log()]).map(announced).sum()
    }

    /// Waits until `announcing` has started for a task more than `times` times.
    #[track_caller]
    pub fn runs_more_than(&self, task: &str, times: usize) {
        wait::until(&format!("the UDF of {task} to begin"), || {
            let runs = self.runs(task);
            (runs > times)
                .then_some(())
                .ok_or_else(|| format!("it has begun {runs} times"))
        });
    }

    /// Waits until Kapacitor has finished the last run of a disabled task.
    ///
    /// When a task is disabled, its run over a socket usually ends with an error inside Kapacitor. A little
    /// later, Kapacitor stops the task once more. If a new run has started by then, Kapacitor stops that run
    /// or crashes.
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

    /// Waits until a snapshot is stored that was taken after this call. For tests with
    /// [`Builder::snapshots_every`] and one task, whose UDF has a state.
    #[track_caller]
    pub fn snapshot(&self) {
        // Only the file shows that a snapshot was stored. The first new one may have been taken before
        // this call. The second one was not.
        for _ in 0..2 {
            let before = self.stored();
            wait::until("a snapshot", || {
                (self.stored() != before)
                    .then_some(())
                    .ok_or_else(|| "none was stored".into())
            });
        }
    }

    /// The time of the last stored snapshot.
    fn stored(&self) -> Option<SystemTime> {
        fs::metadata(self.folder.path().join("kapacitor.db"))
            .ok()?
            .modified()
            .ok()
    }

    /// Whether it answers.
    pub fn is_alive(&mut self) -> bool {
        self.process.exited().is_none()
            && self
                .client
                .get("/kapacitor/v1/ping", &[])
                .is_ok_and(|answer| answer.status == 204)
    }
}

/// Starts kapacitord and waits until it answers.
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
        // With port 0, the system chooses a free one. The log names it.
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

/// Kapacitor's log file. A failing test prints it.
#[derive(Debug)]
struct Log(PathBuf);

impl Log {
    fn read(&self) -> String {
        process::read_log(&self.0)
    }

    /// Empties the log, so that lines of an earlier run do not count for a later one.
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
