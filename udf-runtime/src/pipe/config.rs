//! How a pipe is to work.

use std::path::PathBuf;
use std::time::Duration;

use crate::line::Precision;

/// How a pipe is to work. The default reads the standard input, groups nothing, and goes on after
/// a bad line.
#[derive(Clone, Debug, Default)]
pub struct PipeConfig {
    /// The UDF's options, as TICKscript would give them.
    pub options: Vec<udf_proto::Option>,
    /// Files to read, one after the other; `-` is the standard input. Without any, it alone is
    /// read.
    pub files: Vec<PathBuf>,
    /// What points are grouped by.
    pub group_by: GroupBy,
    /// Whether they are grouped by their name, too.
    pub by_name: bool,
    /// The points' own time that a batch spans; without it, a batch ends with the input. Only for
    /// a UDF that wants batches.
    pub period: Option<Duration>,
    /// The unit of times in the input, and in the output: there, what is finer is cut off.
    pub precision: Precision,
    /// Whether the input ends, as a failure, at the first bad line.
    pub strict: bool,
    /// Whether the end is told by a line on the standard error: for a person at a terminal.
    pub summary: bool,
    /// What the UDF is told as the name of its node.
    pub node_id: String,
}

/// What points are grouped by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GroupBy {
    /// Nothing: all points are in one group.
    #[default]
    Nothing,
    /// These tags. Their order does not count, and a point that lacks one has it empty.
    Tags(Vec<String>),
    /// All the tags that a point has, `*`.
    AllTags,
}

impl GroupBy {
    /// Reads what follows `--group-by`: tags with commas between them, or `*`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(GroupBy::AllTags);
        }
        let tags: Vec<_> = text.split(',').map(str::to_owned).collect();
        if tags.iter().any(String::is_empty) {
            return Err(format!(
                "`{text}` names no tags: give tag,tag,… or '*' for all"
            ));
        }
        if tags.iter().any(|tag| tag == "*") {
            return Err(format!("`{text}`: '*' means all tags, so it stands alone"));
        }
        Ok(GroupBy::Tags(tags))
    }
}
