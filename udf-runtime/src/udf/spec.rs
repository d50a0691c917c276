//! What a UDF says of itself.

use std::time::Duration;

use udf_proto::EdgeType;

use crate::agent::Info;
use crate::udf::options::OptionSpec;

/// What a UDF says of itself: its name, edges, options and policies.
///
/// `#[udf]` makes it from the struct; `info`, `config`, `--help` and the answer to Kapacitor's
/// `Info` are all read from here, so that nothing is declared twice.
#[derive(Clone, Debug)]
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
    /// How often `on_tick` is called, by the wall clock.
    pub tick: Option<Duration>,
    /// What an error of one point or batch does.
    pub on_error: OnError,
    /// What a snapshot does that no longer fits.
    pub on_restore_error: OnRestoreError,
    /// Version of the state's layout; a snapshot of another one does not fit.
    pub state_version: u32,
    /// Whether there is anything that a snapshot would hold.
    pub keeps_state: bool,
}

impl Spec {
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
pub enum OnError {
    /// The UDF ends, and the task's status tells the error. The protocol's own way.
    #[default]
    Stop,
    /// The error is logged, the point or batch dropped.
    Drop,
    /// The error is logged, the point or batch handed on as it came.
    Pass,
}

/// What a snapshot does that no longer fits: `#[udf(…, on_restore_error = "…")]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRestoreError {
    /// It is refused, which fails the task until its snapshot is gone.
    #[default]
    Refuse,
    /// It is logged and dropped, and the UDF starts with fresh state.
    Fresh,
}
