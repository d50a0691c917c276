//! All that generated code names, and nothing that is meant for people: it may change in any
//! version, which the macros' exact version takes into account.
#![expect(
    missing_debug_implementations,
    missing_docs,
    reason = "only generated code uses these"
)]

mod default;
mod implements;
mod state;

pub use core::{
    default::Default, marker::Sized, num::NonZero, option::Option, result::Result, time::Duration,
};
pub use std::{string::String, vec::Vec};

pub use serde;
pub use udf_proto::{EdgeType, Option as Call};

pub use self::{
    default::{IntoBound, IntoDefault, validated},
    implements::{DoesNotImplement, Implements},
    state::{StateField, expire, fresh},
};
pub use crate::data::{Batch, Point};
pub use crate::error::Error;
pub use crate::output::{BatchOutput, StreamOutput};
pub use crate::udf::options::{
    Declared, OptionErrors, OptionField, OptionValue, Reader as OptionReader, ValueError,
};
pub use crate::udf::state::{Reader as StateReader, Writer as StateWriter};
pub use crate::udf::{CustomState, OnBatch, OnError, OnPoint, OnRestoreError, Spec, Task, Udf};

/// An option as its field declares it.
pub fn declared<T, I>(name: &'static str, docs: &'static str) -> Declared<T, I>
where
    T: OptionField<Item = I>,
{
    Declared::new(name, docs)
}

/// The same option with a default.
pub fn with_default<T, I>(
    declared: Declared<T, I>,
    default: impl IntoDefault<T>,
) -> Declared<T, I> {
    declared.default(default.into_default())
}

/// A `String`, where `ToOwned` may not be in scope.
pub fn text(text: &str) -> String {
    text.to_owned()
}
