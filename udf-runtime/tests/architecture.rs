//! The folders of `src` are layers, and each uses only those that its `mod.rs` names.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a source tree that cannot be read fails the test"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Root files that every folder may use: the author's error type, and its macros.
const EVERYWHERE: [&str; 4] = ["error", "bail", "ensure", "__private"];

/// Each folder of `src`, with the folders that its `mod.rs` says it uses.
fn declared() -> BTreeMap<String, Vec<String>> {
    let mut folders = BTreeMap::new();
    for entry in fs::read_dir(source()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(path.join("mod.rs")).unwrap();
            let uses = text
                .lines()
                .find_map(|line| line.strip_prefix("// Uses "))
                .unwrap_or_else(|| panic!("src/{name}/mod.rs has no line `// Uses …`"));
            let names = uses.split('`').skip(1).step_by(2);
            // Beside the folders, the sentence may name what is used of them.
            let names = names.filter(|name| source().join(name).is_dir());
            folders.insert(name, names.map(str::to_owned).collect());
        }
    }
    folders
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && path.file_name().is_some_and(|name| name != "tests.rs")
        {
            found.push(path);
        }
    }
}

/// What follows `crate::` in a file's code, up to its tests.
fn used(file: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(file).unwrap();
    let code = text.lines().enumerate();
    let code = code.take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
    let code = code.filter(|(_, line)| !line.trim_start().starts_with("//"));
    code.flat_map(|(index, line)| {
        // `$crate::` is a path for the macro's caller, who sees only the public names.
        line.match_indices("crate::")
            .filter(|(at, _)| !line[..*at].ends_with('$'))
            .map(|(at, path)| {
                let rest = &line[at + path.len()..];
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                (index + 1, rest[..end.unwrap_or(rest.len())].to_owned())
            })
            .collect::<Vec<_>>()
    })
    .collect()
}

#[test]
fn a_folder_uses_only_the_folders_that_it_names() {
    let mut wrong = Vec::new();
    for (folder, allowed) in declared() {
        let mut files = Vec::new();
        rust_files(&source().join(&folder), &mut files);
        for file in files {
            for (line, name) in used(&file) {
                if name != folder
                    && !allowed.contains(&name)
                    && !EVERYWHERE.contains(&name.as_str())
                {
                    let file = file.strip_prefix(source()).unwrap().display();
                    wrong.push(format!("{file}:{line} uses `crate::{name}`"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_folder_uses_one_above_it() {
    let folders = declared();
    let architecture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ARCHITECTURE.md");
    let architecture = fs::read_to_string(architecture).unwrap();
    // A row of the table for each folder, the highest first: "| `cli/` | …".
    let rows: Vec<_> = architecture
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("/` |"))
        .map(|(folder, _)| folder)
        .filter(|folder| folders.contains_key(*folder))
        .collect();
    let layer = |folder: &str| {
        let layer = rows.iter().position(|row| *row == folder);
        layer.unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for `{folder}/`"))
    };
    for (folder, uses) in &folders {
        for used in uses {
            assert!(
                layer(folder) < layer(used),
                "`{folder}` uses `{used}`, which is not below it in ARCHITECTURE.md"
            );
        }
    }
}
