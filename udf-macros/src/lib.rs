//! The macros of `udf-runtime`, which exports them; use them from there.
//!
//! Each has a folder or a file, and three phases: *parse* the attributes into a definition, *check*
//! what can be checked without types, *generate* code. `Errors` collects all mistakes, each with the
//! token that is wrong, and reports them at once. The user's item is emitted in any case, so that
//! one mistake is one error. What needs types (can this type be an option?) is left to traits of the
//! runtime, with messages of their own.

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
/// /// Passes on every n-th point.
/// #[udf(stream)]
/// struct Thin {
///     /// Number of points of which one is passed on.
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
/// First the edges, which say what the UDF takes and what it sends: `stream`, `batch`,
/// `stream -> batch` or `batch -> stream`. Then, in any order:
///
/// | attribute | meaning |
/// |---|---|
/// | `name = "…"` | the UDF's name, if it is not the struct's in snake_case |
/// | `tick = "10s"` | how often `on_tick` is called; without it, never |
/// | `tick = field` | the same, from an option of type `Duration` or `Option<Duration>` |
/// | `on_error = "…"` | what an error of one point or batch does: `"stop"` the UDF (the default), `"drop"` the point, or `"pass"` it on |
/// | `on_restore_error = "…"` | what a snapshot that does not fit does: `"refuse"` it (the default), or start `"fresh"` |
/// | `state_version = 2` | version of the state; 1 if left out. Snapshots of other versions are refused |
/// | `migrate` | snapshots of older versions are passed to `impl MigrateState for …` |
/// | `custom_state` | snapshots are made by `impl CustomState for …`, in place of `#[state]` fields |
/// | `rename_all = "camelCase"` | names of the options in camelCase: `.windowSize(10)` |
/// | `crate = "…"` | path of `udf_runtime`, if it is not `::udf_runtime` |
///
/// # Fields
/// Every field is an option, except for those with `#[state]` or `#[skip]`. An option has the name
/// of its field, and the field's doc comment describes it:
///
/// | attribute | meaning |
/// |---|---|
/// | `#[option(default = …)]` | the value if the option is not called: a literal or any expression; durations as `"10s"` |
/// | `#[option(name = "…")]` | another name than the field's |
/// | `#[option(args(min, max))]` | names of several arguments, for help and errors |
/// | `#[option(range = 1..=10)]` | the range of numbers and durations |
/// | `#[option(validate = path)]` | a `fn(&T) -> bool` or `fn(&T) -> Result<(), E>` that checks the value of a call |
/// | `#[option(flag)]` | a `bool` that is set by calling it without an argument |
/// | `#[state]` | the field is part of snapshots, and starts with its `Default` |
/// | `#[state(was = "…")]` | the field had this name in older snapshots |
/// | `#[state(expire = "1h")]` | a `PerGroup` drops groups that were not seen for so long, by the time of the points; `expire = field` takes the time from an option |
/// | `#[skip]` | the field is neither: it starts with its `Default` |
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

/// Makes a struct or an enum that snapshots can hold: derives serde's traits, by the runtime's own
/// serde.
///
/// A struct needs `Default` as well, which gives the value of a field that an older snapshot does
/// not have. `#[state(was = "old_name")]` above a field or a variant takes the value of an older
/// snapshot that has it under that name. `#[state(crate = "…")]` above the type is the path of
/// `udf_runtime`, if it is not `::udf_runtime`.
///
/// Above a field of a UDF's struct, the same attribute makes the field a part of snapshots.
///
/// ```
/// use std::collections::VecDeque;
/// use udf_runtime::state;
///
/// #[state]
/// #[derive(Default)]
/// struct Window {
///     values: VecDeque<f64>,
///     #[state(was = "total")]
///     sum: f64,
/// }
/// ```
#[proc_macro_attribute]
pub fn state(arguments: TokenStream, item: TokenStream) -> TokenStream {
    state::expand(arguments.into(), item.into()).into()
}

/// Makes an enum the type of an option, whose variants TICKscript gives as STRINGs.
///
/// The variants have no fields. The STRING is a variant's name in snake_case, or what
/// `#[option(rename = "…")]` says. `#[option(crate = "…")]` above the enum is the path of
/// `udf_runtime`, if it is not `::udf_runtime`.
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
