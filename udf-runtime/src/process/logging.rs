//! Logging to standard error, which Kapacitor copies into its own log.
//!
//! A UDF logs through the [`log`] facade. The runtime's logger writes one line per record. It cuts lines
//! below the 64 KiB at which Kapacitor and Telegraf stop reading, and does not wait for a host that does
//! not read.

use std::sync::atomic::{AtomicBool, Ordering};

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::process::{stderr, text};

/// Environment variable with the log level: `off`, `error`, `warn`, `info`, `debug` or `trace`. The
/// default is `info`.
const LEVEL_VARIABLE: &str = "UDF_LOG";

/// Whether Telegraf reads the log. Telegraf reads a line's level from its first letter.
static FOR_TELEGRAF: AtomicBool = AtomicBool::new(false);

/// Begins each line with its level as Telegraf spells it. Without that, Telegraf logs all lines as
/// errors.
pub(crate) fn write_for_telegraf() {
    FOR_TELEGRAF.store(true, Ordering::Relaxed);
}

/// The prefix of a line of this level, for Telegraf.
pub(super) fn telegraf_prefix(level: Level) -> Option<&'static str> {
    let prefix = match level {
        Level::Error => "E! ",
        Level::Warn => "W! ",
        Level::Info => "I! ",
        // Debug is the lowest level of Telegraf before 1.37.
        Level::Debug | Level::Trace => "D! ",
    };
    FOR_TELEGRAF.load(Ordering::Relaxed).then_some(prefix)
}

struct Stderr;

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            // The runtime's module names do not help a reader of the log.
            let target = match record.target().split_once("::") {
                Some(("udf_runtime", _)) => "udf_runtime",
                _ => record.target(),
            };
            let level = record.level();
            let text = format!("{target}: {}", record.args());
            if telegraf_prefix(level).is_some() {
                report(level, &text);
            } else {
                report(level, &format!("{level} {text}"));
            }
        }
    }

    fn flush(&self) {}
}

/// Writes a text to standard error as one message of bounded length, even if the log is off. Only
/// Telegraf sees the level.
pub(crate) fn report(level: Level, text: &str) {
    let text = text::cut(text.trim_end());
    let message = match telegraf_prefix(level) {
        Some(prefix) => format!(
            "{prefix}{}\n",
            text.replace('\n', &format!("\n{prefix}    "))
        ),
        None => format!("{}\n", text.replace('\n', "\n    ")),
    };
    // There is no other place to report that standard error is not read.
    let _ = stderr::write_all(message.as_bytes());
}

/// Installs the logger, unless the program has installed one.
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
