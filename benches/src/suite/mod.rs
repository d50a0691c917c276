//! The subjects of the measurements, one per file.

mod connections;
mod fields;
mod groups;
mod latency;
mod mirror;
mod moving_avg;
mod outliers;
mod startup;
mod throughput;

/// The amount of measuring.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Turns per program.
    pub rounds: usize,
    /// Points per turn, for the typical shape.
    pub points: usize,
}

impl Effort {
    /// For published numbers.
    pub const FULL: Self = Self {
        rounds: 11,
        points: 500_000,
    };
    /// For a quick look at whether it works and what the trend is.
    pub const QUICK: Self = Self {
        rounds: 3,
        points: 100_000,
    };
}

/// A subject: its name, and the function that measures it and prints its tables.
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
