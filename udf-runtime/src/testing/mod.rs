//! Tests of UDFs without Kapacitor.
//!
//! A [`Harness`] runs a UDF in the test's own thread: options, codec, session and snapshots are those of production;
//! there are no processes, sockets or sleeps. Nothing has to be set up: `cargo test` of a UDF's own package finds this
//! module, and the program that is built for production has nothing of it.
//!
//! ```
//! use udf_runtime::prelude::*;
//! use udf_runtime::testing::Harness;
//!
//! /// Adds the difference to the point before, and says when a group is silent.
//! #[udf(stream, tick = "10s")]
//! struct Change {
//!     /// Field to look at.
//!     field: String,
//!     /// How long a group may be silent.
//!     #[option(default = "30s")]
//!     silence: Duration,
//!     #[state]
//!     groups: PerGroup<Group>,
//! }
//!
//! #[state]
//! #[derive(Default)]
//! struct Group {
//!     last: Option<f64>,
//!     time: i64,
//! }
//!
//! impl OnPoint for Change {
//!     fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
//!         let value = point.number(&self.field)?;
//!         let group = self.groups.of(&point);
//!         group.time = point.time();
//!         if let Some(last) = group.last.replace(value) {
//!             point.set_field("change", value - last);
//!             out.point(point)?;
//!         }
//!         Ok(())
//!     }
//!
//!     fn on_tick(&mut self, now: i64, out: &mut StreamOutput) -> Result<()> {
//!         for (name, group) in self.groups.iter_mut() {
//!             if i128::from(now - group.time) > self.silence.as_nanos() as i128 {
//!                 group.time = now;
//!                 let mut point = Point::new("silence");
//!                 point.set_time(now);
//!                 point.set_field("group", name);
//!                 out.point(point)?;
//!             }
//!         }
//!         Ok(())
//!     }
//! }
//!
//! // Input and output are line protocol, or points and batches.
//! let mut udf = Harness::<Change>::setup()
//!     .options(".field('v')")
//!     .group_by(["host"])
//!     .start()?;
//! let sent = udf.lines("m,host=a v=1 1\nm,host=b v=5 2\nm,host=a v=4 3")?;
//! assert_eq!(sent, "m,host=a v=4,change=3 3\n");
//! assert_eq!(sent.points()[0].float("change")?, 3.0);
//!
//! // Time passes when the test says so, and calls the ticks that are due.
//! assert!(udf.advance(Duration::from_secs(30))?.is_empty());
//! udf.advance(Duration::from_secs(10))?.assert_lines(
//!     r#"
//!     silence group="host=a" 40000000000
//!     silence group="host=b" 40000000000
//!     "#,
//! );
//!
//! // The UDF itself is at hand between inputs,
//! assert_eq!(udf.udf().groups.len(), 2);
//!
//! // and goes on from a snapshot as in a task that is started again.
//! udf.restart()?;
//! assert_eq!(udf.lines("m,host=b v=7 4")?, "m,host=b v=7,change=2 4\n");
//!
//! // Options that are refused, and errors, are values to compare.
//! let refused = Harness::<Change>::new(".field('v').silence(5)").unwrap_err();
//! assert_eq!(refused.problems().next().unwrap().option(), "silence");
//! let failure = udf.lines("m,host=a w=1 5").unwrap_err();
//! assert!(failure.text().starts_with("option .field('v'): "), "{failure}");
//!
//! // Wherever an input is cut by a restart, the output is the same.
//! Harness::<Change>::setup()
//!     .options(".field('v')")
//!     .group_by(["host"])
//!     .restore_everywhere("m,host=a v=1 1\nm,host=b v=5 2\nm,host=a v=4 3")?;
//! # Ok::<(), udf_runtime::Error>(())
//! ```
//!
//! # Snapshots of the output
//!
//! [`Sent`] displays as line protocol, which makes readable snapshots:
//!
//! ```text
//! insta::assert_snapshot!(udf.lines(input)?);
//! expect![[r#"m,host=a v=4,change=3 3"#]].assert_eq(&udf.lines(input)?.to_string());
//! ```
//!
//! # Time
//!
//! The clock is what [`Handler::tick`](crate::Handler::tick) and the expiry of [`PerGroup`](crate::PerGroup) go by, and
//! what a line without a time gets. It starts at 0 and stands at the latest time of the data, as it does for live data.
//! [`advance`](Harness::advance) moves it on. [`Setup::clock`] starts it elsewhere; then the data does not move it. Threads
//! of the UDF have the real time.
//!
//! # Faults
//!
//! ```
//! use udf_runtime::prelude::*;
//! use udf_runtime::testing::{FailureKind, Harness};
//!
//! /// Passes points on.
//! #[udf(stream)]
//! struct Mirror;
//!
//! impl OnPoint for Mirror {
//!     fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
//!         assert_ne!(point.name(), "poison");
//!         out.point(point)
//!     }
//! }
//!
//! // Kapacitor goes away after two more points.
//! let mut udf = Harness::<Mirror>::new("")?;
//! udf.disconnect_after(2);
//! let failure = udf.lines("m v=1 1\nm v=1 2\nm v=1 3").unwrap_err();
//! assert_eq!(failure.kind(), FailureKind::HostGone);
//! assert_eq!(failure.sent().points().len(), 2);
//!
//! // A panic ends the UDF with an error, which is what the task shows. What was sent before is delivered.
//! let mut udf = Harness::<Mirror>::new("")?;
//! let failure = udf.lines("m v=1 1\npoison v=1 2").unwrap_err();
//! assert!(failure.text().starts_with("point panicked: "), "{failure}");
//! assert!(failure.text().ends_with("(point 2)"), "{failure}");
//! assert_eq!(failure.sent(), "m v=1 1\n");
//!
//! // A point is larger than a message may be.
//! let mut limits = udf_runtime::Limits::default();
//! limits.message_bytes = 100;
//! let mut udf = Harness::<Mirror>::setup().limits(limits).start()?;
//! let failure = udf.lines(format!("m text=\"{}\" 1", "x".repeat(100))).unwrap_err();
//! assert_eq!(failure.kind(), FailureKind::Ended);
//! # Ok::<(), udf_runtime::Error>(())
//! ```
//!
//! # Threads of the UDF
//!
//! What a [`Sender`](crate::Sender) sends is kept apart from the output of callbacks, because it has no place among it.
//! [`wait_for_output`](Harness::wait_for_output) waits for it:
//!
//! ```
//! use udf_runtime::prelude::*;
//! use udf_runtime::testing::Harness;
//!
//! /// Answers each point from another thread.
//! #[udf(stream)]
//! struct Echo {
//!     #[skip]
//!     worker: Option<std::sync::mpsc::Sender<Point>>,
//! }
//!
//! impl OnPoint for Echo {
//!     fn on_init(&mut self, task: &Task) -> Result<()> {
//!         let (worker, points) = std::sync::mpsc::channel();
//!         let sender = task.sender();
//!         std::thread::spawn(move || {
//!             for point in points {
//!                 if let Err(error) = sender.point(&point) {
//!                     return sender.fail(error);
//!                 }
//!             }
//!         });
//!         self.worker = Some(worker);
//!         Ok(())
//!     }
//!
//!     fn on_point(&mut self, point: Point, _: &mut StreamOutput) -> Result<()> {
//!         if let Some(worker) = &self.worker {
//!             worker.send(point).map_err(|_| udf_runtime::Error::msg("the worker is gone"))?;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! let mut udf = Harness::<Echo>::new("")?;
//! assert!(udf.lines("m v=1 1\nm v=2 2")?.is_empty());
//! assert_eq!(udf.wait_for_output(2)?, "m v=1 1\nm v=2 2\n");
//! # Ok::<(), udf_runtime::testing::Failure>(())
//! ```

// Uses `pipe`, `line`, `udf`, `agent`, `output`, `data`, `protocol` and `process`.

mod clock;
mod difference;
mod failure;
mod frames;
mod harness;
mod host;
mod log;
mod restore;
mod script;
mod sent;
mod setup;
#[cfg(feature = "proptest")]
pub mod strategies;
mod subject;

pub use ::log::{Level, LevelFilter};
pub use failure::{Failure, FailureKind};
pub use harness::{HandlerHarness, Harness};
pub use log::Log;
pub use restore::{Cuts, RestoreDifference};
pub use script::Script;
pub use sent::{Sent, assert_lines};
pub use setup::Setup;
pub use subject::{Handwritten, Subject};
