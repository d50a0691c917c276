//! The paths of the programs that the tests run.
//!
//! - kapacitord and the Go agent's examples are built by `tests/kapacitor/build.sh` into
//!   `$KAPACITOR_UDF_CACHE`, by default `~/.cache/kapacitor-udf`;
//! - influxd comes from the system;
//! - our own examples are built by `cargo build --release --examples`;
//! - the UDFs of this crate are built by cargo together with the tests.

use std::env;
use std::path::{Path, PathBuf};

/// The version that build.sh builds.
const KAPACITOR: &str = "kapacitor-1.8.3";

/// The real kapacitord.
///
/// # Panics
/// If it is not built. The message has the command that builds it.
#[track_caller]
pub fn kapacitord() -> PathBuf {
    built("kapacitord")
}

/// An example UDF of the official Go agent: `mirror`, `moving_avg` or `outliers`.
///
/// # Panics
/// If it is not built. The message has the command that builds it.
#[track_caller]
pub fn go_example(name: &str) -> PathBuf {
    built(&format!("go_{name}"))
}

/// The real influxd.
///
/// # Panics
/// If it is not installed. The message has the command that installs it.
#[track_caller]
pub fn influxd() -> PathBuf {
    // Debian installs daemons in folders that may not be on the PATH.
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join("influxd"))
        .find(|program| program.is_file())
        .unwrap_or_else(|| {
            panic!("influxd is missing: install InfluxDB 1.x (Debian: apt-get install influxdb)")
        })
}

/// An example UDF of this project.
///
/// # Panics
/// If it is not built. The message has the command that builds it.
#[track_caller]
pub fn example(name: &str) -> PathBuf {
    let program = target().join("release/examples").join(name);
    assert!(
        program.is_file(),
        "{} is missing; help: build it with cargo build --release --examples",
        program.display()
    );
    program
}

/// A UDF of this crate, `src/bin/NAME.rs`. Cargo builds it together with the tests.
///
/// # Panics
/// If there is no UDF of that name.
#[track_caller]
pub fn test_udf(name: &str) -> PathBuf {
    let program = profile().join(name);
    assert!(program.is_file(), "{} is missing", program.display());
    program
}

#[track_caller]
fn built(name: &str) -> PathBuf {
    let cache = env::var_os("KAPACITOR_UDF_CACHE")
        .map(PathBuf::from)
        .unwrap_or_else(|| {
            let base = env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty());
            let base = base
                .map(PathBuf::from)
                .unwrap_or_else(|| env::home_dir().unwrap_or_default().join(".cache"));
            base.join("kapacitor-udf")
        });
    let program = cache.join(KAPACITOR).join(name);
    assert!(
        program.is_file(),
        "{} is missing; help: build it with tests/kapacitor/build.sh",
        program.display()
    );
    program
}

/// The folder of this build profile. The tests are in its `deps`.
fn profile() -> PathBuf {
    let test = env::current_exe().expect("the system knows the running program");
    let deps = test.parent().expect("a program is in a folder");
    deps.parent()
        .expect("cargo puts tests at least two folders deep")
        .to_owned()
}

fn target() -> PathBuf {
    let profile = profile();
    profile
        .parent()
        .map(Path::to_owned)
        .expect("a profile's folder is in the target folder")
}
