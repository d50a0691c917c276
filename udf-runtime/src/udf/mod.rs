//! The author's layer: what `#[udf]` implements, and the [`Handler`](crate::Handler) over it.

// Uses `agent` (the trait `Handler`), `output`, `data` and `process`.

mod complaints;
pub(crate) mod generated;
mod handler;
pub(crate) mod hooks;
pub mod options;
mod pass;
mod spec;
pub mod state;
mod task;

pub use handler::UdfHandler;
pub use hooks::{CustomState, MigrateState, OnBatch, OnPoint};
pub use spec::{OnError, OnRestoreError, Spec};
pub use task::Task;

use std::time::Duration;

use crate::bail;
use crate::data::{Batch, Point};
use crate::error::Result;
use crate::output::Output;
use crate::udf::options::OptionErrors;
use crate::udf::state::OldState;

/// What `#[udf]` implements for a struct.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a UDF",
    label = "not a UDF",
    note = "`#[udf(stream)]` above the struct makes it one; the edges of a UDF are `stream`, \
            `batch`, `stream -> batch` or `batch -> stream`"
)]
pub trait Udf: Sized + Send + 'static {
    /// [`StreamOutput`](crate::StreamOutput) or [`BatchOutput`](crate::BatchOutput).
    type Output: Output;

    /// [`Spec::name`], for checks at compile time.
    #[doc(hidden)]
    const NAME: &'static str;

    /// Name, docs, edges, options and policies.
    fn spec() -> Spec;

    /// Builds the UDF from the options of an `InitRequest`, in their order.
    ///
    /// # Errors
    /// Every problem of the options, all at once.
    #[doc(hidden)]
    fn from_options(calls: &[udf_proto::Option]) -> Result<Self, OptionErrors>;

    /// Name of the option whose value has a text at this address.
    #[doc(hidden)]
    fn option_at(&self, address: usize) -> Option<&'static str> {
        let _ = address;
        None
    }

    /// Calls `on_init`.
    ///
    /// # Errors
    /// Refuses the `Init` with the error's text.
    #[doc(hidden)]
    fn init(&mut self, task: &Task) -> Result<()>;

    /// Calls `on_point`, in a UDF that wants a stream.
    ///
    /// # Errors
    /// Ends the UDF, or does what [`OnError`] says.
    #[doc(hidden)]
    fn point(&mut self, point: Point, out: &mut Self::Output) -> Result<()> {
        let _ = (point, out);
        bail!("expected a batch, found a point")
    }

    /// Calls `on_batch`, in a UDF that wants batches.
    ///
    /// # Errors
    /// Ends the UDF, or does what [`OnError`] says.
    #[doc(hidden)]
    fn batch(&mut self, batch: Batch, out: &mut Self::Output) -> Result<()> {
        let _ = (batch, out);
        bail!("expected a point, found a batch")
    }

    /// How often `on_tick` is called, by the wall clock.
    #[doc(hidden)]
    fn tick_every(&self) -> Option<Duration> {
        None
    }

    /// Calls `on_tick`.
    ///
    /// # Errors
    /// Ends the UDF.
    #[doc(hidden)]
    fn tick(&mut self, now: i64, out: &mut Self::Output) -> Result<()>;

    /// Calls `on_stop`.
    ///
    /// # Errors
    /// Fails the task.
    #[doc(hidden)]
    fn stop(&mut self, out: &mut Self::Output) -> Result<()>;

    /// The state as bytes; none if there is nothing to keep.
    ///
    /// # Errors
    /// Ends the UDF.
    #[doc(hidden)]
    fn snapshot(&mut self) -> Result<Vec<u8>>;

    /// Takes back a state of the version that [`Spec::state_version`] says.
    ///
    /// # Errors
    /// Refuses the snapshot, or does what [`OnRestoreError`] says.
    #[doc(hidden)]
    fn restore(&mut self, state: &[u8]) -> Result<()>;

    /// Takes over a state of an older version; `None` if the UDF cannot.
    #[doc(hidden)]
    fn migrate(&mut self, version: u32, old: OldState<'_>) -> Option<Result<()>> {
        let _ = (version, old);
        None
    }
}
