//! [`Log`]: what a UDF has logged while the test drove it.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use log::{Level, LevelFilter, Metadata, Record};

thread_local! {
    /// Where the records of this thread go.
    static CURRENT: RefCell<Option<Capture>> = const { RefCell::new(None) };
}

/// What a UDF has logged: one line for each record, with its level, as `WARN text`.
///
/// ```
/// use udf_runtime::prelude::*;
/// use udf_runtime::testing::{Harness, LevelFilter};
///
/// /// Warns of points without a field.
/// #[udf(stream)]
/// struct Strict {
///     /// Field that a point should have.
///     field: String,
/// }
///
/// impl OnPoint for Strict {
///     fn on_point(&mut self, point: Point, _: &mut StreamOutput) -> Result<()> {
///         if point.field(&self.field).is_none() {
///             warn!("a point of {:?} has no {:?}", point.name(), self.field);
///         }
///         Ok(())
///     }
/// }
///
/// let mut udf = Harness::<Strict>::setup()
///     .options(".field('v')")
///     .capture_log(LevelFilter::Info)
///     .start()?;
/// udf.lines("m v=1 1\nm w=1 2")?;
/// assert_eq!(udf.log(), "WARN a point of \"m\" has no \"v\"\n");
/// # Ok::<(), udf_runtime::testing::Failure>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Log {
    records: Vec<(Level, String)>,
}

impl Log {
    /// The level and the text of each record.
    pub fn records(&self) -> impl Iterator<Item = (Level, &str)> {
        self.records.iter().map(|(level, text)| (*level, &**text))
    }

    /// Whether nothing was logged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.records()
            .try_for_each(|(level, text)| writeln!(f, "{level} {text}"))
    }
}

/// The lines, so that a failing `assert_eq!` is readable.
impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl PartialEq<&str> for Log {
    fn eq(&self, other: &&str) -> bool {
        let text = self.to_string();
        text == *other
    }
}

/// Takes what one UDF logs, from a level on.
#[derive(Clone, Debug)]
pub(super) struct Capture {
    level: LevelFilter,
    log: Arc<Mutex<Log>>,
}

impl Capture {
    pub(super) fn new(level: LevelFilter) -> Self {
        Self {
            level,
            log: Arc::default(),
        }
    }

    /// Another one of the same level.
    pub(super) fn another(&self) -> Self {
        Self::new(self.level)
    }

    /// Calls `act`, and takes what this thread logs meanwhile.
    pub(super) fn during<T>(&self, act: impl FnOnce() -> T) -> T {
        /// Ends the capture, after a panic as well.
        struct End(Option<Capture>);

        impl Drop for End {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }

        let _end = End(CURRENT.replace(Some(self.clone())));
        act()
    }

    pub(super) fn take(&self) -> Log {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        // Nothing panics while it is held.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The logger of the test's process. Tests run side by side, so each record goes to the UDF that its thread
/// runs at that time.
struct ByThread;

impl log::Log for ByThread {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        current().is_some_and(|capture| metadata.level() <= capture.level)
    }

    fn log(&self, record: &Record<'_>) {
        if let Some(capture) = current().filter(|it| record.level() <= it.level) {
            // Outside of the lock, because the arguments may log as well.
            let text = record.args().to_string();
            capture.lock().records.push((record.level(), text));
        }
    }

    fn flush(&self) {}
}

fn current() -> Option<Capture> {
    // A thread may log while it ends.
    CURRENT
        .try_with(|current| current.borrow().clone())
        .ok()
        .flatten()
}

/// Installs the logger. Says whether it is the process's logger.
pub(super) fn install() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| {
        let is_installed = log::set_logger(&ByThread).is_ok();
        if is_installed {
            log::set_max_level(LevelFilter::Trace);
        }
        is_installed
    })
}
