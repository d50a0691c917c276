//! Programs that pages show together with their tests.
#![expect(clippy::unwrap_used, reason = "they are written as a user writes them")]

include!(concat!(env!("OUT_DIR"), "/programs.rs"));
