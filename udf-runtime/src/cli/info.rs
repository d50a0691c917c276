//! `info`: what a UDF is, for people and for programs.

use std::fmt::Write as _;

use super::arguments::InfoFormat;
use super::{help, json};
use crate::udf::Spec;
use crate::udf::options::{OptionSpec, Shape, Value, ValueRange};

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
        "{{\"name\": {}, \"docs\": {}, \"arguments\": {}, \"argument_names\": {}, \"call\": {}, \"default\": {}, \"range\": {}, \"ranges\": {}, \"choices\": {}, \"example\": {}}}",
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
        json::list(option.ranges.iter().map(range)),
        json::list(option.choices.iter().map(|choice| json::Text(choice))),
        json::list(option.example.iter().map(|value| json::Text(value))),
    )
}

/// The range of an argument. Its limits are texts, as TICKscript writes them: JSON's numbers have neither
/// all integers nor durations.
fn range(range: &ValueRange) -> String {
    let limit = |limit: Option<&Value>| json::optional(limit.map(Value::to_string).as_deref());
    format!(
        "{{\"from\": {}, \"to\": {}, \"below_to\": {}}}",
        limit(range.from()),
        limit(range.to()),
        range.is_below_to()
    )
}
