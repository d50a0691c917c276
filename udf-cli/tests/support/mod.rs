//! The tool at work: its commands, and a browser's requests to its page.

// Each test uses its own part of it.
#![allow(dead_code, reason = "no test uses all of it")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

pub(crate) const UDF: &str = env!("CARGO_BIN_EXE_udf");

/// The program of the UDFs to play with.
pub(crate) fn playable() -> PathBuf {
    let path = Path::new(UDF).with_file_name("examples").join("playable");
    assert!(
        path.exists(),
        "{} is missing; help: `cargo test -p udf-cli` builds it, and so does `cargo build -p udf-cli --examples`",
        path.display()
    );
    path
}

/// Runs the tool to its end.
pub(crate) fn udf<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Output {
    Command::new(UDF)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the tool runs")
}

/// `udf play` at work, which ends with it.
pub(crate) struct Play {
    child: Child,
    port: u16,
    /// With the slashes around it.
    pub(crate) path: String,
}

impl Play {
    pub(crate) fn start(program: &Path, data: &Path, flags: &[&str]) -> Play {
        let mut child = Command::new(UDF)
            .arg("play")
            .args([program, data])
            .arg("--no-open")
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the tool starts");
        let mut address = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut address)
            .expect("it prints its address");
        let rest = address
            .trim()
            .strip_prefix("http://127.0.0.1:")
            .unwrap_or_else(|| panic!("expected an address, found {address:?}"));
        let (port, path) = rest.split_once('/').expect("a path");
        Play {
            child,
            port: port.parse().expect("a port"),
            path: format!("/{path}"),
        }
    }

    /// The address as the browser's `Host` has it.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Sends a request as it stands.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("\r\n{body}");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("no head: {answer:?}"));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Answer {
            status: status.unwrap_or_default(),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    /// A request of the page itself.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(
            "GET",
            &format!("{}{path}", self.path),
            &[("Host", &self.host())],
            "",
        )
    }

    /// A request of the page itself.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let (host, path) = (self.host(), format!("{}{path}", self.path));
        let headers = [("Host", &*host), ("Content-Type", "application/json")];
        self.send("POST", &path, &headers, &body.to_string())
    }

    /// What the page of a UDF begins with.
    pub(crate) fn settings(&self, udf: &str) -> Value {
        let setup = self.get("api/setup").json();
        let all = setup["settings"].as_array().expect("a list");
        let found = all.iter().find(|settings| settings["udf"] == udf);
        found
            .unwrap_or_else(|| panic!("no {udf} in {all:?}"))
            .clone()
    }

    /// Runs a UDF with the settings that its page begins with.
    pub(crate) fn run(&self, udf: &str) -> Value {
        self.run_with(&self.settings(udf))
    }

    pub(crate) fn run_with(&self, settings: &Value) -> Value {
        self.post("api/run", &request("one", settings)).json()
    }
}

/// The request of a page to run a UDF.
pub(crate) fn request(page: &str, settings: &Value) -> Value {
    serde_json::json!({"page": page, "settings": settings, "view": {"from": null, "to": null, "columns": 800}})
}

impl Drop for Play {
    fn drop(&mut self) {
        // It may have ended by itself, which its test sees.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In small letters.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        serde_json::from_str(&self.body).expect("JSON")
    }
}
