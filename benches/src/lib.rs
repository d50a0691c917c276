//! Measures UDFs as Kapacitor would run them: release binaries in separate processes, over real pipes and
//! sockets, compared with a plain copying loop, a plain prost loop and the examples of Kapacitor's own
//! agents.
//!
//! `workload` makes the bytes that Kapacitor would send, `program` lists the programs, `process` runs and
//! feeds one of them, `round` takes turns between them, and `table` prints. `suite` has one file for each
//! subject. `docs/performance.md` shows the results.

pub mod process;
pub mod program;
pub mod round;
pub mod suite;
pub mod table;
pub mod workload;
