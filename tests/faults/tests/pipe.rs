//! `pipe` under a host that reads little or nothing of its standard error. Telegraf stops reading at a line
//! of 64 KiB.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use fault_tests::{DEADLINE, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_faulty-udfs");
/// Most bytes of one text of a UDF that reach the host, with room for the text around it.
const CUT: usize = 17 * 1024;

/// A UDF between pipes. Dropping it kills it.
struct Piped(Child);

impl Piped {
    fn start(arguments: &[&str]) -> Self {
        Self::start_udf("misbehaving", arguments)
    }

    fn start_udf(udf: &str, arguments: &[&str]) -> Self {
        let child = Command::new(PROGRAM)
            .args([udf, "pipe"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Piped(child)
    }

    /// Sends a point that makes the UDF do something, and waits for its answer.
    fn does(&mut self, act: &str, answers: &Answers) {
        self.acts(act);
        let line = answers.line();
        assert!(line.contains(act), "{line}");
    }

    fn acts(&mut self, act: &str) {
        let stdin = self.0.stdin.as_mut().unwrap();
        stdin
            .write_all(format!("m act=\"{act}\" 1\n").as_bytes())
            .unwrap();
    }

    /// The lines that it writes from here on.
    fn answers(&mut self) -> Answers {
        let stdout = BufReader::new(self.0.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let lines = stdout.lines().map_while(Result::ok);
            // The test may have ended.
            lines.map_while(|line| sender.send(line).ok()).count()
        });
        Answers(lines)
    }

    /// What is left of its standard error, after its end.
    fn log(&mut self) -> String {
        let mut log = String::new();
        let stderr = self.0.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut log).unwrap();
        log
    }

    /// Closes its input and waits for its end.
    fn ended(&mut self) -> Option<i32> {
        drop(self.0.stdin.take());
        until("the end of the pipe", || self.0.try_wait().unwrap()).code()
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        // Both fail only if it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The lines that a UDF writes.
struct Answers(mpsc::Receiver<String>);

impl Answers {
    /// The next line. A test whose UDF hangs fails here.
    fn line(&self) -> String {
        self.0.recv_timeout(DEADLINE).expect("a line of output")
    }
}

#[test]
fn unread_prints_do_not_block_points() {
    // Long lines, then many short ones.
    for act in ["print a lot", "print"] {
        let mut piped = Piped::start(&[]);
        let answers = piped.answers();
        for _ in 0..200 {
            piped.does(act, &answers);
        }
        assert_eq!(piped.ended(), Some(0), "{act}");
    }
}

#[test]
fn a_long_print_is_cut() {
    let mut piped = Piped::start(&[]);
    let answers = piped.answers();
    piped.does("print a lot", &answers);
    assert_eq!(piped.ended(), Some(0));
    let log = piped.log();
    assert!(
        log.starts_with("printed printed ") && log.len() < CUT,
        "{}",
        log.len()
    );
}

#[test]
fn a_long_error_is_cut_and_ends_the_process() {
    let mut piped = Piped::start(&[]);
    piped.acts("fail at length");
    assert_eq!(piped.ended(), Some(1));
    let log = piped.log();
    assert!(
        log.starts_with("error: stdin:1: a long story x"),
        "{log:.60}"
    );
    assert!(log.len() < CUT, "{}", log.len());
}

#[test]
fn unread_reports_of_bad_lines_block_nothing() {
    let mut piped = Piped::start(&[]);
    let mut stdin = piped.0.stdin.take().unwrap();
    let feeder = thread::spawn(move || {
        for _ in 0..5_000 {
            stdin.write_all(b"m a=\n").unwrap();
        }
        stdin.write_all(b"m a=1 1\n").unwrap();
    });
    assert_eq!(piped.answers().line(), "m a=1 1");
    feeder.join().unwrap();
    assert_eq!(piped.ended(), Some(1));
}

#[test]
fn telegraf_finds_the_level_of_each_line() {
    let mut piped = Piped::start(&["--telegraf"]);
    let answers = piped.answers();
    piped.does("print", &answers);
    piped.does("log lines", &answers);
    piped
        .0
        .stdin
        .as_mut()
        .unwrap()
        .write_all(b"m a=\n")
        .unwrap();
    piped.acts("fail");
    assert_eq!(piped.ended(), Some(1));
    let log = piped.log();
    for line in [
        "I! printed",
        "I! to stdout",
        "W! faulty_udfs: line",
        "W!     line",
    ] {
        assert!(
            log.lines().any(|it| it == line),
            "{line:?} is missing in {log:.400}"
        );
    }
    for start in [
        "W! stdin:3:5: field `a` has no value",
        "E! error: stdin:4: this point is not",
    ] {
        assert!(
            log.lines().any(|it| it.starts_with(start)),
            "{start:?} is missing in {log}"
        );
    }
    assert!(
        log.lines().all(|line| line.get(1..3) == Some("! ")),
        "{log}"
    );
}

/// Starts a `pipe` that keeps its state in a file.
fn keeper(state: &Path, every: Option<&str>) -> Piped {
    let mut arguments = vec!["--state", state.to_str().unwrap()];
    arguments.extend(every.iter().flat_map(|every| ["--state-every", *every]));
    Piped::start_udf("keeper", &arguments)
}

/// The count in a line of the keeper's output.
fn count(line: &str) -> u64 {
    let rest = line.split_once("count=").unwrap().1;
    rest.split_once('i').unwrap().0.parse().unwrap()
}

/// Sends `points` points and returns the count in the last answer.
fn counts(piped: &mut Piped, answers: &Answers, points: u64) -> u64 {
    let mut last = 0;
    for _ in 0..points {
        piped.acts("count");
        last = count(&answers.line());
    }
    last
}

#[test]
fn a_run_continues_from_the_state_of_the_last_one() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    for run in 1..4 {
        let mut piped = keeper(&state, None);
        let answers = piped.answers();
        assert_eq!(counts(&mut piped, &answers, 10), 10 * run);
        assert_eq!(piped.ended(), Some(0));
    }
    // A run that a signal ends writes its state as well.
    let mut piped = keeper(&state, None);
    let answers = piped.answers();
    assert_eq!(counts(&mut piped, &answers, 1), 31);
    let pid = nix::unistd::Pid::from_raw(piped.0.id() as i32);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    until("the end of the pipe", || piped.0.try_wait().unwrap());
    let mut piped = keeper(&state, None);
    let answers = piped.answers();
    assert_eq!(counts(&mut piped, &answers, 1), 32);
    // No temporary file is left.
    assert_eq!(piped.ended(), Some(0));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_kill_at_any_moment_leaves_a_state_that_restores() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let mut sent = 0;
    for round in 0..20 {
        let mut piped = keeper(&state, Some("1u"));
        let answers = piped.answers();
        let points = 1 + round * 7 % 50;
        let last = counts(&mut piped, &answers, points);
        // At most the number of points sent, and at least the last state that was certainly written.
        sent += points;
        assert!((points..=sent).contains(&last), "{last} of {sent}");
        sent = last;
        // The kill comes while a line is handled or a state is written.
        piped.acts("count");
        piped.0.kill().unwrap();
        piped.0.wait().unwrap();
        sent += 1;
    }
    assert!(sent > 250, "states were lost: {sent}");
}

#[test]
fn a_file_without_a_state_of_this_udf_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other");
    // The state of another UDF.
    let mut piped = Piped::start_udf("fresh-keeper", &["--state", other.to_str().unwrap()]);
    piped.acts("count");
    assert_eq!(piped.ended(), Some(0));
    let other = fs::read(&other).unwrap();
    for content in [
        b"m a=1 1\n".as_slice(),
        b"kapacitor-udf state 2\n",
        b"kapacitor-udf state 1\nx",
        &other,
        &other[..other.len() - 1],
    ] {
        let state = folder.path().join("state");
        fs::write(&state, content).unwrap();
        let mut piped = keeper(&state, None);
        assert_eq!(piped.ended(), Some(1));
        let log = piped.log();
        assert!(log.starts_with("error: state file "), "{log}");
        assert_eq!(fs::read(&state).unwrap(), content);
    }
    // An empty file counts as no state.
    let state = folder.path().join("empty");
    fs::write(&state, "").unwrap();
    let mut piped = keeper(&state, None);
    assert_eq!(piped.ended(), Some(0));
    // A state that cannot be written is a failure.
    let mut piped = keeper(&folder.path().join("no/such/folder"), None);
    assert_eq!(piped.ended(), Some(1));
}
