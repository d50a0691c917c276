//! What a run of a UDF is given: its options, and how `pipe` makes groups and batches of the data.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use udf_runtime::line::Precision;

use super::schema::Udf;

/// The settings of a run.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Name of the UDF.
    pub(crate) udf: String,
    pub(crate) options: Vec<Call>,
    /// Tags with commas between them, or `*`; empty for no groups.
    pub(crate) group_by: String,
    /// Groups by the measurement as well.
    pub(crate) by_name: bool,
    /// The time span of a batch; empty for one batch of all data.
    pub(crate) period: String,
    pub(crate) precision: Unit,
}

/// A call of an option.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) name: String,
    /// The arguments, strings without quotes; none for a flag.
    pub(crate) values: Vec<String>,
}

/// The unit of times.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Unit {
    #[default]
    Ns,
    Us,
    Ms,
    S,
}

impl Unit {
    pub(crate) fn precision(self) -> Precision {
        match self {
            Unit::Ns => Precision::Nanoseconds,
            Unit::Us => Precision::Microseconds,
            Unit::Ms => Precision::Milliseconds,
            Unit::S => Precision::Seconds,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Unit::Ns => "ns",
            Unit::Us => "us",
            Unit::Ms => "ms",
            Unit::S => "s",
        }
    }
}

impl Call {
    /// Reads `--set NAME=VALUE`, by the number of arguments that the option takes. What is wrong with it is
    /// the UDF's to say.
    pub(crate) fn parse(assignment: &str, udf: &Udf) -> Call {
        let (name, given) = match assignment.split_once('=') {
            Some((name, given)) => (name, Some(given)),
            None => (assignment, None),
        };
        let option = udf.options.iter().find(|option| option.name == name);
        let takes = option.map_or(1, |option| option.arguments.len());
        let values = match (takes, given) {
            (_, None) | (0, Some("true" | "TRUE")) => Vec::new(),
            (0 | 1, Some(given)) => vec![given.to_owned()],
            (_, Some(given)) => split(given),
        };
        let name = name.to_owned();
        Call { name, values }
    }

    /// The value of `--set`.
    pub(crate) fn assignment(&self) -> String {
        match &*self.values {
            [] => self.name.clone(),
            [value] => format!("{}={value}", self.name),
            values => {
                let escaped = values
                    .iter()
                    .map(|value| value.replace('\\', "\\\\").replace(',', "\\,"));
                format!("{}={}", self.name, escaped.collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// Splits at the commas that have no backslash before them.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let escaped = match char {
            '\\' => chars.next_if(|next| matches!(next, ',' | '\\')),
            _ => None,
        };
        if char == ',' {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(escaped.unwrap_or(char));
        }
    }
    parts
}

impl Settings {
    /// The arguments of `pipe` that stand for the settings.
    pub(crate) fn flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        if !self.group_by.is_empty() {
            flags.extend(["--group-by".to_owned(), self.group_by.clone()]);
        }
        if self.by_name {
            flags.push("--by-name".to_owned());
        }
        if !self.period.is_empty() {
            flags.extend(["--period".to_owned(), self.period.clone()]);
        }
        if self.precision != Unit::default() {
            flags.extend(["--precision".to_owned(), self.precision.name().to_owned()]);
        }
        for call in &self.options {
            flags.extend(["--set".to_owned(), call.assignment()]);
        }
        flags
    }

    /// The period in nanoseconds, if there is one that can be read.
    pub(crate) fn period_nanoseconds(&self) -> Option<i64> {
        let period = udf_tickscript::parse_duration(&self.period).ok()?;
        i64::try_from(period.as_nanos()).ok()
    }
}

/// How the command line gives settings, as `pipe` does.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SettingsArguments {
    /// Files of line protocol
    #[arg(required = true, value_name = "DATA.lp")]
    pub(crate) files: Vec<PathBuf>,
    /// The UDF, of a program that has several
    #[arg(long, value_name = "NAME")]
    pub(crate) udf: Option<String>,
    /// An option of the UDF; several arguments have commas between them
    #[arg(long, value_name = "OPTION=VALUE")]
    pub(crate) set: Vec<String>,
    /// Tags to group by, or '*' for all of them
    #[arg(long, value_name = "TAG,…")]
    pub(crate) group_by: Option<String>,
    /// Group by the measurement as well
    #[arg(long)]
    pub(crate) by_name: bool,
    /// Time span of a batch, as 1m; one batch of all data without it
    #[arg(long, value_name = "DURATION")]
    pub(crate) period: Option<String>,
    /// Unit of the times in the data
    #[arg(long, value_enum, default_value = "ns")]
    pub(crate) precision: Unit,
}

impl SettingsArguments {
    /// The settings of a UDF.
    pub(crate) fn settings(&self, udf: &Udf) -> Settings {
        Settings {
            udf: udf.name.clone(),
            options: self.set.iter().map(|set| Call::parse(set, udf)).collect(),
            group_by: self.group_by.clone().unwrap_or_default(),
            by_name: self.by_name,
            period: self.period.clone().unwrap_or_default(),
            precision: self.precision,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_arguments_survive_the_command_line() {
        let values = ["a,b", "c\\", ""].map(str::to_owned).to_vec();
        let name = "pair".to_owned();
        let assignment = Call { name, values }.assignment();
        assert_eq!(assignment, r"pair=a\,b,c\\,");
        let (_, given) = assignment.split_once('=').unwrap();
        assert_eq!(split(given), ["a,b", "c\\", ""]);
    }
}
