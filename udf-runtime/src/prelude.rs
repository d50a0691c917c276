//! All that a UDF needs: `use udf_runtime::prelude::*`.

pub use std::time::Duration;

pub use log::{debug, error, info, trace, warn};

pub use crate::data::{Batch, FieldValue, PerGroup, Point};
pub use crate::error::{Context, Error, Result};
pub use crate::output::{BatchOutput, StreamOutput};
pub use crate::udf;
pub use crate::udf::options::OptionValue;
pub use crate::udf::{CustomState, MigrateState, OnBatch, OnPoint, Task};
pub use crate::{bail, ensure};
pub use udf_macros::{OptionValue, state};
