//! All that generated code names, and nothing that is meant for people: it may change in any
//! version, which the macros' exact version takes into account.
#![expect(
    missing_debug_implementations,
    missing_docs,
    reason = "only generated code uses these"
)]

pub(crate) mod default;
mod implements;
pub(crate) mod state;

pub use core::{
    default::Default,
    marker::{Send, Sized},
    num::NonZero,
    option::Option,
    result::Result,
    time::Duration,
};
pub use std::{boxed::Box, string::String, vec::Vec};

pub use serde;
pub use udf_proto::{EdgeType, Option as Call};

pub use self::{
    default::{Check, CheckResult, IntoBound, IntoDefault, closure_check},
    implements::{DoesNotImplement, Implements},
    state::{
        Expire, Fresh, IsNoStateStruct, IsStateStruct, KeepSettings, KeepsNoSettings, Period,
        Restored, StateField, StateStruct, Stored,
    },
};
pub use crate::data::{Batch, Point};
pub use crate::error::Error;
pub use crate::output::{BatchOutput, StreamOutput};
pub use crate::udf::options::{
    Declared, OptionErrors, OptionField, OptionReader, OptionValue, ValueError,
};
pub use crate::udf::state::{OldState, StateReader, StateWriter};
pub use crate::udf::{
    CustomState, MigrateState, OnBatch, OnError, OnPoint, OnRestoreError, Spec, Task, Udf,
};

/// A `String`, where `ToOwned` may not be in scope.
pub fn text(text: &str) -> String {
    text.to_owned()
}
