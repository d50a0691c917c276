//! All that a UDF needs: `use udf_runtime::prelude::*`.

pub use std::time::Duration;

pub use log::{debug, error, info, trace, warn};

pub use crate::{
    Batch, BatchOutput, FieldValue, PerGroup, Point, Result, StreamOutput, Task, bail,
    options::OptionValue, udf,
};
pub use udf_macros::{OptionValue, state};
