//! The command line of `main!`, as a user sees it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use support::process::{Started, run};
use support::requests::{Requests, option, point, string};
use support::wait::{DEADLINE, aside};
use udf_runtime::proto::{option_value::Value, response::Message};

const MOVING_AVG: &str = env!("CARGO_BIN_EXE_moving_avg");
const OUTLIERS: &str = env!("CARGO_BIN_EXE_outliers");
const EPISODES: &str = env!("CARGO_BIN_EXE_episodes");
const PERCENTILES: &str = env!("CARGO_BIN_EXE_percentiles");
const SEVERAL: &str = env!("CARGO_BIN_EXE_several");

#[test]
fn help_fits_a_screen_and_shows_the_udfs_own_options() {
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["help"],
        &["pipe", "--help"],
        &["config", "-h"],
        &["info", "--help"],
        &["info", "--format", "json", "-h"],
        &["--socket", "x", "-h"],
    ] {
        let help = run(MOVING_AVG, arguments, "");
        assert_eq!(help.code(), 0, "{help:?}");
        let text = help.text();
        assert!(text.lines().count() <= 40 && text.lines().all(|line| line.chars().count() <= 100));
        for fragment in [
            "Moving average of one field, kept for each group.",
            ".size(INT)",
            "Number of points in the window. Goes from 1 to 1000000.",
            "['avg']",
            "required",
            "--socket",
            "pipe [FILE…]",
        ] {
            assert!(
                text.contains(fragment),
                "{fragment:?} is missing in\n{text}"
            );
        }
    }
}

#[test]
fn version_names_the_udf_and_its_package() {
    let version = run(MOVING_AVG, ["--version"], "");
    assert_eq!(
        version.text(),
        concat!("moving_avg ", env!("CARGO_PKG_VERSION"), "\n")
    );
    for arguments in [
        &["-V"][..],
        &["--socket", "x", "-V"],
        &["pipe", "--strict", "-V"],
        &["config", "--version"],
        &["info", "-V"],
    ] {
        let ran = run(MOVING_AVG, arguments, "");
        assert_eq!(
            (ran.text(), ran.code()),
            (version.text(), 0),
            "{arguments:?}"
        );
    }
    let package = env!("CARGO_PKG_VERSION");
    for (arguments, name) in [
        (&["--version"][..], "several"),
        (&["info", "-V"], "several"),
        (&["every-nth", "-V"], "every_nth"),
        (&["every-nth", "info", "-V"], "every_nth"),
        (&["count", "pipe", "-V"], "count"),
        (&["count", "config", "--version"], "count"),
    ] {
        let ran = run(SEVERAL, arguments, "");
        assert_eq!(ran.text(), format!("{name} {package}\n"), "{arguments:?}");
    }
}

#[test]
fn info_prints_for_people_and_for_programs() {
    let text = run(OUTLIERS, ["info"], "");
    assert!(text.text().starts_with("outliers "), "{text:?}");
    assert!(text.text().contains("(batch -> batch)"), "{text:?}");

    let json = run(OUTLIERS, ["info", "--format", "json"], "");
    let info: serde_json::Value = serde_json::from_slice(&json.output).unwrap();
    assert_eq!(info["wants"], "batch");
    assert_eq!(info["options"][1]["name"], "scale");
    assert_eq!(info["options"][1]["arguments"][0], "DOUBLE");
    assert_eq!(info["options"][1]["default"], "1.5");
    assert_eq!(info["options"][0]["call"], "required");
    assert_eq!(info["options"][0]["default"], serde_json::Value::Null);
    // What a form needs: the limits of a slider, and a value to begin with.
    let scale = &info["options"][1];
    assert_eq!(scale["ranges"][0]["from"], "0.0");
    assert_eq!(scale["ranges"][0]["to"], serde_json::Value::Null);
    assert_eq!(scale["ranges"][0]["below_to"], false);
    assert_eq!(scale["example"][0], "1.5");
}

#[test]
fn config_prints_the_path_of_the_program_and_its_call() {
    let config = run(MOVING_AVG, ["config"], "");
    let text = config.text();
    assert!(text.starts_with("[udf.functions.moving_avg]\n"), "{text}");
    assert!(text.contains(&format!("prog = \"{MOVING_AVG}\"")), "{text}");
    // Everything but the section is a comment, so that all of it can be pasted.
    let script = text.split_once("# A TICKscript").unwrap().1;
    assert!(
        script.lines().skip(1).all(|line| line.starts_with('#')),
        "{text}"
    );

    let config = run(MOVING_AVG, ["config", "--socket", "/run/udf.sock"], "");
    assert!(
        config.text().contains("socket = \"/run/udf.sock\""),
        "{config:?}"
    );
    assert!(!config.text().contains("prog"), "{config:?}");

    let script = run(MOVING_AVG, ["config", "--tickscript"], "");
    let text = script.text();
    assert!(text.starts_with("stream\n"), "{text}");
    for call in ["@moving_avg()", ".field('", ".size("] {
        assert!(text.contains(call), "{call:?} is missing in\n{text}");
    }
    assert!(
        !text.contains(".as("),
        "an option with a default need not be called:\n{text}"
    );

    // Without a name, the sections of all UDFs.
    let config = run(SEVERAL, ["config"], "");
    for section in [
        "[udf.functions.every_nth]",
        "args = [\"every-nth\"]",
        "[udf.functions.count]",
        "args = [\"count\"]",
    ] {
        assert!(config.text().contains(section), "{section}: {config:?}");
    }

    // A program with several UDFs takes the name of one as an argument.
    let config = run(SEVERAL, ["every-nth", "config"], "");
    assert!(
        config.text().contains("args = [\"every-nth\"]"),
        "{config:?}"
    );
}

#[test]
fn the_options_of_a_printed_tickscript_are_accepted() {
    for program in [MOVING_AVG, OUTLIERS, EPISODES, PERCENTILES] {
        let script = run(program, ["config", "--tickscript"], "");
        let calls = script.text().lines().skip_while(|line| !line.contains('@'));
        let mut arguments = vec!["pipe".to_owned()];
        for call in calls.filter_map(|line| line.trim().strip_prefix('.')) {
            let (name, values) = call.trim_end_matches(')').split_once('(').unwrap();
            arguments.push("--set".to_owned());
            arguments.push(format!("{name}={}", values.replace('\'', "")));
        }
        let ran = run(program, &arguments, "");
        assert_eq!((ran.code(), &*ran.errors), (0, ""), "{arguments:?}");
    }
}

#[test]
fn wrong_usage_is_reported_and_ends_with_2() {
    let cases: [(&str, &[&str], &str); 23] = [
        (
            MOVING_AVG,
            &["pip"],
            "\"pip\" is no command; there are pipe, info and config",
        ),
        (MOVING_AVG, &["--sokcet", "x"], "--sokcet"),
        (MOVING_AVG, &["--socket"], "--socket"),
        (
            MOVING_AVG,
            &["--socket", "x", "--socket-mode", "999"],
            "octal mode",
        ),
        (
            MOVING_AVG,
            &["--call-limit", "soon"],
            "--call-limit takes a duration above 0s, as 90s or 5m, and not \"soon\"",
        ),
        (
            MOVING_AVG,
            &["--call-limit", "0s"],
            "--call-limit takes a duration above 0s, as 90s or 5m, and not \"0s\"",
        ),
        (
            MOVING_AVG,
            &["--message-limit", "abc"],
            "--message-limit takes bytes from 1 to 1073741824, and not \"abc\"",
        ),
        (
            MOVING_AVG,
            &["--message-limit", "0"],
            "--message-limit takes bytes from 1 to 1073741824, and not \"0\"",
        ),
        (
            MOVING_AVG,
            &["--message-limit", "1073741825"],
            "--message-limit takes bytes from 1 to 1073741824, and not \"1073741825\"",
        ),
        (
            MOVING_AVG,
            &["info", "--format", "xml"],
            "--format takes text or json",
        ),
        (
            MOVING_AVG,
            &["pipe", "--set", "sise=10"],
            "did you mean \"size\"?",
        ),
        (
            MOVING_AVG,
            &["pipe", "--set", ""],
            "expected NAME=VALUE, found no name",
        ),
        (
            MOVING_AVG,
            &["pipe", "--set", "=x"],
            "expected NAME=VALUE, found no name",
        ),
        (
            MOVING_AVG,
            &["pipe", "--size=4"],
            "invalid option '--size'; options of the UDF are given by --set size=VALUE",
        ),
        (
            MOVING_AVG,
            &["pipe", "--set", "size=ten"],
            "expected an INT from 1 to 1000000, found \"ten\"",
        ),
        (
            MOVING_AVG,
            &["pipe", "--set", "field=x", "--set", "size=0"],
            "from 1 to 1000000",
        ),
        (
            MOVING_AVG,
            &["pipe", "--set", "size=5"],
            "option \"field\" is missing (Field to average); expected a STRING; help: --set field=x",
        ),
        (
            SEVERAL,
            &["config", "--socket", "x"],
            "expected `UDF config --socket PATH`",
        ),
        (
            MOVING_AVG,
            &["pipe", "--period", "1m"],
            "--period is for UDFs that want batches",
        ),
        (
            MOVING_AVG,
            &["pipe", "--group-by", "a,"],
            "--group-by: `a,` names no tags",
        ),
        (
            MOVING_AVG,
            &["pipe", "--precision", "h"],
            "--precision takes ns, us, ms or s",
        ),
        (
            SEVERAL,
            &["mirror"],
            "there is no UDF \"mirror\"; there are every-nth, count",
        ),
        (
            SEVERAL,
            &["pipe"],
            "the UDF's name comes first: every-nth, count",
        ),
    ];
    for (program, arguments, fragment) in cases {
        let ran = run(program, arguments, "");
        assert!(
            ran.errors.contains(fragment),
            "{arguments:?}: {:?}",
            ran.errors
        );
        assert_eq!(ran.code(), 2, "{arguments:?}");
        assert!(ran.output.is_empty(), "{arguments:?}");
    }
}

#[test]
fn pipe_reports_all_wrong_options_as_its_own_flags() {
    let ran = run(
        MOVING_AVG,
        [
            "pipe", "--set", "size=ten", "--set", "feild=x", "--set", "as=y",
        ],
        "",
    );
    assert_eq!(ran.code(), 2);
    for fragment in [
        "--set size=ten: option \"size\": expected an INT from 1 to 1000000, found \"ten\"",
        "--set feild=x: unknown option \"feild\"",
    ] {
        assert!(
            ran.errors.contains(fragment),
            "{fragment:?}: {:?}",
            ran.errors
        );
    }
    // Problems that only the UDF itself finds.
    let ran = run(MOVING_AVG, ["pipe", "--set", "size=0"], "");
    assert_eq!(ran.code(), 2);
    assert!(
        ran.errors.contains("--set field=") && ran.errors.contains("--set size="),
        "{:?}",
        ran.errors
    );
    assert!(!ran.errors.contains(".field("), "{:?}", ran.errors);
    // A leading zero is octal in TICKscript.
    for (size, code) in [("010", 2), ("-01", 2), ("10", 0)] {
        let size = format!("size={size}");
        let ran = run(MOVING_AVG, ["pipe", "--set", "field=x", "--set", &size], "");
        assert_eq!(ran.code(), code, "{size}: {:?}", ran.errors);
    }
}

#[test]
fn pipe_takes_a_state_file_only_for_udfs_with_state() {
    for (program, arguments, fragment) in [
        (
            OUTLIERS,
            &["pipe", "--state", "x"][..],
            "--state is for UDFs with state",
        ),
        (
            MOVING_AVG,
            &["pipe", "--state-every", "1s"],
            "--state-every needs --state FILE",
        ),
    ] {
        let ran = run(program, arguments, "");
        assert!(ran.errors.contains(fragment), "{:?}", ran.errors);
        assert_eq!(ran.code(), 2);
    }
}

#[test]
fn config_prints_the_section_for_telegraf() {
    let section = run(MOVING_AVG, ["config", "--telegraf"], "");
    let text = section.text();
    assert!(text.starts_with("[[processors.execd]]\n"), "{text}");
    let command = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("command = "));
    // An array of strings is JSON as well as TOML.
    let command: Vec<String> = serde_json::from_str(command.unwrap()).unwrap();
    assert_eq!(command[0], MOVING_AVG);
    let ran = run(&command[0], &command[1..], "m x=1 1\n");
    assert!(!ran.errors.contains("option"), "{:?}", ran.errors);
    let several = run(SEVERAL, ["every-nth", "config", "--telegraf"], "");
    assert!(
        several.text().contains("\"every-nth\", \"pipe\""),
        "{several:?}"
    );
}

#[test]
fn an_unknown_log_level_is_reported() {
    for (level, message) in [
        ("", ""),
        ("trace", ""),
        ("WARN", ""),
        (
            "verbose",
            "WARN udf_runtime: UDF_LOG takes off, error, warn, info, debug or trace, \
             and not \"verbose\"; it is taken for info\n",
        ),
    ] {
        let ran = Command::new(MOVING_AVG)
            .arg("info")
            .env("UDF_LOG", level)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&ran.stderr), message);
        assert!(ran.status.success() && !ran.stdout.is_empty());
    }
}

#[test]
fn several_udfs_are_listed_and_chosen_by_name() {
    let help = run(SEVERAL, [] as [&str; 0], "");
    assert_eq!(help.code(), 0);
    assert!(
        help.text().contains("every-nth  Keeps every n-th point."),
        "{help:?}"
    );

    let lines = "m x=1 1\nm x=2 2\nm x=3 3\n";
    for name in ["every-nth", "every_nth"] {
        let ran = run(SEVERAL, [name, "pipe", "--set", "n=2"], lines);
        assert_eq!(ran.text(), "m x=1 1\nm x=3 3\n", "{ran:?}");
    }
    let ran = run(SEVERAL, ["count", "pipe"], lines);
    assert_eq!(ran.text(), "m count=3i 3\n", "{ran:?}");

    let json = run(SEVERAL, ["info", "--format", "json"], "");
    let info: serde_json::Value = serde_json::from_slice(&json.output).unwrap();
    assert_eq!(info[0]["name"], "every_nth");
    assert_eq!(info[1]["wants"], "batch");
}

fn moving_avg_of(values: &[f64]) -> Vec<u8> {
    let options = [
        option("field", [string("value")]),
        option("size", [Value::IntValue(2)]),
    ];
    let requests = Requests::new().info().init(options);
    let points = values
        .iter()
        .enumerate()
        .map(|(time, value)| point(time as i64, *value));
    points.fold(requests, Requests::point).bytes()
}

fn averages(output: &[u8]) -> Vec<f64> {
    let responses = support::model::read(output).expect("Kapacitor survives the output");
    let averages = responses.iter().filter_map(|response| match response {
        Message::Point(point) => Some(point.fields_double["avg"]),
        _ => None,
    });
    averages.collect()
}

#[test]
fn stdin_and_stdout_carry_the_protocol() {
    let ran = run(MOVING_AVG, [] as [&str; 0], moving_avg_of(&[1.0, 2.0, 4.0]));
    assert_eq!(averages(&ran.output), [1.0, 1.5, 3.0]);
    assert_eq!(ran.code(), 0);
}

#[test]
fn a_failure_of_the_udf_is_reported_and_ends_with_1() {
    let options = [
        option("field", [string("other")]),
        option("size", [Value::IntValue(2)]),
    ];
    let requests = Requests::new().init(options).point(point(7, 1.0));
    let ran = run(MOVING_AVG, [] as [&str; 0], requests.bytes());
    let responses = support::model::read(&ran.output).unwrap();
    let Some(Message::Error(error)) = responses.last() else {
        panic!("{responses:?}")
    };
    assert_eq!(
        error.error,
        r#"option .field('other'): the point has no field "other"; it has "value" (point 1: name "cpu", group "group=a", time 7)"#
    );
    assert!(ran.errors.contains(&error.error), "{:?}", ran.errors);
    assert_eq!(ran.code(), 1);
}

#[test]
fn each_connection_to_a_socket_has_its_own_udf() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("udf.sock");
    let mut server = Started::new(
        Command::new(MOVING_AVG)
            .arg("--socket")
            .arg(&path)
            .stderr(Stdio::piped()),
    );
    // The log says when it listens. The rest of the log stays in the pipe.
    let mut errors = BufReader::new(server.child.stderr.take().unwrap());
    let listening = aside("the server to listen", move || {
        errors.read_line(&mut String::new()).map(|_| errors)
    });
    let _errors = listening.join().unwrap();

    let mut connections: Vec<_> = (0..3)
        .map(|_| UnixStream::connect(&path).unwrap())
        .collect();
    for (number, connection) in connections.iter_mut().enumerate() {
        connection.set_read_timeout(Some(DEADLINE)).unwrap();
        let values = [number as f64, number as f64 + 1.0];
        connection.write_all(&moving_avg_of(&values)).unwrap();
        connection.shutdown(std::net::Shutdown::Write).unwrap();
    }
    for (number, connection) in connections.iter_mut().enumerate() {
        let mut output = Vec::new();
        connection.read_to_end(&mut output).unwrap();
        assert_eq!(averages(&output), [number as f64, number as f64 + 0.5]);
    }

    // A second server does not take the socket of a running one.
    let second = run(MOVING_AVG, ["--socket".as_ref(), path.as_os_str()], "");
    assert!(
        second.errors.contains("belongs to a running server"),
        "{second:?}"
    );
    assert_eq!(second.code(), 1);

    let id = server.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    assert!(server.wait().success());
    assert!(!path.exists(), "the socket is removed");
}
