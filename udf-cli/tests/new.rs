//! `udf new` as a person uses it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn udf(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_udf"));
    command.current_dir(folder).args(arguments);
    command.output().expect("the program runs")
}

fn code_and_error(output: &Output) -> (Option<i32>, &str) {
    let error = str::from_utf8(&output.stderr).expect("it prints UTF-8");
    (output.status.code(), error)
}

#[test]
fn a_project_has_its_name_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let made = udf(folder.path(), &["new", "cpu-spikes", "--edges", "stream"]);
    assert_eq!(code_and_error(&made), (Some(0), ""));
    let said = String::from_utf8(made.stdout).unwrap();
    assert!(
        said.starts_with("Created the UDF cpu_spikes in the folder cpu-spikes."),
        "{said}"
    );

    let read = |path| fs::read_to_string(folder.path().join("cpu-spikes").join(path)).unwrap();
    assert!(read("Cargo.toml").contains("\nudf-runtime = \"0."));
    assert!(read("src/main.rs").contains("struct CpuSpikes {"));
    assert!(read("cpu_spikes.tick").contains("@cpu_spikes()"));
    // What it says to do next is what the README says.
    let next = said.lines().find(|line| line.contains("cargo run"));
    assert!(read("README.md").contains(next.unwrap().trim()));
}

#[test]
fn a_local_runtime_is_used_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = folder.path().join("udf-runtime");
    fs::create_dir(&runtime).unwrap();
    fs::write(
        runtime.join("Cargo.toml"),
        "[package]\nname = \"udf-runtime\"\n",
    )
    .unwrap();
    let arguments = ["new", "a", "--edges", "batch", "--runtime", "udf-runtime"];
    assert_eq!(
        code_and_error(&udf(folder.path(), &arguments)),
        (Some(0), "")
    );
    let manifest = fs::read_to_string(folder.path().join("a/Cargo.toml")).unwrap();
    let path = fs::canonicalize(runtime).unwrap();
    let expected = format!("\nudf-runtime = {{ path = {path:?} }}\n");
    assert!(manifest.contains(&expected), "{manifest}");
}

#[test]
fn a_folder_without_the_runtime_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["new", "a", "--edges", "batch", "--runtime", "."];
    let refused = udf(folder.path(), &arguments);
    let (code, error) = code_and_error(&refused);
    assert_eq!(code, Some(1));
    assert!(
        error.starts_with("error: expected udf-runtime in .: "),
        "{error}"
    );
    assert!(!folder.path().join("a").exists());
}

#[test]
fn a_folder_that_exists_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("mine")).unwrap();
    let refused = udf(folder.path(), &["new", "mine", "--edges", "stream"]);
    let expected = "error: `mine` exists already; help: choose another name, or remove it\n";
    assert_eq!(code_and_error(&refused), (Some(1), expected));
    assert_eq!(fs::read_dir(folder.path().join("mine")).unwrap().count(), 0);
}

#[test]
fn wrong_usage_names_what_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, part) in [
        (
            &["new", "Cpu", "--edges", "stream"][..],
            "lower-case letters",
        ),
        (
            &["new", "cpu", "--edges", "streams"],
            "[possible values: stream, batch, stream-batch, batch-stream]",
        ),
        (&["new", "cpu"], "--edges <EDGES>"),
    ] {
        let refused = udf(folder.path(), arguments);
        let (code, error) = code_and_error(&refused);
        assert_eq!(code, Some(2), "{error}");
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
