//! Logging to standard error, which Kapacitor copies into its own log.
//!
//! A UDF logs through the [`log`] facade. The runtime's logger writes one line a record, cut below the
//! 64 KiB at which Kapacitor stops reading, and does not wait for a reader that does not read.

use log::{LevelFilter, Log, Metadata, Record};

use crate::process::{stderr, text};

/// Environment variable that says what is logged: `off`, `error`, `warn`, `info`, `debug` or
/// `trace`; `info` without it.
const LEVEL_VARIABLE: &str = "UDF_LOG";

struct Stderr;

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            // Which of the runtime's modules logs is no concern of who reads the log.
            let target = match record.target().split_once("::") {
                Some(("udf_runtime", _)) => "udf_runtime",
                _ => record.target(),
            };
            write_line(&format!("{} {target}: {}", record.level(), record.args()));
        }
    }

    fn flush(&self) {}
}

/// Writes a text to standard error as one line of bounded length.
pub(crate) fn write_line(text: &str) {
    let mut line = text::cut(text.trim_end()).replace('\n', "\n    ");
    line.push('\n');
    // There is no other place to report to.
    let _ = stderr::write_all(line.as_bytes());
}

/// Installs the logger, unless the program has another.
pub(crate) fn install() {
    let wanted = std::env::var_os(LEVEL_VARIABLE).unwrap_or_default();
    let level = wanted.to_str().and_then(|level| level.parse().ok());
    if log::set_logger(&Stderr).is_err() {
        return;
    }
    log::set_max_level(level.unwrap_or(LevelFilter::Info));
    if level.is_none() && !wanted.is_empty() {
        log::warn!(
            "{LEVEL_VARIABLE} takes off, error, warn, info, debug or trace, and not {wanted:?}; \
             it is taken for info"
        );
    }
}
