//! The programs that can be measured.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The transport to a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Its stdin and stdout.
    Pipe,
    /// A Unix socket that it listens on.
    Socket,
}

/// The job of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Sends points back.
    Mirror,
    /// Averages a field for each group.
    MovingAvg,
    /// Finds outliers in batches.
    Outliers,
}

impl Job {
    fn name(self) -> &'static str {
        match self {
            Self::Mirror => "mirror",
            Self::MovingAvg => "moving_avg",
            Self::Outliers => "outliers",
        }
    }
}

/// A program that can be measured.
#[derive(Clone, Debug)]
pub struct Program {
    /// The name in tables.
    pub name: &'static str,
    /// Its transport.
    pub transport: Transport,
    /// A slow program gets only a part of the work: one in this many.
    pub share: usize,
    path: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    socket_argument: &'static str,
}

impl Program {
    fn new(name: &'static str, transport: Transport, path: PathBuf) -> Option<Self> {
        path.exists().then(|| Self {
            name,
            transport,
            share: 1,
            path,
            arguments: Vec::new(),
            environment: Vec::new(),
            socket_argument: "--socket",
        })
    }

    /// The command that starts it, on a socket if that is its transport.
    pub fn command(&self, socket: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments);
        command.envs(self.environment.iter().cloned());
        if self.transport == Transport::Socket {
            if !self.socket_argument.is_empty() {
                command.arg(self.socket_argument);
            }
            command.arg(socket);
        }
        command
    }
}

/// The available programs for a job. Ours is the first, the copying loop the second.
///
/// The Go and Python agents' examples are left out if they are missing. `tests/kapacitor/build.sh` builds
/// the Go ones. The Python ones need a Python with protobuf, named by `KAPACITOR_UDF_PYTHON`.
pub fn all(job: Job, transport: Transport) -> Vec<Program> {
    let ours = built().join("examples").join(job.name());
    let mut programs = vec![
        Program::new("**ours**", transport, ours),
        Program::new("copying loop", transport, built().join("copying_loop")),
    ];
    if job == Job::Mirror {
        programs.push(Program::new(
            "prost loop",
            transport,
            built().join("prost_loop"),
        ));
        if transport == Transport::Pipe {
            programs.push(Program::new("cat", transport, "/bin/cat".into()));
        }
    }
    // The other agents' mirrors only work on a socket, the rest only on stdin and stdout.
    if (job == Job::Mirror) == (transport == Transport::Socket) {
        programs.push(go(job, transport));
        programs.push(python(job, transport));
    }
    programs.into_iter().flatten().collect()
}

fn go(job: Job, transport: Transport) -> Option<Program> {
    let folder = std::env::var_os("KAPACITOR_UDF_CACHE")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cache/kapacitor-udf")))?;
    let program = folder
        .join("kapacitor-1.8.3")
        .join(format!("go_{}", job.name()));
    let mut program = Program::new("Go agent", transport, program)?;
    program.share = 10;
    // Go's flag package accepts one dash or two.
    Some(program)
}

fn python(job: Job, transport: Transport) -> Option<Program> {
    let python = PathBuf::from(std::env::var_os("KAPACITOR_UDF_PYTHON")?);
    let modules = Command::new("go")
        .args(["env", "GOMODCACHE"])
        .output()
        .ok()?;
    let modules = String::from_utf8(modules.stdout).ok()?;
    let agent = Path::new(modules.trim()).join("github.com/influxdata/kapacitor@v1.8.3/udf/agent");
    let script = agent.join(format!("examples/{0}/{0}.py", job.name()));
    let mut program = Program::new("Python agent", transport, python)?;
    program.arguments = vec![script.to_str()?.to_owned()];
    program.environment = vec![(
        "PYTHONPATH".to_owned(),
        agent.join("py").to_str()?.to_owned(),
    )];
    program.socket_argument = "";
    program.share = 50;
    Some(program)
}

/// The folder with the programs that cargo built, including this one.
pub fn built() -> PathBuf {
    let this = std::env::current_exe().expect("the system knows what it runs");
    let folder = this.parent().expect("a program lies in a folder");
    // Under `cargo test`, this program is one folder deeper.
    if folder.ends_with("deps") {
        return folder.parent().expect("deps lies in a folder").to_owned();
    }
    folder.to_owned()
}
