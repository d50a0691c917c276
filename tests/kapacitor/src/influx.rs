//! A real InfluxDB, for tasks that query one.

use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::http::Client;
use crate::kapacitor::{DATABASE, RETENTION_POLICY};
use crate::process::Process;
use crate::{programs, wait};

/// A running influxd with an empty database in it.
#[derive(Debug)]
pub struct Influx {
    // Fields are dropped in this order: the process before its folder.
    process: Process,
    client: Client,
    url: String,
    _folder: TempDir,
}

impl Influx {
    /// Starts an influxd and creates [`DATABASE`] with [`RETENTION_POLICY`], which keeps
    /// everything for ever.
    #[track_caller]
    pub fn start() -> Influx {
        let program = programs::influxd();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().display();
        let config = format!(
            r#"
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = "{path}/meta"
[data]
  dir = "{path}/data"
  wal-dir = "{path}/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:0"
  log-enabled = false
[monitor]
  store-enabled = false
[logging]
  format = "logfmt"
"#
        );
        let file = folder.path().join("influxdb.conf");
        fs::write(&file, config).expect("write influxdb.conf");
        let mut process = Process::start(
            Command::new(program).arg("-config").arg(file),
            folder.path().join("influxd.log"),
        );
        // With port 0, the system chooses a free one. The log names it.
        let address = wait::until("influxd to listen", || {
            assert!(process.exited().is_none(), "influxd has exited");
            let log = process.log();
            let line = log.lines().find(|line| line.contains("Listening on HTTP"));
            let address = line.and_then(|line| line.split("addr=").nth(1)?.split(' ').next());
            address
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| "no port in its log".into())
        });
        let influx = Influx {
            process,
            client: Client::new(address),
            url: format!("http://{address}"),
            _folder: folder,
        };
        influx.query(&format!(
            "CREATE DATABASE {DATABASE} WITH DURATION INF NAME {RETENTION_POLICY}"
        ));
        influx
    }

    /// Writes points, in line protocol with times in nanoseconds.
    #[track_caller]
    pub fn write(&self, points: &str) {
        let query = [
            ("db", DATABASE),
            ("rp", RETENTION_POLICY),
            ("precision", "ns"),
        ];
        self.client
            .post("/write", &query, points)
            .expect("influxd answers")
            .ok();
    }

    /// The result of an InfluxQL statement.
    #[track_caller]
    pub fn query(&self, statement: &str) -> Value {
        let query = [("db", DATABASE), ("epoch", "ns"), ("q", statement)];
        let answer = self
            .client
            .post("/query", &query, "")
            .expect("influxd answers")
            .json();
        let result = &answer["results"][0];
        assert!(
            result["error"].is_null(),
            "{statement}: {}",
            result["error"]
        );
        result.clone()
    }

    /// The contents of a database: the types of its fields, and each series with its tags. Empty if there is
    /// no such database.
    #[track_caller]
    pub fn dump(&self, database: &str) -> Value {
        let databases = self.query("SHOW DATABASES");
        let names = databases["series"][0]["values"].as_array();
        if !names.is_some_and(|names| names.iter().any(|name| name[0] == database)) {
            return Value::Null;
        }
        let fields = self.query(&format!("SHOW FIELD KEYS ON {database}"));
        let points = self.query(&format!("SELECT * FROM {database}../.*/ GROUP BY *"));
        serde_json::json!({ "fields": fields["series"], "points": points["series"] })
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its output so far.
    pub fn log(&self) -> String {
        self.process.log()
    }
}
