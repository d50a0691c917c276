//! `config`: a section of kapacitor.conf and a TICKscript, ready to paste.

use std::env;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use udf_proto::EdgeType;

use super::arguments::{ConfigRequest, command_name};
use crate::udf::Spec;
use crate::udf::options::Shape;

/// The same of all UDFs of a program.
pub(super) fn all(specs: &[Spec], request: &ConfigRequest) -> io::Result<String> {
    let texts = specs.iter().map(|spec| text(spec, true, request));
    Ok(texts.collect::<io::Result<Vec<_>>>()?.join("\n"))
}

/// The section of kapacitor.conf with the TICKscript as comments, or the TICKscript alone.
pub(super) fn text(spec: &Spec, several: bool, request: &ConfigRequest) -> io::Result<String> {
    let script = tickscript(spec);
    if request.tickscript {
        return Ok(script);
    }
    let name = spec.name;
    let mut text = format!("[udf.functions.{name}]\n");
    // Writing into a String does not fail.
    match &request.socket {
        Some(path) => {
            let _ = writeln!(text, "  socket = {}", toml_text(&absolute(path)?));
        }
        None => {
            let arguments = if several {
                toml_text(Path::new(&command_name(name)))
            } else {
                String::new()
            };
            let _ = writeln!(text, "  prog = {}", toml_text(&env::current_exe()?));
            let _ = writeln!(text, "  args = [{arguments}]");
        }
    }
    text.push_str(
        "  timeout = \"10s\"\n\n# A TICKscript that uses it (--tickscript prints it alone):\n#\n",
    );
    for line in script.lines() {
        text.push_str(format!("#   {line}").trim_end());
        text.push('\n');
    }
    Ok(text)
}

/// A TICKscript that calls the UDF with every required option, and each repeatable one once,
/// because many UDFs need it.
fn tickscript(spec: &Spec) -> String {
    let mut script = match spec.wants {
        EdgeType::Stream => "stream\n    |from()\n        .measurement('cpu')\n        .groupBy('host')\n".to_owned(),
        EdgeType::Batch => "batch\n    |query('SELECT * FROM \"telegraf\".\"autogen\".\"cpu\"')\n        .period(1m)\n        .every(1m)\n        .groupBy('host')\n".to_owned(),
    };
    let _ = writeln!(script, "    @{}()", spec.name);
    for option in &spec.options {
        if matches!(option.shape, Shape::Required | Shape::Repeatable) {
            let _ = writeln!(script, "        {}", option.example_call());
        }
    }
    let _ = writeln!(script, "    |httpOut('{}')", spec.name);
    script
}

fn absolute(path: &Path) -> io::Result<PathBuf> {
    std::path::absolute(path)
}

/// A path as a TOML string.
pub(super) fn toml_text(path: &Path) -> String {
    let mut text = String::from("\"");
    for char in path.to_string_lossy().chars() {
        match char {
            '"' | '\\' => {
                text.push('\\');
                text.push(char);
            }
            char if char.is_control() => {
                let _ = write!(text, "\\u{:04X}", char as u32);
            }
            char => text.push(char),
        }
    }
    text.push('"');
    text
}
