//! The messages in the guide's troubleshooting are those that the code has.

use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Below this heading are messages of Kapacitor's.
const OTHERS: &str = "## Kapacitor's own words";

/// The messages in the first cells of the tables.
fn messages(page: &str) -> Vec<String> {
    let mut messages = Vec::new();
    let mut is_first = false;
    for event in Parser::new_ext(page, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::TableRow) => is_first = true,
            Event::End(TagEnd::TableCell) => is_first = false,
            Event::Code(text) if is_first => messages.push(text.into_string()),
            _ => {}
        }
    }
    messages
}

/// Where messages come from: the code, and what the compiler says about mistakes.
fn sources(root: &Path) -> Vec<String> {
    let folders = [
        "tickscript/src",
        "tests/ui/fail",
        "udf-macros/src",
        "udf-runtime/src",
    ];
    let mut folders: Vec<PathBuf> = folders.map(|folder| root.join(folder)).into();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                sources.push(joined(&text));
            }
        }
    }
    sources
}

/// The text with strings in one line, without backslashes and backticks.
fn joined(text: &str) -> String {
    let mut joined = String::new();
    let mut lines = text.lines();
    while let Some(mut line) = lines.next() {
        while let Some(start) = line.strip_suffix('\\') {
            joined.push_str(start);
            line = lines.next().unwrap_or_default().trim_start();
        }
        joined.push_str(line);
        joined.push('\n');
    }
    joined.replace(['\\', '`'], "")
}

#[test]
fn messages_are_those_of_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = root.join("docs/guide/src/troubleshooting.md");
    let page = fs::read_to_string(page).expect("the page is there");
    let (ours, _) = page.split_once(OTHERS).expect("the heading is there");
    let sources = sources(&root);
    let messages = messages(ours);
    assert!(messages.len() > 30, "found only {messages:?}");
    let unknown: Vec<_> = messages
        .iter()
        .filter(|message| {
            let parts: Vec<_> = message.split('…').map(str::trim).collect();
            let has_all = |source: &String| parts.iter().all(|part| source.contains(part));
            !sources.iter().any(has_all)
        })
        .collect();
    assert!(unknown.is_empty(), "no code has these: {unknown:#?}");
}
