//! The author's layer: what `#[udf]` implements, and the [`Handler`](crate::Handler) over it.

// Uses `agent` (the trait `Handler`), `output`, `data` and `process`.

mod complaints;
pub(crate) mod generated;
mod handler;
pub mod options;
mod spec;
pub mod state;
mod task;

pub use handler::UdfHandler;
pub use spec::{OnError, OnRestoreError, Spec};
pub use task::Task;

use crate::data::{Batch, Point};
use crate::error::Result;
use crate::output::Output;
use crate::udf::options::OptionErrors;

/// What `#[udf]` implements for a struct.
///
/// Everything has to be there: the macro fills in what its author left out, so that nothing is
/// forgotten silently.
///
/// No method has the name of a hook that an author writes (`on_point`, `snapshot`), so that having
/// this trait in scope beside a struct with `#[udf]` does not stand in the way of finding the hooks.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no UDF",
    label = "not a UDF",
    note = "`#[udf(stream)]` above the struct makes it one; a UDF is `stream`, `batch`, \
            `stream -> batch` or `batch -> stream`"
)]
pub trait Udf: Sized + Send + 'static {
    /// [`StreamOutput`](crate::StreamOutput) or [`BatchOutput`](crate::BatchOutput).
    type Output: Output;

    /// Name, docs, edges, options and policies.
    fn spec() -> Spec;

    /// Builds the UDF from the options of an `InitRequest`, in their order.
    ///
    /// # Errors
    /// Every problem of the options, all at once.
    fn from_options(calls: &[udf_proto::Option]) -> Result<Self, OptionErrors>;

    /// Called once, after the options were read and before anything else.
    ///
    /// # Errors
    /// Refuses the `Init` with the error's text.
    fn init(&mut self, task: &Task) -> Result<()>;

    /// Called for each point of a UDF that wants a stream.
    ///
    /// # Errors
    /// Ends the UDF, or what its [`OnError`] says.
    fn point(&mut self, point: Point, out: &mut Self::Output) -> Result<()>;

    /// Called for each whole batch of a UDF that wants batches.
    ///
    /// # Errors
    /// Ends the UDF, or what its [`OnError`] says.
    fn batch(&mut self, batch: Batch, out: &mut Self::Output) -> Result<()>;

    /// Called by the wall clock, where [`Spec::tick`] says how often.
    ///
    /// # Errors
    /// Ends the UDF.
    fn tick(&mut self, out: &mut Self::Output) -> Result<()>;

    /// Called once after the last input; may still send.
    ///
    /// # Errors
    /// Ends the UDF with an error instead of quietly.
    fn stop(&mut self, out: &mut Self::Output) -> Result<()>;

    /// The state in an encoding of its own; empty where there is nothing to keep.
    ///
    /// # Errors
    /// Ends the UDF.
    fn save(&mut self) -> Result<Vec<u8>>;

    /// Takes a state back, wholly or not at all.
    ///
    /// # Errors
    /// Refuses the snapshot, or what its [`OnRestoreError`] says.
    fn load(&mut self, state: &[u8]) -> Result<()>;
}
