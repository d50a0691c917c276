//! Programs that pages show together with their tests.

include!(concat!(env!("OUT_DIR"), "/programs.rs"));
