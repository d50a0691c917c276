//! Tables in Markdown, as in `docs/performance.md`.

use std::fmt::Write as _;

/// A table that is printed when it is complete.
pub struct Table {
    text: String,
}

impl Table {
    /// Creates a table with a title. The first column is text, all others are numbers.
    pub fn new(title: &str, columns: &[&str]) -> Self {
        let mut text = format!("\n### {title}\n\n| {} |\n|---", columns.join(" | "));
        for _ in 1..columns.len() {
            text.push_str("|---:");
        }
        text.push_str("|\n");
        Self { text }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[String]) {
        let _ = writeln!(self.text, "| {} |", cells.join(" | "));
    }

    /// Prints it.
    pub fn print(&self) {
        println!("{}", self.text);
    }
}

/// Formats a number with its significant digits.
pub fn digits(value: f64) -> String {
    match value.abs() {
        value if value >= 1_000.0 => {
            // Groups of three digits, from the right.
            let plain = format!("{value:.0}");
            let mut text = String::new();
            for (index, digit) in plain.chars().enumerate() {
                if index > 0 && (plain.len() - index) % 3 == 0 {
                    text.push(',');
                }
                text.push(digit);
            }
            text
        }
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// Bytes as MiB.
pub fn mebibytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / (1024.0 * 1024.0))
}
