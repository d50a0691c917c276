//! `udf plot`, as a person uses it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "it fails the test")]

mod support;

use std::process::Output;

use support::{playable, udf};

fn plot(flags: &[&str]) -> Output {
    let data = tempfile::NamedTempFile::new().unwrap();
    let lines = (0..100).map(|time| format!("m,host=a v={} {}\n", time % 9, 1_700_000_000 + time));
    std::fs::write(data.path(), lines.collect::<String>()).unwrap();
    let program = playable();
    let arguments = [
        "plot",
        program.to_str().unwrap(),
        data.path().to_str().unwrap(),
        "--precision",
        "s",
    ];
    udf(arguments.into_iter().chain(flags.iter().copied()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_picture_has_the_named_field_and_the_new_ones() {
    let plot = plot(&[
        "--udf",
        "kinds",
        "--set",
        "field=v",
        "--title",
        "Twice <it>",
    ]);
    let svg = text(&plot.stdout);
    assert!(plot.status.success(), "{}", text(&plot.stderr));
    assert!(
        svg.starts_with("<svg ") && svg.ends_with("</svg>\n"),
        "{svg}"
    );
    assert!(svg.contains("Twice &lt;it&gt;"), "{svg}");
    assert!(svg.contains("\nv\n") && svg.contains("\nscaled\n"), "{svg}");
    assert!(svg.contains("22:14"), "{svg}");
}

#[test]
fn a_terminal_gets_characters() {
    let flags = [
        "--udf", "mirror", "--text", "--width", "60", "--height", "12",
    ];
    let shown = text(&plot(&flags).stdout);
    assert_eq!(shown.lines().count(), 12);
    assert!(
        shown.lines().all(|line| line.chars().count() <= 60),
        "{shown}"
    );
    assert!(shown.contains("22:13:30") && shown.contains('⣿'), "{shown}");
    // No colours where it is no terminal.
    assert!(!shown.contains('\x1b'));
}

#[test]
fn what_is_wrong_is_an_error() {
    let refused = plot(&["--udf", "kinds", "--set", "field=v", "--set", "count=11"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("expected an INT from 1 to 10, found 11"));
    assert!(refused.stdout.is_empty());

    let unknown = plot(&["--udf", "kindz"]);
    assert!(
        text(&unknown.stderr).contains("found \"kindz\""),
        "{}",
        text(&unknown.stderr)
    );
    let several = plot(&[]);
    assert!(
        text(&several.stderr).contains("--udf NAME"),
        "{}",
        text(&several.stderr)
    );
    let no_udf = udf(["plot", "/bin/true", "/dev/null"]);
    assert!(
        text(&no_udf.stderr).contains("expected a program made with"),
        "{}",
        text(&no_udf.stderr)
    );
}
