//! [`Failure`]: why a UDF does not go on.

use std::error::Error;
use std::fmt;

use super::Sent;
use crate::udf::options::{OptionError, OptionErrors};

/// Why a UDF did not start, or has ended.
///
/// It displays as the text that Kapacitor shows as the error of the task.
pub struct Failure {
    // Behind a pointer, since a `Result` with it is returned by value everywhere.
    inner: Box<Inner>,
}

struct Inner {
    kind: FailureKind,
    text: String,
    problems: OptionErrors,
    sent: Sent,
}

/// What has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// The test itself: it gives a text that is not TICKscript or line protocol, or it calls a UDF that has ended.
    Test,
    /// The UDF refused its options or a snapshot.
    Refused,
    /// A callback failed or panicked, a thread of the UDF called [`Sender::fail`](crate::Sender::fail), or the
    /// input breaks the protocol.
    Ended,
    /// The output could not be written, because the host was gone.
    HostGone,
}

impl Failure {
    pub(super) fn new(kind: FailureKind, text: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                text: text.into(),
                problems: OptionErrors::default(),
                sent: Sent::default(),
            }),
        }
    }

    pub(super) fn of_test(text: impl Into<String>) -> Self {
        Self::new(FailureKind::Test, text)
    }

    pub(super) fn with_problems(mut self, problems: OptionErrors) -> Self {
        self.inner.problems = problems;
        self
    }

    pub(super) fn with_sent(mut self, sent: Sent) -> Self {
        self.inner.sent = sent;
        self
    }

    /// What has failed.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        self.inner.kind
    }

    /// The text that Kapacitor shows as the error of the task.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// Every problem of the options, where they were refused.
    pub fn problems(&self) -> impl Iterator<Item = &OptionError> {
        self.inner.problems.iter()
    }

    /// What the callbacks have sent in the same call before they failed. It was delivered.
    #[must_use]
    pub fn sent(&self) -> &Sent {
        &self.inner.sent
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.text)
    }
}

/// The text, so that `unwrap` shows it as it is.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Failure {}
