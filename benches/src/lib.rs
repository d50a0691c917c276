//! Measures UDFs as Kapacitor would run them: release binaries as processes of their own, over
//! real pipes and sockets, beside a plain copying loop, a plain prost loop and the examples of
//! Kapacitor's own agents.
//!
//! `workload` makes the bytes that Kapacitor would send, `program` knows what can be measured,
//! `process` runs one of them and feeds it, `round` takes turns between them, `table` prints.
//! `suite` has one file for each subject; `docs/performance.md` shows what comes out.

pub mod process;
pub mod program;
pub mod round;
pub mod suite;
pub mod table;
pub mod workload;
