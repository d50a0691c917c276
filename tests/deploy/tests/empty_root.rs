//! The static program needs nothing of the system that it runs on.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use deploy_tests::{check_answers, program, requests, talk_over};
use support::process::{Started, run};
use tempfile::TempDir;

/// The most that the program may have, in bytes. The guide states its size.
const SIZE: u64 = 2_600_000;

/// Gives the root `$1` its /dev/null and /proc, and starts the program there. The mounts end with their
/// namespace, which is that of the program.
const IN_ROOT: &str = r#"
    mount --bind /dev/null "$1/dev/null"
    mount -t proc proc "$1/proc"
    exec chroot "$@"
"#;

/// A root with nothing but the program, /dev/null and /proc.
fn empty_root() -> TempDir {
    let root = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(root.path().join("dev")).expect("it is empty");
    fs::create_dir(root.path().join("proc")).expect("it is empty");
    fs::write(root.path().join("dev/null"), "").expect("it is empty");
    fs::copy(program(), root.path().join("udf")).expect("there is space");
    root
}

/// The arguments of `unshare` that run the program in the root.
fn in_root<'a>(root: &'a Path, arguments: &[&'a str]) -> Vec<&'a str> {
    let root = root.to_str().expect("a path in UTF-8");
    let unshare = [
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "sh",
        "-ec",
        IN_ROOT,
        "sh",
        root,
        "/udf",
    ];
    [&unshare, arguments].concat()
}

#[test]
fn its_size_stays_below_the_limit() {
    let size = fs::metadata(program()).expect("the program is there").len();
    println!("the program has {size} bytes");
    assert!(size <= SIZE, "expected at most {SIZE} bytes, found {size}");
}

#[test]
fn it_serves_kapacitor_on_standard_input_and_output() {
    let root = empty_root();
    let ran = run("unshare", in_root(root.path(), &[]), requests());
    assert_eq!(ran.code(), 0, "{}", ran.errors);
    check_answers(&ran.output);
}

#[test]
fn it_serves_kapacitor_on_a_socket() {
    let root = empty_root();
    let mut command = Command::new("unshare");
    command
        .args(in_root(root.path(), &["--socket", "/udf.sock"]))
        .stdin(Stdio::null());
    // Dropping it kills it with its namespaces.
    let _server = Started::new(&mut command);
    talk_over(&root.path().join("udf.sock"));
}

#[test]
fn it_describes_itself() {
    let root = empty_root();
    let ran = run("unshare", in_root(root.path(), &["info"]), "");
    assert!(
        ran.text()
            .starts_with("deployed_udf 0.1.0 (stream -> stream)\n"),
        "{ran:?}"
    );
}
