//! `info`: what a UDF is, for people and for programs.

use std::fmt::Write as _;

use super::arguments::InfoFormat;
use super::{help, json};
use crate::udf::Spec;
use crate::udf::options::{OptionSpec, Shape};

/// All UDFs of a program.
pub(super) fn all(specs: &[Spec], format: InfoFormat) -> String {
    match format {
        InfoFormat::Text => specs.iter().map(help::about).collect::<Vec<_>>().join("\n"),
        InfoFormat::Json => {
            json::list(specs.iter().map(|spec| json(spec).trim_end().to_owned())) + "\n"
        }
    }
}

/// One UDF as JSON.
pub(super) fn json(spec: &Spec) -> String {
    let mut text = String::new();
    // Writing into a String does not fail.
    let _ = writeln!(
        text,
        "{{\"name\": {}, \"version\": {}, \"docs\": {}, \"wants\": {}, \"provides\": {}, \"options\": {}}}",
        json::Text(spec.name),
        json::Text(spec.version),
        json::Text(spec.docs),
        json::Text(help::edge_name(spec.wants)),
        json::Text(help::edge_name(spec.provides)),
        json::list(spec.options.iter().map(option)),
    );
    text
}

fn option(option: &OptionSpec) -> String {
    format!(
        "{{\"name\": {}, \"docs\": {}, \"arguments\": {}, \"argument_names\": {}, \"call\": {}, \"default\": {}, \"range\": {}, \"choices\": {}}}",
        json::Text(option.name),
        json::Text(option.docs),
        json::list(
            option
                .types
                .iter()
                .map(|kind| json::Text(kind.as_str_name()))
        ),
        json::list(option.args.iter().map(|name| json::Text(name))),
        json::Text(match option.shape {
            Shape::Required => "required",
            Shape::Optional => "optional",
            Shape::Repeatable => "repeatable",
            Shape::Flag => "flag",
        }),
        json::optional(option.default.as_deref()),
        json::optional(option.range.as_deref()),
        json::list(option.choices.iter().map(|choice| json::Text(choice))),
    )
}
