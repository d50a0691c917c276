//! `--help`: fits a screen, and shows the UDF's own options.

use std::fmt::Write as _;

use udf_proto::EdgeType;

use super::arguments::command_name;
use crate::udf::Spec;
use crate::udf::options::{OptionSpec, Shape};

/// Help of a program with one UDF, or of one of its UDFs.
pub(super) fn of(invoked: &str, spec: &Spec) -> String {
    let batches = if spec.wants == EdgeType::Batch {
        "  --period TIME        length of a batch, by the points' own time [the whole input]\n"
    } else {
        ""
    };
    let state = if spec.keeps_state {
        "  --state FILE         restore the state from a file, and write it there at the end\n  \
         --state-every TIME   and every so often\n"
    } else {
        ""
    };
    format!(
        "{about}
Usage:
  {invoked} [SERVE…]          serve Kapacitor on stdin and stdout
  {invoked} pipe [FILE…]      read line protocol, write line protocol
  {invoked} info [--format json]
  {invoked} config [--socket PATH] [--tickscript] [--telegraf]

Serve:
  --socket PATH        listen on a Unix socket instead, a UDF for each connection
  --socket-mode MODE   its mode [0660]
  --until-stdin-closes
                       with --socket: stop when standard input ends
  --drain-limit TIME   how long connections outlive a reload by SIGHUP [1d]
  --call-limit TIME    how long one callback may take [5m]
  --message-limit N    bytes of one message at most [67108864]

Pipe:
  --set NAME=VALUE     set an option of the UDF; NAME=A,B for several arguments
  --group-by TAG,…     group by tags, or by '*' for all of them
  --by-name            group by the measurement, too
{batches}{state}  --precision UNIT     ns, us, ms or s: what the times are in [ns]
  --strict             stop at the first bad line
  --telegraf           run as a plugin of Telegraf, as config --telegraf has it

UDF_LOG=off|error|warn|info|debug|trace says what is logged [info].
",
        about = about(spec),
    )
}

/// Help of a program with several UDFs.
pub(super) fn of_all(program: &str, specs: &[Spec]) -> String {
    let mut text = format!(
        "{program}: {} UDFs for Kapacitor\n\nUsage:\n  {program} UDF …          run one of them\n  \
         {program} info|config    show all of them\n\nUDFs:\n",
        specs.len()
    );
    let width = specs
        .iter()
        .map(|spec| spec.name.len())
        .max()
        .unwrap_or_default();
    for spec in specs {
        let summary = spec.docs.lines().next().unwrap_or_default();
        // Writing into a String does not fail.
        let _ = writeln!(text, "  {:width$}  {summary}", command_name(spec.name));
    }
    let _ = writeln!(
        text,
        "\n{program} UDF --help shows the help of one of them."
    );
    text
}

pub(super) fn version_of_all(program: &str, specs: &[Spec]) -> String {
    let version = specs.first().map_or("", |spec| spec.version);
    format!("{program} {version}\n")
}

pub(super) fn edge_name(edge: EdgeType) -> &'static str {
    match edge {
        EdgeType::Stream => "stream",
        EdgeType::Batch => "batch",
    }
}

/// What a UDF is: name, docs, edges and options.
pub(super) fn about(spec: &Spec) -> String {
    let mut text = format!(
        "{} {} ({} -> {})\n",
        spec.name,
        spec.version,
        edge_name(spec.wants),
        edge_name(spec.provides)
    );
    if !spec.docs.is_empty() {
        text.push_str(spec.docs);
        text.push('\n');
    }
    text.push_str(&options(&spec.options));
    text
}

/// A table of options: call, what it defaults to, what it is.
fn options(options: &[OptionSpec]) -> String {
    if options.is_empty() {
        return "\nThe UDF has no options.\n".to_owned();
    }
    let rows: Vec<_> = options
        .iter()
        .map(|option| {
            [
                option.signature(),
                necessity(option),
                [option.docs.replace('\n', " "), allowed(option)]
                    .join(" ")
                    .trim()
                    .to_owned(),
            ]
        })
        .collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or_default()
    };
    let (first, second) = (width(0), width(1));
    let mut text = "\nOptions of the UDF:\n".to_owned();
    for [call, necessity, docs] in &rows {
        let line = format!("  {call:first$}  {necessity:second$}  {docs}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn necessity(option: &OptionSpec) -> String {
    match (&option.default, option.shape) {
        (Some(default), _) => format!("[{default}]"),
        (None, Shape::Required) => "required".to_owned(),
        (None, Shape::Optional) => "optional".to_owned(),
        (None, Shape::Repeatable) => "repeatable".to_owned(),
        (None, Shape::Flag) => "flag".to_owned(),
    }
}

fn allowed(option: &OptionSpec) -> String {
    if !option.choices.is_empty() {
        return format!("One of: {}.", option.choices.join(", "));
    }
    option
        .range
        .as_ref()
        .map_or_else(String::new, |range| format!("Goes {range}."))
}
