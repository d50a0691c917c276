//! What a UDF says of itself.

use udf_proto::EdgeType;

use crate::agent::Info;
use crate::udf::options::OptionSpec;

/// What a UDF says of itself: its name, edges, options and policies.
///
/// `#[udf]` makes it from the struct; `info`, `config`, `--help` and the answer to Kapacitor's
/// `Info` are all read from here, so that nothing is declared twice.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Spec {
    /// Name of the UDF, as TICKscript calls it: `@name()`.
    pub name: &'static str,
    /// The struct's doc comment, lines joined by `\n`.
    pub docs: &'static str,
    /// Version of the package that the UDF is part of.
    pub version: &'static str,
    /// Shape in which data arrives.
    pub wants: EdgeType,
    /// Shape in which data leaves.
    pub provides: EdgeType,
    /// The options, in the order of the struct's fields.
    pub options: Vec<OptionSpec>,
    /// What an error of one point or batch does.
    pub on_error: OnError,
    /// What becomes of a snapshot that does not fit.
    pub on_restore_error: OnRestoreError,
    /// Version of the state. A snapshot of another version is migrated, or does not fit.
    pub state_version: u32,
    /// Whether there is anything that a snapshot holds.
    pub keeps_state: bool,
    /// Whether the author's own code restores it.
    #[doc(hidden)]
    pub custom_state: bool,
}

impl Spec {
    /// A UDF without options and state.
    #[doc(hidden)]
    #[must_use]
    pub fn new(name: &'static str, wants: EdgeType, provides: EdgeType) -> Self {
        Self {
            name,
            docs: "",
            version: "",
            wants,
            provides,
            options: Vec::new(),
            on_error: OnError::default(),
            on_restore_error: OnRestoreError::default(),
            state_version: 1,
            keeps_state: false,
            custom_state: false,
        }
    }

    /// What Kapacitor has to know of it.
    pub(super) fn info(&self) -> Info {
        let options = self.options.iter();
        options.fold(Info::new(self.wants), |info, option| {
            info.option(option.name, &option.types)
        })
    }
}

/// What an error of one point or batch does: `#[udf(…, on_error = "…")]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnError {
    /// The UDF ends, and the task's status shows the error.
    #[default]
    Stop,
    /// The error is logged, and the point or batch dropped.
    Drop,
    /// The error is logged, and the point or batch passed on unchanged.
    Pass,
}

/// What becomes of a snapshot that does not fit: `#[udf(…, on_restore_error = "…")]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnRestoreError {
    /// The UDF refuses it, which fails the task until its snapshot is deleted.
    #[default]
    Refuse,
    /// The error is logged, and the UDF starts with fresh state.
    Fresh,
}
