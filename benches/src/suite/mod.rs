//! What is measured, one subject a file.

mod connections;
mod fields;
mod groups;
mod latency;
mod mirror;
mod moving_avg;
mod outliers;
mod startup;
mod throughput;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Turns of each program.
    pub rounds: usize,
    /// Points of a turn, of the typical shape.
    pub points: usize,
}

impl Effort {
    /// For numbers to be shown.
    pub const FULL: Self = Self {
        rounds: 11,
        points: 500_000,
    };
    /// To see whether it works, and what the direction is.
    pub const QUICK: Self = Self {
        rounds: 3,
        points: 100_000,
    };
}

/// A subject: its name, and what measures it and prints its tables.
pub type Subject = (&'static str, fn(Effort));

/// All subjects.
pub const SUBJECTS: [Subject; 9] = [
    ("mirror", mirror::measure),
    ("moving_avg", moving_avg::measure),
    ("outliers", outliers::measure),
    ("latency", latency::measure),
    ("host", mirror::measure_host_like),
    ("startup", startup::measure),
    ("connections", connections::measure),
    ("groups", groups::measure),
    ("fields", fields::measure),
];
