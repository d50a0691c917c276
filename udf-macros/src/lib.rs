//! The macros of `udf-runtime`, which exports them; use them from there.
//!
//! Each of them goes the same way, in a folder or a file of its own: *parse* what was written
//! into what was meant, *check* what can be checked without types, *generate*. Whatever is wrong
//! is gathered in `Errors` on the way and reported all at once, each at the
//! token that is wrong; the user's own item is emitted again in any case, so that one mistake is
//! one error. What only types can tell (a field type that is no option, a hook of a wrong
//! signature) is left to traits of the runtime, which say it in the same manner.

mod attribute;
mod choices;
mod docs;
mod errors;
mod names;
mod private;
mod state;
mod udf;

use proc_macro::TokenStream;

/// Makes a UDF of a struct.
///
/// ```
/// use udf_runtime::prelude::*;
///
/// /// Hands on every n-th point.
/// #[udf(stream)]
/// struct Thin {
///     /// How many points there are for each one that goes on.
///     #[option(range = 1..)]
///     every: u64,
///     #[state]
///     seen: u64,
/// }
///
/// impl OnPoint for Thin {
///     fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
///         self.seen += 1;
///         if self.seen % self.every == 0 {
///             out.point(point)?;
///         }
///         Ok(())
///     }
/// }
/// ```
///
/// # The struct's attribute
/// First what the UDF wants and provides: `stream`, `batch`, `stream -> batch` or
/// `batch -> stream`. Then, in any order:
///
/// | attribute | meaning |
/// |---|---|
/// | `name = "…"` | the UDF's name, where it is not the struct's in snake_case |
/// | `tick = "10s"` | how often `on_tick` is called; without it, never |
/// | `on_error = "…"` | what an error of one point or batch does: `"stop"` the UDF, `"drop"` it, or `"pass"` it on |
/// | `on_restore_error = "…"` | a snapshot that does not fit: `"refuse"` it, or start `"fresh"` |
/// | `state_version = 2` | refuses snapshots of other versions; 1 if left out |
/// | `custom_state` | snapshots are made by `impl CustomState for …`, in place of `#[state]` fields |
/// | `crate = "…"` | path of `udf_runtime`, where it is not `::udf_runtime` |
///
/// # Fields
/// Every field is an option, except for those with `#[state]` (kept in snapshots; with
/// `#[state(expire = "1h")]` a `PerGroup` forgets groups not seen for so long, by the points' own
/// time, of which none counts beyond the present) and `#[skip]` (made by `Default`). Options are called like their field, and described by its doc comment:
///
/// | attribute | meaning |
/// |---|---|
/// | `#[option(default = …)]` | the value where the option is not called: a literal or any expression; durations as `"10s"` |
/// | `#[option(name = "…")]` | another name than the field's |
/// | `#[option(range = 1..=10)]` | from where to where numbers and durations may go |
/// | `#[option(validate = path)]` | a `fn(&T) -> Result<(), E>` or `fn(&T) -> bool` that checks what one call gave |
/// | `#[option(flag)]` | a `bool` that is set by calling it without an argument |
///
/// # Hooks
/// The edges say which trait the struct implements:
///
/// | edges | trait |
/// |---|---|
/// | `stream` | `impl OnPoint for …` |
/// | `stream -> batch` | `impl OnPoint<BatchOutput> for …` |
/// | `batch` | `impl OnBatch for …` |
/// | `batch -> stream` | `impl OnBatch<StreamOutput> for …` |
///
/// `on_point` or `on_batch` has to be written; `on_init`, `on_tick` and `on_stop` are methods of
/// the same trait, which do nothing by default.
///
/// ```
/// use udf_runtime::prelude::*;
///
/// #[udf(stream, tick = "10s")]
/// struct Mirror;
///
/// impl OnPoint for Mirror {
///     fn on_init(&mut self, task: &Task) -> Result<()> {
///         info!("starts in the task {}", task.task_id());
///         Ok(())
///     }
///
///     fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
///         out.point(point)
///     }
///
///     fn on_tick(&mut self, now: i64, out: &mut StreamOutput) -> Result<()> {
///         let mut point = Point::new("mirror");
///         point.set_time(now);
///         point.set_field("alive", true);
///         out.point(point)
///     }
///
///     fn on_stop(&mut self, _: &mut StreamOutput) -> Result<()> {
///         info!("stops");
///         Ok(())
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn udf(arguments: TokenStream, item: TokenStream) -> TokenStream {
    udf::expand(arguments.into(), item.into()).into()
}

/// Lets snapshots hold a struct or an enum: derives serde's traits by the runtime's own serde.
///
/// A struct needs `Default` as well: a field that an old snapshot does not have takes its value
/// from there. `#[state(crate = "…")]` names `udf_runtime` where it is not `::udf_runtime`.
///
/// Above a field of a UDF's struct, the same attribute puts the field into snapshots.
///
/// ```
/// use std::collections::VecDeque;
/// use udf_runtime::state;
///
/// #[state]
/// #[derive(Default)]
/// struct Window {
///     values: VecDeque<f64>,
///     sum: f64,
/// }
/// ```
#[proc_macro_attribute]
pub fn state(arguments: TokenStream, item: TokenStream) -> TokenStream {
    state::expand(arguments.into(), item.into()).into()
}

/// Makes an enum of plain variants the type of an option, which TICKscript gives as a STRING.
///
/// A variant's value is its name in snake_case, or what `#[option(rename = "…")]` says.
/// `#[option(crate = "…")]` above the enum names `udf_runtime` where it is not `::udf_runtime`.
///
/// ```
/// use udf_runtime::prelude::*;
///
/// #[derive(OptionValue)]
/// enum Side {
///     Inside,                     // .side('inside')
///     #[option(rename = "out")]
///     Outside,                    // .side('out')
/// }
///
/// assert_eq!(Side::choices(), ["inside", "out"]);
/// ```
#[proc_macro_derive(OptionValue, attributes(option))]
pub fn option_value(item: TokenStream) -> TokenStream {
    choices::expand(item.into()).into()
}
