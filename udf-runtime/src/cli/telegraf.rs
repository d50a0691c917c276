//! `config --telegraf`: the section of telegraf.conf, ready to paste.

use std::env;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::arguments::command_name;
use super::config::toml_text;
use crate::udf::Spec;
use crate::udf::options::{Shape, example_assignment};

/// A `processors.execd` that runs the UDF on all metrics, with every option that it needs.
pub(super) fn section(spec: &Spec, several: bool) -> io::Result<String> {
    let mut command = vec![toml_text(&env::current_exe()?)];
    let mut add = |text: &str| command.push(toml_text(Path::new(text)));
    if several {
        add(&command_name(spec.name));
    }
    add("pipe");
    for option in &spec.options {
        if matches!(option.shape, Shape::Required | Shape::Repeatable) {
            add("--set");
            add(&example_assignment(option));
        }
    }
    add("--telegraf");
    let mut text = String::from("[[processors.execd]]\n");
    // Writing into a String does not fail.
    let _ = writeln!(text, "  command = [{}]", command.join(", "));
    text.push_str("  restart_delay = \"1s\"\n");
    text.push_str(
        "  # Add --state FILE to keep the state over restarts. Metrics that should not go through the UDF:\n  \
         # namedrop = [\"…\"]\n",
    );
    Ok(text)
}
