//! `pipe`: a UDF between line protocol and line protocol, without Kapacitor.
//!
//! Lines come from files or the standard input, and what the UDF sends goes out as lines. The answer
//! to a line goes out before the pipe waits for the next one, so that a pipe filters a live stream
//! as well as a file.
//!
//! - A line without a time gets the time at which it was read.
//! - `group_by` groups points as Kapacitor's `groupBy` does, with the same spelling of groups.
//! - A UDF that wants batches gets one for each group and name when the input ends or, with a
//!   period, one for each such span of the points' own time, counted from the epoch. A point
//!   beyond the open span ends it, a late one still joins it. In a batch, points stand in the order
//!   of their time.
//! - Each point of a batch that the UDF sends becomes a line with the batch's name, and the batch's
//!   tags beside its own.
//! - What the UDF did not change of a point stands in its line as it came, to the byte, but for
//!   unsigned integers: points have signed ones alone, so `5u` becomes `5i`.
//! - The wall clock's ticks come between the lines.
//! - A state file keeps the UDF's state from one run to the next.
//!
//! The command line calls [`run`], which is public for other programs as well.

// Uses `line`, `agent` (the trait `Handler`), `output`, `data`, `protocol`, `connection` (on Windows) and `process`.

mod batches;
mod config;
mod frames;
mod group;
mod input;
mod lines;
mod outcome;
mod reading;
mod report;
mod run;
mod state;
#[cfg_attr(windows, path = "windows/stop.rs")]
mod stop;
#[cfg_attr(windows, path = "windows/stream.rs")]
mod stream;
mod text;
mod timers;
mod worker;

pub use config::{GroupBy, PipeConfig};
pub use outcome::{Outcome, PipeError};
pub use report::Report;
pub use run::{Streams, run};
pub use stop::StopSignal;
pub(crate) use text::{TextReader, write_batch, write_point};
