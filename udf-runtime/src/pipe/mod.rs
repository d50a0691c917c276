//! `pipe`: a UDF between line protocol and line protocol, without Kapacitor.
//!
//! Lines come from files or the standard input; what the UDF sends goes out as lines. A line that
//! came is answered before the next one is waited for, so that a pipe works as a filter of a
//! stream that never ends as well as of a file.
//!
//! - A line without a time gets the time at which it was read.
//! - `group_by` groups points as Kapacitor's `groupBy` does, and their groups are spelled so.
//! - A UDF that wants batches gets one for each group and name when the input ends, or, with a
//!   period, one for each such span of the points' own time, counted from the epoch: a point
//!   beyond the open span ends it, one that comes late still joins it. In a batch points stand in
//!   the order of their time.
//! - Of batches that the UDF sends, each point becomes a line with the batch's name, and the
//!   batch's tags beside its own.
//! - What of a point the UDF did not change stands in its line as it came, to the byte.
//! - The wall clock's ticks come between the lines.
//!
//! The command line calls [`run`]; anyone else can, too.

// Uses `line`, `agent` (the trait `Handler`), `output`, `data`, `protocol` and `process`.

mod batches;
mod config;
mod frames;
mod group;
mod input;
mod lines;
mod outcome;
mod run;
mod stop;

pub use config::{GroupBy, PipeConfig};
pub use outcome::{Outcome, PipeError};
pub use run::{Streams, run};
pub use stop::Stop;
