//! `udf play`, as a browser uses it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "it fails the test")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::thread;

use serde_json::{Value, json};
use support::{Play, playable, request};
use tempfile::TempDir;

/// Ten points of two hosts, the fifth of which is a peak.
const DATA: &str = "\
m,host=a v=1,w=10i 1700000000000000000
m,host=b v=2,w=20i 1700000000000000000
m,host=a v=1,w=11i 1700000001000000000
m,host=b v=2,w=21i 1700000001000000000
m,host=a v=99,w=12i 1700000002000000000
m,host=b v=2,w=22i 1700000002000000000
m,host=a v=1,w=13i 1700000003000000000
m,host=b v=2,w=23i 1700000003000000000
m,host=a v=1,w=14i 1700000004000000000
m,host=b v=2,w=24i 1700000004000000000
";

struct Files {
    folder: TempDir,
    data: PathBuf,
}

fn files(data: &str) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.lp");
    fs::write(&path, data).unwrap();
    Files { folder, data: path }
}

static SMALL: LazyLock<Files> = LazyLock::new(|| files(DATA));

fn play(flags: &[&str]) -> Play {
    Play::start(&playable(), &SMALL.data, flags)
}

// ---- who may use the page ----

#[test]
fn only_a_browser_that_knows_the_address_gets_in() {
    let play = play(&[]);
    let host = play.host();
    let get = |path: &str, headers: &[(&str, &str)]| play.send("GET", path, headers, "").status;
    assert_eq!(get(&play.path, &[("Host", &host)]), 200);
    assert_eq!(get("/", &[("Host", &host)]), 404);
    let wrong = play.path.replace(|char: char| char.is_ascii_digit(), "x");
    assert_eq!(get(&wrong, &[("Host", &host)]), 404);
    assert_eq!(get(&format!("{wrong}api/setup"), &[("Host", &host)]), 404);
    // A foreign name that stands for this machine.
    assert_eq!(get(&play.path, &[("Host", "example.org")]), 403);
    assert_eq!(get(&play.path, &[]), 403);
}

#[test]
fn a_page_of_another_site_cannot_run_anything() {
    let play = play(&[]);
    let (host, path) = (play.host(), format!("{}api/run", play.path));
    let body = request("one", &play.settings("mirror")).to_string();
    let run = |origin: &str| {
        let headers = [
            ("Host", &*host),
            ("Content-Type", "application/json"),
            ("Origin", origin),
        ];
        play.send("POST", &path, &headers, &body).status
    };
    assert_eq!(run(&format!("http://{host}")), 200);
    assert_eq!(run("http://example.org"), 403);
    assert_eq!(run(&format!("https://{host}")), 403);
    assert_eq!(run("null"), 403);
}

#[test]
fn the_page_loads_nothing_from_elsewhere() {
    let play = play(&[]);
    let page = play.get("");
    assert!(
        page.head
            .contains("content-security-policy: default-src 'none'"),
        "{}",
        page.head
    );
    assert!(!page.body.contains("//"), "{}", page.body);
    for file in [
        "page.css",
        "page.js",
        "form.js",
        "inputs.js",
        "plot.js",
        "plotly.js",
    ] {
        assert_eq!(play.get(file).status, 200, "{file}");
    }
    assert_eq!(play.get("other.js").status, 404);
}

// ---- the form ----

#[test]
fn the_form_begins_with_settings_that_the_udf_takes() {
    let play = play(&[]);
    let setup = play.get("api/setup").json();
    assert_eq!(
        setup["udfs"][0]["options"][1]["ranges"][0],
        json!({"from": "1", "to": "10", "below_to": false})
    );
    assert_eq!(setup["data"]["points"], 10);
    let settings = play.settings("kinds");
    assert_eq!(
        settings["options"][0],
        json!({"name": "field", "values": ["v"]})
    );
    assert_eq!(settings["group_by"], "*");
    let ran = play.run_with(&settings);
    assert_eq!(ran["problems"], json!([]));
    assert_eq!(ran["points_out"], 10);
}

#[test]
fn the_command_line_sets_what_the_form_begins_with() {
    let play = play(&[
        "--udf",
        "kinds",
        "--set",
        "limits=1,2",
        "--set",
        "even",
        "--group-by",
        "host",
    ]);
    let settings = play.settings("kinds");
    let options = settings["options"].as_array().unwrap();
    assert!(
        options.contains(&json!({"name": "limits", "values": ["1", "2"]})),
        "{options:?}"
    );
    assert!(
        options.contains(&json!({"name": "even", "values": []})),
        "{options:?}"
    );
    assert_eq!(settings["group_by"], "host");
    // They are of this UDF alone.
    assert_eq!(play.settings("mirror")["options"], json!([]));
}

// ---- runs ----

#[test]
fn a_refused_value_has_its_message_at_its_option() {
    let play = play(&[]);
    let mut settings = play.settings("kinds");
    let options = settings["options"].as_array_mut().unwrap();
    options.push(json!({"name": "count", "values": ["11"]}));
    let ran = play.run_with(&settings);
    assert_eq!(ran["problems"][0]["option"], "count");
    let text = ran["problems"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("expected an INT from 1 to 10, found 11"),
        "{text}"
    );
    assert_eq!(ran["result"], Value::Null);
}

#[test]
fn what_a_udf_does_wrong_is_shown() {
    let play = play(&["--time-limit", "1"]);
    let text = |udf: &str| {
        let ran = play.run(udf);
        assert_eq!(ran["result"], Value::Null, "{udf}");
        ran["problems"][0]["text"].as_str().unwrap().to_owned()
    };
    assert!(text("panics").contains("cannot stand m"));
    assert!(text("hangs").contains("--time-limit"));
    assert!(text("refuses").contains("not even \"x\""));
}

#[test]
fn what_a_udf_prints_is_in_the_log_and_not_in_the_output() {
    let ran = play(&[]).run("prints");
    assert_eq!(ran["points_out"], 10);
    assert!(ran["log"].as_str().unwrap().contains("<b>printed</b> of m"));
}

#[test]
fn a_udf_that_returns_nothing_has_a_picture_of_its_input() {
    let ran = play(&[]).run("silent");
    assert_eq!(ran["problems"], json!([]));
    assert_eq!(ran["points_out"], 0);
    assert_eq!(ran["result"]["difference"]["vanished"], 10);
    assert_eq!(ran["result"]["picture"]["panels"][0]["title"], "v");
}

#[test]
fn a_later_run_ends_the_earlier_one_of_its_page_alone() {
    let play = play(&[]);
    let (hangs, mirror) = (play.settings("hangs"), play.settings("mirror"));
    thread::scope(|scope| {
        let earlier = scope.spawn(|| play.post("api/run", &request("one", &hangs)));
        // Whichever run of the page comes first, the later one ends it; so this goes on until the hanging one is.
        while !earlier.is_finished() {
            let other = play.post("api/run", &request("two", &mirror));
            assert_eq!(other.json()["points_out"], 10);
            let later = play.post("api/run", &request("one", &mirror));
            assert_eq!(later.json()["points_out"], 10);
        }
        assert_eq!(earlier.join().unwrap().status, 409);
    });
}

#[test]
fn the_server_runs_no_other_udf_and_reads_no_other_settings() {
    let play = play(&[]);
    let mut settings = play.settings("mirror");
    settings["udf"] = json!("info");
    assert_eq!(play.post("api/run", &request("one", &settings)).status, 422);
    let mut settings = play.settings("mirror");
    settings["files"] = json!(["/etc/passwd"]);
    assert_eq!(play.post("api/run", &request("one", &settings)).status, 422);
}

// ---- what is shown ----

#[test]
fn a_new_field_is_drawn_with_the_field_that_it_is_made_of() {
    let ran = play(&[]).run("kinds");
    let picture = &ran["result"]["picture"];
    assert_eq!(picture["groups"], json!(["host=a", "host=b"]));
    let title = picture["panels"][0]["title"].as_str().unwrap();
    assert!(title.starts_with("v, scaled"), "{title}");
}

#[test]
fn a_million_points_are_thinned_without_losing_the_peak() {
    let mut data = String::new();
    for number in 0..1_000_000_u64 {
        let value = if number == 123_457 {
            1_000_000
        } else {
            number % 10
        };
        writeln!(
            data,
            "m v={value} {}",
            1_700_000_000_000_000_000 + number * 1_000_000
        )
        .unwrap();
    }
    let files = files(&data);
    let play = Play::start(&playable(), &files.data, &[]);
    let ran = play.run("silent");
    assert_eq!(ran["points_in"], 1_000_000);
    let trace = &ran["result"]["picture"]["panels"][0]["traces"][0];
    let ys = trace["y"].as_array().unwrap();
    assert!(ys.len() <= 4 * 800, "{}", ys.len());
    assert!(ys.contains(&json!(1_000_000.0)));
    // A part of it has all its points.
    let start = 1_700_000_000_000.0;
    let view = json!({"page": "one", "view": {"from": start + 123_400.0, "to": start + 123_500.0, "columns": 800}});
    let picture = play.post("api/view", &view).json();
    assert_eq!(
        picture["panels"][0]["traces"][0]["y"]
            .as_array()
            .unwrap()
            .len(),
        103
    );
}

#[test]
fn rows_of_the_output_are_read_in_parts() {
    let play = play(&[]);
    assert_eq!(play.get("api/rows?page=one").status, 410);
    play.run("mirror");
    let rows = play.get("api/rows?page=one&from=8").json();
    assert_eq!(rows["total"], 10);
    assert_eq!(rows["rows"].as_array().unwrap().len(), 2);
    assert_eq!(rows["rows"][0]["time"], "1700000004000000000");
    assert_eq!(rows["rows"][0]["fields"][0], json!(["v", "1"]));
}

// ---- what is taken away ----

#[test]
fn settings_become_a_tickscript_a_section_and_commands() {
    let play = play(&[]);
    let mut settings = play.settings("kinds");
    settings["group_by"] = json!("host");
    let options = settings["options"].as_array_mut().unwrap();
    options.clear();
    options.push(json!({"name": "field", "values": ["it's"]}));
    options.push(json!({"name": "factor", "values": ["3"]}));
    options.push(json!({"name": "even", "values": []}));
    options.push(json!({"name": "marked", "values": ["true"]}));
    options.push(json!({"name": "every", "values": ["5m"]}));
    let taken = play.run_with(&settings)["take_away"].clone();
    let script = taken["tickscript"].as_str().unwrap();
    assert_eq!(
        script,
        r"stream
    |from()
        .measurement('m')
        .groupBy('host')
    @kinds()
        .field('it\'s')
        .factor(3.0)
        .even()
        .marked(TRUE)
        .every(5m)
    |httpOut('kinds')
"
    );
    let config = taken["config"].as_str().unwrap();
    assert!(
        config.starts_with("[udf.functions.kinds]\n  prog = \"/"),
        "{config}"
    );
    assert!(config.contains("args = [\"kinds\"]"), "{config}");
    let pipe = taken["pipe"].as_str().unwrap();
    assert!(
        pipe.contains(" kinds pipe ") && pipe.contains(r"--set 'field=it'\''s'"),
        "{pipe}"
    );
}

#[test]
fn a_saved_test_has_the_data_and_the_output() {
    let play = play(&[]);
    let mut wanted = request("one", &play.settings("mirror"));
    let start = 1_700_000_000_000.0;
    wanted["view"]["from"] = json!(start + 1500.0);
    wanted["view"]["to"] = json!(start + 2500.0);
    let saved = play.post("api/test", &wanted);
    assert_eq!(saved.status, 200, "{}", saved.body);
    assert!(
        saved.body.contains("Harness::<Mirror>::setup()"),
        "{}",
        saved.body
    );
    assert!(saved.body.contains(".group_by([\"*\"])"), "{}", saved.body);
    // Once as data, and once as output.
    assert_eq!(
        saved
            .body
            .matches("m,host=a v=99,w=12i 1700000002000000000")
            .count(),
        2
    );
    assert!(!saved.body.contains("w=10i"));
}

#[test]
fn more_data_than_a_test_should_have_is_refused() {
    let data: String = (0..3000).map(|time| format!("m v=1 {time}\n")).collect();
    let files = files(&data);
    let play = Play::start(&playable(), &files.data, &[]);
    let refused = play.post("api/test", &request("one", &play.settings("mirror")));
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("zoom in"), "{}", refused.body);
}

// ---- a program that is built again ----

#[test]
fn a_new_build_is_seen_and_compared_with_the_one_before() {
    let program = SMALL.folder.path().join("program");
    // A program as a script: `info` says what it is, and `pipe` passes on what the second version changes.
    let version = |change: &str| {
        let script = format!(
            r#"#!/bin/sh
if [ "$1" = info ]; then
    echo '{{"name": "it", "version": "1", "docs": "", "wants": "stream", "provides": "stream", "options": []}}'
else
    sed '{change}' "$2"
fi
"#
        );
        let fresh = program.with_extension("fresh");
        fs::write(&fresh, script).unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(&fresh, &program).unwrap();
    };
    version("");
    let play = Play::start(&program, &SMALL.data, &["--watch"]);
    play.run("it");
    version("s/v=99/v=50/; /w=24i/d");
    assert_eq!(play.get("api/changes?version=0").json(), 1);
    let mut wanted = request("one", &play.settings("it"));
    wanted["is_new_build"] = json!(true);
    let ran = play.post("api/run", &wanted).json();
    let since = json!({"kept": 8, "changed": 1, "vanished": 1, "appeared": 0});
    assert_eq!(ran["result"]["since"], since);
    let traces = ran["result"]["picture"]["panels"][0]["traces"]
        .as_array()
        .unwrap();
    let changed: Vec<_> = traces
        .iter()
        .filter(|trace| trace["mark"] == "since")
        .collect();
    assert_eq!(changed[0]["y"], json!([50.0]));
    // What is run next is compared with nothing.
    assert_eq!(play.run("it")["result"]["since"], Value::Null);
}
