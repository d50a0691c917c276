//! Kapacitor's configuration of a UDF.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process::Process;
use crate::wait;

/// The two ways to run a UDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// Kapacitor starts a process for each use, and talks to its stdin and stdout.
    Process,
    /// A server, started before, listens on a Unix socket. Each use is a connection.
    Socket,
}

/// A UDF for a [`Kapacitor`](crate::Kapacitor) to run.
#[derive(Clone, Debug)]
pub struct Udf {
    name: String,
    program: PathBuf,
    via: Via,
    args: Vec<String>,
    env: Vec<(String, String)>,
    timeout: Duration,
}

impl Udf {
    /// The UDF that TICKscripts call `@name()`.
    pub fn new(name: &str, program: PathBuf, via: Via) -> Udf {
        let timeout = Duration::from_secs(60);
        Udf {
            name: name.into(),
            program,
            via,
            args: Vec::new(),
            env: Vec::new(),
            timeout,
        }
    }

    /// Adds a command line argument.
    pub fn arg(mut self, arg: &str) -> Udf {
        self.args.push(arg.into());
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Udf {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Sets how long Kapacitor waits for an answer before it ends the UDF. The default is a minute.
    pub fn timeout(mut self, timeout: Duration) -> Udf {
        self.timeout = timeout;
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Starts the server, if it needs one, and waits for its socket in this folder. A
    /// [`Kapacitor`](crate::Kapacitor) does this for its own UDFs.
    pub fn serve(&self, folder: &Path) -> Option<Process> {
        if self.via == Via::Process {
            return None;
        }
        let socket = self.socket(folder);
        let mut command = Command::new(&self.program);
        // Go's flags accept one dash or two.
        command.args(&self.args).arg("--socket").arg(&socket);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        let mut server = Process::start(&mut command, folder.join(format!("{}.log", self.name)));
        wait::until(&format!("the socket of {}", self.name), || {
            assert!(
                server.exited().is_none(),
                "the server {} has exited",
                self.name
            );
            socket
                .exists()
                .then_some(())
                .ok_or_else(|| "there is none".into())
        });
        Some(server)
    }

    /// The socket of its server in this folder.
    pub(crate) fn socket(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.sock", self.name))
    }

    /// Its section of kapacitor.conf.
    pub(crate) fn section(&self, folder: &Path) -> String {
        let mut text = format!("[udf.functions.{}]\n", self.name);
        let mut line = |key: &str, value: String| {
            writeln!(text, "  {key} = {value}").expect("writing to a string does not fail");
        };
        line("timeout", format!("\"{}ms\"", self.timeout.as_millis()));
        match self.via {
            Via::Socket => line("socket", format!("{:?}", self.socket(folder))),
            Via::Process => {
                line("prog", format!("{:?}", self.program));
                line("args", format!("{:?}", self.args));
                if !self.env.is_empty() {
                    let pairs = self
                        .env
                        .iter()
                        .map(|(name, value)| format!("{name} = {value:?}"));
                    line(
                        "env",
                        format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", ")),
                    );
                }
            }
        }
        text
    }
}
