//! Catches panics at the boundary of an agent, and logs each in one line.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};

use super::text::cut;

thread_local! {
    /// This thread's last panic: its message and its place in the source.
    static LAST: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

/// Replaces the default hook. The new hook logs a panic in one line of bounded length, with its place.
pub(crate) fn install_hook() {
    panic::set_hook(Box::new(|panic| {
        let message = message(panic.payload());
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let thread = std::thread::current();
        log::error!(
            "thread {:?} panicked: {}",
            thread.name().unwrap_or("unnamed"),
            with_place(&message, &place)
        );
        // Fails if the hook runs while the thread ends, or during another panic in this function.
        let _ = LAST.try_with(|last| {
            if let Ok(mut last) = last.try_borrow_mut() {
                *last = Some((message, place));
            }
        });
    }));
}

/// Calls `act`. Returns a panic as its message, with its place if the hook is installed.
pub(crate) fn catch<T>(act: impl FnOnce() -> T) -> Result<T, String> {
    // Unwind safety does not matter, because the agent ends after a panic and uses nothing again.
    panic::catch_unwind(AssertUnwindSafe(act)).map_err(text)
}

fn text(payload: Box<dyn Any + Send>) -> String {
    let message = message(&*payload);
    // A payload may itself panic when it is dropped.
    std::mem::forget(payload);
    let last = LAST.try_with(RefCell::take).ok().flatten();
    match last {
        // `resume_unwind` does not call the hook. Then the last panic may be another one, which was caught.
        Some((of, place)) if of == message => with_place(&message, &place),
        _ => message,
    }
}

fn with_place(message: &str, place: &str) -> String {
    if place.is_empty() {
        return message.to_owned();
    }
    format!("{message} (at {place})")
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = if let Some(text) = payload.downcast_ref::<&str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "a value that is not text"
    };
    cut(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_panic_has_its_own_message_and_not_that_of_an_earlier_one() {
        // Records a panic as the hook does. Tests do not install the hook.
        let note = |message: &str| {
            LAST.set(Some((message.to_owned(), "src/udf.rs:7:9".to_owned())));
        };
        note("caught by the author");
        let resumed = catch(|| panic::resume_unwind(Box::new("the real reason"))).unwrap_err();
        assert_eq!(resumed, "the real reason");

        note("the real reason");
        let caught = catch(|| panic::resume_unwind(Box::new("the real reason"))).unwrap_err();
        assert_eq!(caught, "the real reason (at src/udf.rs:7:9)");
    }
}
