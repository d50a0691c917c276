//! Panics: kept from ending more than their own agent, told in one short line.
//!
//! Kapacitor stops reading a UDF's standard error at a line of 64 KiB, so that what is written
//! there, and what becomes a task's status, is cut far below.

use std::any::Any;
use std::borrow::Cow;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use super::text::cut;

thread_local! {
    /// What the hook heard of this thread's last panic.
    static HEARD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Tells panics by a log line of bounded length that says where, in place of the default hook.
pub(crate) fn install_hook() {
    panic::set_hook(Box::new(|panic| {
        let text = describe(panic);
        // The hook may run while the thread ends, or while it panics in here.
        let _ = HEARD.try_with(|heard| {
            if let Ok(mut heard) = heard.try_borrow_mut() {
                *heard = Some(text.clone());
            }
        });
        let thread = std::thread::current();
        log::error!(
            "thread {:?} panicked: {text}",
            thread.name().unwrap_or("unnamed")
        );
    }));
}

fn describe(panic: &PanicHookInfo<'_>) -> String {
    let message = message(panic.payload());
    let message = cut(&message);
    match panic.location() {
        Some(location) => format!("{message} (at {location})"),
        None => message.into_owned(),
    }
}

/// Calls `act`; a panic comes back as its message, with where it happened if the hook is
/// installed.
pub(crate) fn catch<T>(act: impl FnOnce() -> T) -> Result<T, String> {
    // What a panic leaves half changed is not used again: the agent ends.
    panic::catch_unwind(AssertUnwindSafe(act)).map_err(text)
}

fn text(payload: Box<dyn Any + Send>) -> String {
    let heard = HEARD.try_with(|heard| heard.take()).ok().flatten();
    let text = heard.unwrap_or_else(|| cut(&message(&*payload)).into_owned());
    // A payload may itself panic when it is dropped.
    std::mem::forget(payload);
    text
}

fn message(payload: &(dyn Any + Send)) -> Cow<'_, str> {
    if let Some(text) = payload.downcast_ref::<&str>() {
        Cow::Borrowed(text)
    } else if let Some(text) = payload.downcast_ref::<String>() {
        Cow::Borrowed(text)
    } else {
        Cow::Borrowed("a value that is no text")
    }
}
