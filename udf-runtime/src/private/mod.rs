//! All that generated code names, and nothing that is meant for people: it may change in any
//! version, which the macros' exact version takes into account.

mod default;
pub mod hooks;
mod state;

pub use core::{
    default::Default, marker::Sized, num::NonZero, option::Option, result::Result, time::Duration,
};
pub use std::{string::String, vec::Vec};

pub use serde;
pub use udf_proto::{EdgeType, Option as Call};

pub use self::{
    default::{IntoBound, IntoDefault, validated},
    state::{StateField, expire, fresh},
};
pub use crate::{
    Batch, BatchOutput, Error, PerGroup, Point, StreamOutput,
    options::{
        Declared, OptionErrors, OptionSpec, OptionValue, Reader as OptionReader, ValueError,
    },
    state::{Reader as StateReader, Writer as StateWriter},
    udf::{OnError, OnRestoreError, Spec, Task, Udf, UdfHandler},
};
