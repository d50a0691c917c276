//! A real kapacitord and a real InfluxDB, for tests that run UDFs inside them.
//!
//! ```no_run
//! use kapacitor_tests::{Kapacitor, Udf, Via, programs};
//!
//! let kapacitor = Kapacitor::with(Udf::new("mirror", programs::go_example("mirror"), Via::Socket));
//! let task = kapacitor.stream("copy", "stream|from().measurement('m')@mirror()|httpOut('out')");
//! kapacitor.write("m value=1 1");
//! let output = task.output_when("out", |output| output["series"].is_array());
//! ```
//!
//! Everything runs on folders and ports of its own, so tests go side by side, and everything is
//! killed when its handle is dropped, in a panicking test too; a failed test prints the end of
//! the logs. What is waited for is polled for up to [`wait::DEADLINE`]; nothing here sleeps for a
//! time that it hopes is long enough.
//!
//! `tests/kapacitor/build.sh` builds the programs, see [`programs`].

mod http;
mod influx;
mod kapacitor;
mod load;
mod process;
pub mod programs;
mod task;
mod udf;
pub mod wait;

pub use http::Answer;
pub use influx::Influx;
pub use kapacitor::{Builder, DATABASE, Kapacitor, RETENTION_POLICY};
pub use load::Load;
pub use process::{Process, Signal, is_running, signal};
pub use task::Task;
pub use udf::{Udf, Via};
