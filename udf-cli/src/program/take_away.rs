//! What a user takes to Kapacitor or to a shell: the settings as a TICKscript, a section of
//! kapacitor.conf, and commands.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;
use udf_tickscript::{show_double, show_string};

use super::Program;
use super::schema::{ArgumentType, Edge, Udf};
use super::settings::{Call, Settings};

/// The same settings in all languages that a user may need.
#[derive(Debug, Serialize)]
pub(crate) struct TakeAway {
    pub(crate) tickscript: String,
    pub(crate) config: String,
    /// Runs the UDF in a shell.
    pub(crate) pipe: String,
    /// Draws the picture.
    pub(crate) plot: String,
    /// Opens the page again.
    pub(crate) play: String,
}

/// Writes the settings of a UDF of the program.
pub(crate) fn take_away(
    program: &Program,
    udf: &Udf,
    settings: &Settings,
    files: &[PathBuf],
    measurement: &str,
) -> TakeAway {
    let files: Vec<_> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let flags = settings.flags();
    let command = |words: &[&str], flags: &[String]| {
        let words = words.iter().map(|word| (*word).to_owned());
        let words = words
            .chain(files.iter().cloned())
            .chain(flags.iter().cloned());
        words
            .map(|word| shell_word(&word))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let name = program.before_command(&udf.name).next();
    let mut pipe = vec![&*program.shown];
    pipe.extend(name.as_deref());
    pipe.push("pipe");
    let mut own_flags = flags.clone();
    if name.is_some() {
        own_flags.splice(0..0, ["--udf".to_owned(), udf.name.clone()]);
    }
    TakeAway {
        tickscript: tickscript(udf, settings, measurement),
        config: config(program, udf),
        pipe: command(&pipe, &flags),
        plot: command(&["udf", "plot", &program.shown], &own_flags) + " > plot.svg",
        play: command(&["udf", "play", &program.shown], &own_flags),
    }
}

fn tickscript(udf: &Udf, settings: &Settings, measurement: &str) -> String {
    let mut script = String::new();
    // Writing into a String does not fail.
    match udf.wants {
        Edge::Stream => {
            let _ = writeln!(
                script,
                "stream\n    |from()\n        .measurement({})",
                show_string(measurement)
            );
        }
        Edge::Batch => {
            let query = format!("SELECT * FROM \"telegraf\".\"autogen\".\"{measurement}\"");
            let (period, remark) = match &*settings.period {
                "" => ("1m", " // all data was one batch: choose a period"),
                period => (period, ""),
            };
            let _ = writeln!(
                script,
                "batch\n    |query({})\n        .period({period}){remark}\n        .every({period})",
                show_string(&query)
            );
        }
    }
    match &*settings.group_by {
        "" => {}
        "*" => script.push_str("        .groupBy(*)\n"),
        tags => {
            let tags: Vec<_> = tags.split(',').map(show_string).collect();
            let _ = writeln!(script, "        .groupBy({})", tags.join(", "));
        }
    }
    if settings.by_name {
        script.push_str("        .groupByMeasurement()\n");
    }
    let _ = writeln!(script, "    @{}()", udf.name);
    for call in &settings.options {
        let _ = writeln!(script, "        {}", show_call(call, udf));
    }
    let _ = writeln!(script, "    |httpOut({})", show_string(&udf.name));
    script
}

/// The options alone, in one line: `.field('usage').size(10)`.
pub(super) fn calls(udf: &Udf, settings: &Settings) -> String {
    settings
        .options
        .iter()
        .map(|call| show_call(call, udf))
        .collect()
}

fn show_call(call: &Call, udf: &Udf) -> String {
    let option = udf.options.iter().find(|option| option.name == call.name);
    let types = option.map_or(&[][..], |option| &option.arguments);
    let values = call.values.iter().enumerate();
    let shown: Vec<_> = values
        .map(|(index, value)| match types.get(index) {
            Some(ArgumentType::Double) => value.parse().map_or_else(|_| value.clone(), show_double),
            Some(ArgumentType::Bool) => value.to_uppercase(),
            Some(ArgumentType::Int | ArgumentType::Duration) => value.clone(),
            Some(ArgumentType::String) | None => show_string(value),
        })
        .collect();
    format!(".{}({})", call.name, shown.join(", "))
}

fn config(program: &Program, udf: &Udf) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let arguments: Vec<_> = program
        .before_command(&udf.name)
        .map(|name| text(&name))
        .collect();
    format!(
        "[udf.functions.{}]\n  prog = {}\n  args = [{}]\n  timeout = \"10s\"\n",
        udf.name,
        text(&program.path.to_string_lossy()),
        arguments.join(", ")
    )
}

/// A word as a POSIX shell reads it.
fn shell_word(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./=,:@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_reaches_a_program_as_it_is() {
        let words = ["plain", "", "two words", "it's", "*", "$HOME", "a=b"];
        let shown: Vec<_> = words.iter().map(|word| shell_word(word)).collect();
        let script = format!("printf '%s\\n' {}", shown.join(" "));
        let shell = std::process::Command::new("sh")
            .args(["-c", &script])
            .output();
        let printed = String::from_utf8(shell.unwrap().stdout).unwrap();
        assert_eq!(printed.lines().collect::<Vec<_>>(), words);
    }
}
