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
//! Everything uses its own folders and ports, so tests can run in parallel. Dropping a handle kills its
//! process, also in a panicking test. A failed test prints the end of the logs. Waits poll their condition
//! for up to [`wait::DEADLINE`]. There are no sleeps for a fixed time.
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
