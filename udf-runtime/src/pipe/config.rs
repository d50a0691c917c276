//! The settings of a pipe.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::line::Precision;

/// The settings of a pipe. The default reads the standard input, groups nothing, keeps no state and
/// goes on after a bad line.
///
/// ```
/// use udf_runtime::pipe::{GroupBy, PipeConfig};
///
/// let config = PipeConfig::new()
///     .file("yesterday.lp")
///     .group_by(GroupBy::AllTags)
///     .strict(true);
/// # let _ = config;
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PipeConfig {
    pub(crate) options: Vec<udf_proto::Option>,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) group_by: GroupBy,
    pub(crate) by_name: bool,
    pub(crate) period: Option<Duration>,
    pub(crate) precision: Precision,
    pub(crate) strict: bool,
    pub(crate) summary: bool,
    pub(crate) node_id: String,
    pub(crate) state: Option<PathBuf>,
    pub(crate) state_every: Option<Duration>,
}

impl PipeConfig {
    /// The default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an option of the UDF, as TICKscript would give it.
    #[must_use]
    pub fn option(mut self, option: udf_proto::Option) -> Self {
        self.options.push(option);
        self
    }

    /// Adds a file to read, after those that were added before; `-` is the standard input. Without
    /// any file, the standard input is read.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.push(path.into());
        self
    }

    /// Groups points, as Kapacitor's `groupBy` does.
    #[must_use]
    pub fn group_by(mut self, group_by: GroupBy) -> Self {
        self.group_by = group_by;
        self
    }

    /// Groups points by their name as well.
    #[must_use]
    pub fn by_name(mut self, by_name: bool) -> Self {
        self.by_name = by_name;
        self
    }

    /// The time span of a batch, by the points' own time. Without it, a batch ends with the input. Only
    /// for a UDF that wants batches.
    #[must_use]
    pub fn period(mut self, period: Duration) -> Self {
        self.period = Some(period);
        self
    }

    /// The unit of times in the input and in the output. The output's times are rounded down.
    #[must_use]
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// Ends at the first bad line, as a failure.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Reports at the end what was done, for a person at a terminal.
    #[must_use]
    pub fn summary(mut self, summary: bool) -> Self {
        self.summary = summary;
        self
    }

    /// The name of the UDF's node.
    #[must_use]
    pub fn node_id(mut self, node_id: impl Into<String>) -> Self {
        self.node_id = node_id.into();
        self
    }

    /// Keeps the UDF's state in a file: restored from there before the first line, if the file exists
    /// and is not empty, and written when all input is handled, before the UDF's `stop` is called.
    #[must_use]
    pub fn state(mut self, path: impl Into<PathBuf>) -> Self {
        self.state = Some(path.into());
        self
    }

    /// Writes the state at this interval as well, while input comes.
    #[must_use]
    pub fn state_every(mut self, interval: Duration) -> Self {
        self.state_every = Some(interval);
        self
    }

    /// Whether the standard input is read.
    pub(crate) fn reads_stdin(&self) -> bool {
        self.files.is_empty() || self.files.iter().any(|path| is_stdin(path))
    }
}

/// Whether a path stands for the standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// What points are grouped by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GroupBy {
    /// Nothing: all points are in one group.
    #[default]
    Nothing,
    /// These tags. Their order does not count, and a point without one of them has it empty.
    Tags(Vec<String>),
    /// All the tags that a point has, `*`.
    AllTags,
}

impl GroupBy {
    /// Reads the value of `--group-by`: tags with commas between them, or `*`.
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
