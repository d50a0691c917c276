//! Nothing that is generated sets off a lint.

#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications, rust_2018_idioms)]
#![deny(non_local_definitions, unused, clippy::all, clippy::pedantic)]

use std::time::Duration;

use udf_runtime::{prelude::*, state};

/// A UDF with docs
///
/// of several
/// lines | and a bar.
#[udf(stream)]
pub struct Public {
    /// Has docs
    /// of several lines.
    #[option(default = 10, range = 1..=100)]
    pub size: u32,
    /** In a block,
     * with stars. */
    #[option(default = "1m30s", range = "1s"..)]
    pub every: Duration,
    #[state]
    seen: u64,
    #[skip]
    last: Option<Point>,
}

impl OnPoint for Public {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        self.seen += 1;
        if self.seen % u64::from(self.size) == 0 && !self.every.is_zero() {
            out.point(point.clone())?;
        }
        self.last = Some(point);
        Ok(())
    }
}

/// A choice.
#[derive(Clone, Copy, OptionValue)]
pub enum Choice {
    /// One.
    One,
    /// The other.
    Other,
}

/// A state.
#[state]
#[derive(Default)]
pub struct State {
    /// A field.
    pub field: u32,
}

/// Private ones, used by a handler alone.
mod private {
    use udf_runtime::prelude::*;

    #[udf(batch)]
    struct Private;

    impl OnBatch for Private {
        fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
            out.batch(batch)
        }
    }
}

fn main() {
    let _ = udf_runtime::UdfHandler::<Public>::new();
    let _ = (Choice::One, Choice::Other, State::default().field);
}
