//! The author's hooks: [`OnPoint`] or [`OnBatch`], [`CustomState`] and [`MigrateState`].

use crate::data::{Batch, Point};
use crate::error::{Error, Result};
use crate::output::{BatchOutput, Output, StreamOutput};
use crate::udf::Task;
use crate::udf::state::OldState;

/// What a UDF does with each point of a stream.
///
/// `#[udf(stream)]` asks for `impl OnPoint`, and `#[udf(stream -> batch)]` for
/// `impl OnPoint<BatchOutput>`. Only [`on_point`](Self::on_point) has to be written.
///
/// ```
/// use udf_runtime::prelude::*;
///
/// /// Counts the points, and says how many there were.
/// #[udf(stream)]
/// struct Count {
///     #[state]
///     seen: u64,
/// }
///
/// impl OnPoint for Count {
///     fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
///         self.seen += 1;
///         out.point(point)
///     }
///
///     fn on_stop(&mut self, _: &mut StreamOutput) -> Result<()> {
///         info!("{} points", self.seen);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not implement `OnPoint<{Out}>`",
    label = "the edges in `#[udf(…)]` ask for this trait",
    note = "write `impl OnPoint<{Out}> for {Self}` with \
            `fn on_point(&mut self, point: Point, out: &mut {Out}) -> Result<()>`",
    note = "a UDF that implements `OnBatch` has the edges `batch` or `batch -> stream`"
)]
pub trait OnPoint<Out: Output = StreamOutput> {
    /// Called for each point.
    ///
    /// # Errors
    /// An error ends the UDF. With `on_error = "drop"` or `"pass"` in `#[udf(…)]`, it is logged and
    /// the point is dropped or passed on.
    fn on_point(&mut self, point: Point, out: &mut Out) -> Result<()>;

    /// Called once, after the options were read and before anything else.
    ///
    /// # Errors
    /// An error refuses the options with its text, which fails the task.
    fn on_init(&mut self, task: &Task) -> Result<()> {
        let _ = task;
        Ok(())
    }

    /// Called by the wall clock, as often as `tick` in `#[udf(…)]` says; without `tick`, never.
    ///
    /// `now` is the time in nanoseconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// An error ends the UDF. The default is an error, because a `tick` without an `on_tick` is a
    /// mistake.
    fn on_tick(&mut self, now: i64, out: &mut Out) -> Result<()> {
        let _ = (now, out);
        Err(Error::msg(NO_ON_TICK))
    }

    /// Called once after the last point; may still send.
    ///
    /// # Errors
    /// An error fails the task.
    fn on_stop(&mut self, out: &mut Out) -> Result<()> {
        let _ = out;
        Ok(())
    }
}

/// What a UDF does with each batch.
///
/// `#[udf(batch)]` asks for `impl OnBatch`, and `#[udf(batch -> stream)]` for
/// `impl OnBatch<StreamOutput>`. Only [`on_batch`](Self::on_batch) has to be written.
///
/// ```
/// use udf_runtime::prelude::*;
///
/// /// Passes on batches that have points.
/// #[udf(batch)]
/// struct NotEmpty;
///
/// impl OnBatch for NotEmpty {
///     fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
///         if !batch.points().is_empty() {
///             out.batch(batch)?;
///         }
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not implement `OnBatch<{Out}>`",
    label = "the edges in `#[udf(…)]` ask for this trait",
    note = "write `impl OnBatch<{Out}> for {Self}` with \
            `fn on_batch(&mut self, batch: Batch, out: &mut {Out}) -> Result<()>`",
    note = "a UDF that implements `OnPoint` has the edges `stream` or `stream -> batch`"
)]
pub trait OnBatch<Out: Output = BatchOutput> {
    /// Called for each whole batch.
    ///
    /// # Errors
    /// An error ends the UDF. With `on_error = "drop"` or `"pass"` in `#[udf(…)]`, it is logged and
    /// the batch is dropped or passed on.
    fn on_batch(&mut self, batch: Batch, out: &mut Out) -> Result<()>;

    /// Called once, after the options were read and before anything else.
    ///
    /// # Errors
    /// An error refuses the options with its text, which fails the task.
    fn on_init(&mut self, task: &Task) -> Result<()> {
        let _ = task;
        Ok(())
    }

    /// Called by the wall clock, as often as `tick` in `#[udf(…)]` says; without `tick`, never.
    ///
    /// `now` is the time in nanoseconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// An error ends the UDF. The default is an error, because a `tick` without an `on_tick` is a
    /// mistake.
    fn on_tick(&mut self, now: i64, out: &mut Out) -> Result<()> {
        let _ = (now, out);
        Err(Error::msg(NO_ON_TICK))
    }

    /// Called once after the last batch; may still send.
    ///
    /// # Errors
    /// An error fails the task.
    fn on_stop(&mut self, out: &mut Out) -> Result<()> {
        let _ = out;
        Ok(())
    }
}

const NO_ON_TICK: &str =
    "`tick` is set, but `on_tick` is not implemented; help: implement it, or leave out `tick`";

/// State that a UDF encodes by hand, in place of `#[state]` fields.
///
/// `#[udf(…, custom_state)]` asks for this trait. The SDK keeps the UDF's name and `state_version` beside
/// the bytes, and checks both before it calls [`restore`](Self::restore).
///
/// ```
/// use udf_runtime::prelude::*;
///
/// /// Numbers the points.
/// #[udf(stream, custom_state)]
/// struct Number {
///     #[skip]
///     seen: u64,
/// }
///
/// impl OnPoint for Number {
///     fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
///         self.seen += 1;
///         point.set_field("number", self.seen as f64);
///         out.point(point)
///     }
/// }
///
/// impl CustomState for Number {
///     fn snapshot(&self) -> Result<Vec<u8>> {
///         Ok(self.seen.to_le_bytes().to_vec())
///     }
///
///     fn restore(&mut self, state: &[u8]) -> Result<()> {
///         self.seen = u64::from_le_bytes(state.try_into()?);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not implement `CustomState`",
    label = "`custom_state` in `#[udf(…)]` asks for this trait",
    note = "write `impl CustomState for {Self}` with `fn snapshot(&self) -> Result<Vec<u8>>` and \
            `fn restore(&mut self, state: &[u8]) -> Result<()>`"
)]
pub trait CustomState {
    /// The state as bytes. Without any, there is nothing to restore later.
    ///
    /// # Errors
    /// An error ends the UDF.
    fn snapshot(&self) -> Result<Vec<u8>>;

    /// Takes back what [`snapshot`](Self::snapshot) returned, perhaps from an older program.
    ///
    /// # Errors
    /// An error refuses the snapshot, which fails the task. With `on_restore_error = "fresh"`, it
    /// is logged, and the UDF is made again from its options, with `on_init`.
    fn restore(&mut self, state: &[u8]) -> Result<()>;
}

/// What a UDF does with a snapshot of an older `state_version`.
///
/// `#[udf(…, state_version = 2, migrate)]` asks for this trait. Without it, an older snapshot is refused, or
/// dropped with `on_restore_error = "fresh"`. A field that only has another name needs no new
/// version: `#[state(was = "old_name")]`.
///
/// ```
/// use udf_runtime::{prelude::*, state, state::OldState};
///
/// /// Sums up a field.
/// #[udf(stream, state_version = 2, migrate)]
/// struct Total {
///     /// Was a whole number in version 1.
///     #[state]
///     total: f64,
/// }
///
/// /// The state of version 1.
/// #[state]
/// #[derive(Default)]
/// struct Version1 {
///     total: i32,
/// }
///
/// impl MigrateState for Total {
///     fn migrate(&mut self, _version: u32, old: OldState<'_>) -> Result<()> {
///         let old: Version1 = old.read()?;
///         self.total = f64::from(old.total);
///         Ok(())
///     }
/// }
///
/// impl OnPoint for Total {
///     fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
///         self.total += point.number("value")?;
///         point.set_field("total", self.total);
///         out.point(point)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not implement `MigrateState`",
    label = "`migrate` in `#[udf(…)]` asks for this trait",
    note = "write `impl MigrateState for {Self}` with \
            `fn migrate(&mut self, version: u32, old: OldState<'_>) -> Result<()>`"
)]
pub trait MigrateState {
    /// Takes over the state of a snapshot whose `version` is older than that of the UDF.
    ///
    /// # Errors
    /// An error refuses the snapshot, which fails the task. With `on_restore_error = "fresh"`, it
    /// is logged and the UDF starts with fresh state.
    fn migrate(&mut self, version: u32, old: OldState<'_>) -> Result<()>;
}
