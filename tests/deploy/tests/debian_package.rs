//! The Debian package: installed, started as its unit says, asked and removed. This machine need not run
//! systemd.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use deploy_tests::{PROJECT, UDF, debian_package, talk_over};
use rustix::process::{Pid, Signal, kill_process};
use support::process::{Ran, Started, run};

/// The most that `systemd-analyze security` may say of the unit, times ten.
const EXPOSURE: &str = "--threshold=20";

/// Runs a command that must succeed.
#[track_caller]
fn succeeds(command: &[&str]) -> Ran {
    let ran = run(command[0], &command[1..], "");
    assert!(
        ran.status.success(),
        "{command:?}: {}{}",
        ran.text(),
        ran.errors
    );
    ran
}

/// Whether the user is there that the package runs its server with.
fn has_kapacitor() -> bool {
    run("id", ["kapacitor"], "").status.success()
}

/// The package on this machine. Dropping it leaves the machine as it was.
struct Installed {
    had_kapacitor: bool,
}

impl Installed {
    fn new() -> Self {
        let installed = Self {
            had_kapacitor: has_kapacitor(),
        };
        let package = debian_package();
        succeeds(&[
            "dpkg",
            "--install",
            package.to_str().expect("a path in UTF-8"),
        ]);
        installed
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        run("dpkg", ["--purge", PROJECT], "");
        if !self.had_kapacitor {
            run("userdel", ["kapacitor"], "");
        }
    }
}

/// The settings of a unit's service, each with its last value.
fn service(unit: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(unit).expect("the unit is installed");
    let (_, service) = text.split_once("[Service]\n").expect("it has a service");
    let settings = service.lines().filter_map(|line| line.split_once('='));
    settings
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// A runtime directory as systemd makes it. Dropping it removes it.
struct RuntimeDirectory(PathBuf);

impl RuntimeDirectory {
    fn new(service: &BTreeMap<String, String>) -> Self {
        let path = Path::new("/run").join(&service["RuntimeDirectory"]);
        fs::create_dir(&path).expect("it is not there yet");
        let directory = Self(path);
        let mode = u32::from_str_radix(&service["RuntimeDirectoryMode"], 8).expect("an octal mode");
        fs::set_permissions(&directory.0, Permissions::from_mode(mode)).expect("it is ours");
        let owner = format!("{}:{}", service["User"], service["Group"]);
        succeeds(&[
            "chown",
            &owner,
            directory.0.to_str().expect("a path in UTF-8"),
        ]);
        directory
    }
}

impl Drop for RuntimeDirectory {
    fn drop(&mut self) {
        // Fails only if it is gone.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Starts the server with the user, group, mask and command line of the unit.
fn start(service: &BTreeMap<String, String>) -> Started {
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={}", service["User"]))
        .arg(format!("--regid={}", service["Group"]))
        .args(["--clear-groups", "--no-new-privs", "--bounding-set=-all"])
        .args(["sh", "-c", "umask \"$0\" && exec \"$@\"", &service["UMask"]])
        .args(service["ExecStart"].split(' '))
        .stdin(Stdio::null());
    Started::new(&mut command)
}

#[test]
fn the_package_is_installed_asked_started_and_removed() {
    let installed = Installed::new();
    let program = format!("/usr/bin/{PROJECT}");
    let info = succeeds(&[&program, "info"]);
    assert!(info.text().starts_with(UDF), "{}", info.text());

    let unit = format!("/lib/systemd/system/{PROJECT}.service");
    succeeds(&["systemd-analyze", "verify", &unit]);
    succeeds(&[
        "systemd-analyze",
        "security",
        "--offline=true",
        EXPOSURE,
        &unit,
    ]);

    let service = service(Path::new(&unit));
    let directory = RuntimeDirectory::new(&service);
    let mut server = start(&service);
    let socket = directory.0.join(format!("{UDF}.sock"));
    talk_over(&socket);
    // Kapacitor's group may connect, and others may not.
    let group = succeeds(&["getent", "group", "kapacitor"]);
    let group = group
        .text()
        .split(':')
        .nth(2)
        .expect("it has a number")
        .to_owned();
    let metadata = fs::metadata(&socket).expect("the socket is there");
    assert_eq!(
        (metadata.mode() & 0o777, metadata.gid().to_string()),
        (0o660, group)
    );

    // The configuration of Kapacitor names this socket, as the program itself would.
    let snippet =
        fs::read_to_string(format!("/usr/share/{PROJECT}/kapacitor.conf")).expect("the snippet");
    let printed = succeeds(&[
        &program,
        "config",
        "--socket",
        socket.to_str().expect("a path in UTF-8"),
    ]);
    let (section, _) = printed
        .text()
        .split_once("\n\n")
        .expect("a TICKscript follows");
    assert!(
        snippet.contains(section),
        "expected {section}, found {snippet}"
    );

    kill_process(Pid::from_child(&server.child), Signal::TERM).expect("it runs");
    assert!(server.wait().success());
    succeeds(&["dpkg", "--remove", PROJECT]);
    assert!(!Path::new(&program).exists() && !Path::new(&unit).exists());
    drop(installed);
}
