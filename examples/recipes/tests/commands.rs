//! The commands in the headers of the recipes do something.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The command that a recipe's header shows, as words.
fn command(source: &str) -> Option<Vec<&str>> {
    let header = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut words: Vec<_> = header
        .skip_while(|line| !line.starts_with(" cargo run "))
        .take_while(|line| !line.starts_with(" ```"))
        .flat_map(str::split_whitespace)
        .collect();
    words.retain(|word| *word != "\\");
    (!words.is_empty()).then_some(words)
}

#[test]
fn the_commands_of_the_headers_do_something() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let programs = Path::new(env!("CARGO_BIN_EXE_forecast"))
        .parent()
        .expect("a folder");
    let mut run = 0;
    for recipe in fs::read_dir(package.join("src/bin")).expect("the recipes") {
        let recipe = recipe.expect("a recipe").path();
        let source = fs::read_to_string(&recipe).expect("its source");
        let Some(command) = command(&source) else {
            continue;
        };
        let name = recipe.file_stem().expect("a name").to_string_lossy();
        let expected = ["cargo", "run", "-p", "udf-recipes", "--bin", &name, "--"];
        let (cargo, arguments) = command.split_at(expected.len());
        assert_eq!(cargo, expected);
        let ran = Command::new(programs.join(&*name))
            .args(arguments)
            .current_dir(package.join("../.."))
            .output()
            .expect("the program starts");
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{command:?}: {errors}");
        assert!(!ran.stdout.is_empty(), "{command:?}: {errors}");
        run += 1;
    }
    assert!(run > 0, "no recipe has a command");
}
