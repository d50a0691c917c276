//! [`Agent`]: a [`Handler`] at work between a reader and a writer.
//!
//! One thread reads, calls the handler and writes; no hand-off lies on a point's way. Beside it,
//! one thread for the whole process (`watch`) sleeps most of the time: it asks for ticks, sees to
//! heartbeats for a callback that is busy, and gives up on one that is stuck, each in a short-lived
//! thread, for it waits for nothing itself. What they share of an agent is in `shared`; what the
//! protocol allows when is in `session`.

// Uses `output`, `data`, `protocol` and `process`.

mod error;
mod handler;
mod hooks;
mod limits;
mod run;
mod session;
mod shared;
mod sleep;
#[cfg(test)]
mod tests;
mod watch;

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

pub use error::{AgentError, Callback};
pub use handler::{Handler, Info, Verdict};
pub use limits::Limits;
pub(crate) use watch::stop_on_signals;

use hooks::{CalledOnce, Hooks};
use shared::Shared;

use crate::process::threads;

/// A handler at work between a reader and a writer, which are Kapacitor's.
///
/// ```
/// use std::io::{empty, sink};
/// use udf_runtime::{Agent, UdfHandler, prelude::*};
///
/// /// Sends every point back.
/// #[udf(stream)]
/// struct Mirror;
///
/// impl OnPoint for Mirror {
///     fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
///         out.point(point)
///     }
/// }
///
/// Agent::new(empty(), sink()).run(UdfHandler::<Mirror>::new())?;
/// # Ok::<(), udf_runtime::AgentError>(())
/// ```
pub struct Agent<R, W> {
    reader: R,
    writer: W,
    limits: Limits,
    hooks: Hooks,
}

impl<R, W> std::fmt::Debug for Agent<R, W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agent").finish_non_exhaustive()
    }
}

impl<R: Read, W: Write + Send + 'static> Agent<R, W> {
    /// An agent that reads Kapacitor's requests from one end and writes its answers to another.
    ///
    /// Both may block. No buffer is needed around them: the agent has its own.
    pub fn new(reader: R, writer: W) -> Self {
        Self {
            reader,
            writer,
            limits: Limits::default(),
            hooks: Hooks::default(),
        }
    }

    /// Sets what the agent puts up with.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Says how a read that waits is made to return, so that the agent can be stopped while it
    /// waits: for a socket, by shutting down its reading end.
    #[must_use]
    pub fn wake_by(mut self, wake: impl Fn() + Send + Sync + 'static) -> Self {
        self.hooks.wake = Some(Box::new(wake));
        self
    }

    /// Says how to tell whether something can be read without waiting. An agent that cannot be
    /// [woken](Self::wake_by) then still takes in what had come before it was stopped.
    #[must_use]
    pub fn readable_by(mut self, readable: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.hooks.readable = Some(Box::new(readable));
        self
    }

    /// Says what is to be done before the handler is asked for more than `Info`.
    pub(crate) fn at_work(mut self, act: impl FnOnce(Stopper) + Send + 'static) -> Self {
        self.hooks.at_work = CalledOnce::new(act);
        self
    }

    /// Runs a handler until the input ends.
    ///
    /// # Errors
    /// Everything that ended the agent otherwise; Kapacitor was told in an `ErrorResponse`.
    pub fn run<H: Handler>(self, handler: H) -> Result<(), AgentError> {
        let (reader, shared) = self.share(handler);
        run::run(reader, &shared);
        shared.wait()
    }

    /// Runs a handler in a thread of its own.
    ///
    /// # Errors
    /// [`AgentError::Thread`] where no thread could be had.
    pub fn start<H: Handler>(self, handler: H) -> Result<Running, AgentError>
    where
        R: Send + 'static,
    {
        let (reader, shared) = self.share(handler);
        let running = Running {
            stopper: Stopper::new(&shared),
            agent: shared.clone(),
        };
        let work = move || {
            run::run(reader, &shared);
        };
        threads::spawn("udf-agent", Box::new(work)).map_err(AgentError::Thread)?;
        Ok(running)
    }

    /// Runs a handler in this thread, which may wait for input, or in a callback that is stuck, when
    /// another one ends the agent. That is told to `ended_elsewhere`, and there is nothing to return then.
    ///
    /// What stops the agent is handed out before it begins.
    pub(crate) fn run_here<H: Handler>(
        mut self,
        handler: H,
        started: impl FnOnce(Stopper),
        ended_elsewhere: impl FnOnce(Result<(), AgentError>) + Send + 'static,
    ) -> Option<Result<(), AgentError>> {
        self.hooks.ended_elsewhere = CalledOnce::new(ended_elsewhere);
        let (reader, shared) = self.share(handler);
        started(Stopper::new(&shared));
        run::run(reader, &shared).then(|| shared.wait())
    }

    fn share<H: Handler>(self, handler: H) -> (R, Arc<Shared<H>>) {
        let Self {
            reader,
            writer,
            limits,
            hooks,
        } = self;
        let shared = Shared::new(handler, Box::new(writer), limits, hooks);
        (reader, shared)
    }
}

/// An agent that runs in a thread of its own.
///
/// ```
/// use std::net::Shutdown;
/// use std::os::unix::net::UnixStream;
/// use udf_runtime::{Agent, UdfHandler, prelude::*};
///
/// /// Sends every point back.
/// #[udf(stream)]
/// struct Mirror;
///
/// impl OnPoint for Mirror {
///     fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
///         out.point(point)
///     }
/// }
///
/// let (kapacitor, udf) = UnixStream::pair()?;
/// let woken = udf.try_clone()?;
/// let running = Agent::new(udf.try_clone()?, udf)
///     .wake_by(move || drop(woken.shutdown(Shutdown::Read)))
///     .start(UdfHandler::<Mirror>::new())?;
/// running.stop_on_signals()?;      // SIGTERM and SIGINT stop it gracefully,
/// running.stopper().stop();        // and so does this.
/// running.wait()?;
/// # drop(kapacitor);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Running {
    stopper: Stopper,
    agent: Arc<dyn Controlled>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

impl Running {
    /// What stops the agent, from any thread.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Lets SIGTERM and SIGINT stop the agent: the first one gracefully, a second one, or five
    /// seconds, at once.
    ///
    /// # Errors
    /// Where the process's signals cannot be handled.
    pub fn stop_on_signals(&self) -> io::Result<()> {
        let stopper = self.stopper();
        stop_on_signals(move || stopper.stop())
    }

    /// Waits until the agent has ended, by itself or [stopped](Stopper::stop).
    ///
    /// # Errors
    /// Those of [`Agent::run`].
    pub fn wait(self) -> Result<(), AgentError> {
        self.agent.wait()
    }
}

/// Stops an agent, from any thread.
#[derive(Clone)]
pub struct Stopper {
    agent: std::sync::Weak<dyn Controlled>,
}

impl Stopper {
    fn new<H: Handler>(shared: &Arc<Shared<H>>) -> Self {
        let agent: Arc<dyn Controlled> = shared.clone();
        Self {
            agent: Arc::downgrade(&agent),
        }
    }

    /// Asks the agent to end as if its input had ended: what has come is handled,
    /// [`Handler::stop`] called, everything sent delivered. Does not wait for it.
    pub fn stop(&self) {
        if let Some(agent) = self.agent.upgrade() {
            agent.stop();
        }
    }
}

impl std::fmt::Debug for Stopper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stopper").finish_non_exhaustive()
    }
}

/// What can be asked of an agent, whatever its handler is.
trait Controlled: Send + Sync {
    fn stop(self: Arc<Self>);
    fn wait(&self) -> Result<(), AgentError>;
}

/// How often the watch looks after an agent.
const LOOK_EVERY: Duration = Duration::from_millis(500);
