//! What a program says about its UDFs: the JSON of `info --format json`.

use serde::{Deserialize, Serialize};

/// A UDF of a program.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Udf {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) docs: String,
    pub(crate) wants: Edge,
    pub(crate) provides: Edge,
    pub(crate) options: Vec<OptionInfo>,
}

/// What a UDF takes or sends.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Edge {
    Stream,
    Batch,
}

/// An option of a UDF. Values are as TICKscript writes them.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct OptionInfo {
    pub(crate) name: String,
    pub(crate) docs: String,
    /// The types of the arguments of one call; none for a flag.
    pub(crate) arguments: Vec<ArgumentType>,
    pub(crate) argument_names: Vec<String>,
    pub(crate) call: Calls,
    pub(crate) default: Option<String>,
    /// The range in words.
    pub(crate) range: Option<String>,
    /// The range of each argument. Programs of an older SDK do not have it.
    #[serde(default)]
    pub(crate) ranges: Vec<Limits>,
    pub(crate) choices: Vec<String>,
    /// A call that the UDF takes, or placeholders as `<STRING>`.
    #[serde(default)]
    pub(crate) example: Vec<String>,
}

/// The type of an argument.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ArgumentType {
    Bool,
    Int,
    Double,
    String,
    Duration,
}

/// How often an option is called.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Calls {
    Required,
    Optional,
    Repeatable,
    Flag,
}

/// The range of an argument.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Limits {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    /// Whether `to` itself lies outside.
    pub(crate) below_to: bool,
}

/// The UDFs of a program: `info` prints one as an object, and several as a list.
pub(super) fn parse(json: &[u8]) -> serde_json::Result<Vec<Udf>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Program {
        One(Box<Udf>),
        Several(Vec<Udf>),
    }
    Ok(match serde_json::from_slice(json)? {
        Program::One(udf) => vec![*udf],
        Program::Several(udfs) => udfs,
    })
}
