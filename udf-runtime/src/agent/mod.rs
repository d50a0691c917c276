//! [`Agent`]: runs a [`Handler`] between a reader and a writer.
//!
//! One thread owns the session. It receives, calls the handler, writes, and calls ticks when they are
//! due. It waits only on its connection. Other threads reach the agent only through its `Control`. One of
//! them, the *watch* of the process, sends heartbeats while a callback is busy and ends an agent whose
//! callback is stuck.
//!
//! `session` is the protocol's state machine, without input or threads. `run` is the loop around it.
//! `driven` lets a caller such as a test drive it.

// Uses `output`, `data`, `connection`, `protocol` and `process`.

mod control;
mod driven;
mod error;
mod handler;
mod limits;
mod run;
mod session;
#[cfg(test)]
mod tests;

use std::io::{Read, Write};
#[cfg(unix)]
use std::os::fd::OwnedFd;
use std::process::exit;
use std::sync::Arc;

pub(crate) use driven::Driven;
pub use error::{AgentError, Callback};
pub use handler::{Handler, Info, Verdict};
pub use limits::Limits;

use control::{Control, OnEnd};
use session::Session;

use crate::connection::{Connection, Input, Pump, Source, Target};
use crate::output::{Outlet, Output, ResponseWriter};
use crate::process::{Stopper, prints, threads};

/// Runs a handler between a reader of Kapacitor's requests and a writer of its responses.
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
pub struct Agent {
    ends: Ends,
    limits: Limits,
}

/// The ends of an agent's connection.
enum Ends {
    Two(Source, Target),
    #[cfg(unix)]
    Socket(OwnedFd),
}

impl std::fmt::Debug for Agent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agent").finish_non_exhaustive()
    }
}

impl Agent {
    /// Creates an agent that reads Kapacitor's requests from one end and writes its answers to another.
    ///
    /// Both may block, and neither needs a buffer. The agent waits directly on the standard streams, files,
    /// pipes and sockets of the standard library. For any other reader or writer, a thread copies the
    /// bytes.
    ///
    /// With `stdin()` and `stdout()`, the agent takes over the process while it runs: prints go to standard
    /// error, SIGTERM and SIGINT stop it gracefully, and a stuck callback ends the process with exit code 1.
    pub fn new(reader: impl Read + Send + 'static, writer: impl Write + Send + 'static) -> Self {
        Self {
            ends: Ends::Two(Source::of(reader), Target::of(writer)),
            limits: Limits::default(),
        }
    }

    /// Creates an agent on a socket, without a second descriptor.
    #[cfg(unix)]
    pub(crate) fn on_socket(socket: OwnedFd) -> Self {
        Self {
            ends: Ends::Socket(socket),
            limits: Limits::default(),
        }
    }

    /// Sets the resource limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Runs a handler in this thread until the input ends. Returns after the handler was dropped.
    ///
    /// A stuck callback keeps the thread, although Kapacitor gets the error. See [`start`](Self::start).
    ///
    /// # Errors
    /// Anything but the end of the input that ended the agent. Kapacitor got it as an `ErrorResponse`.
    pub fn run<H: Handler>(self, handler: H) -> Result<(), AgentError> {
        let ready = self.ready(handler, Box::new(|_| {}))?;
        let control = ready.control.clone();
        ready.run();
        control.wait()
    }

    /// Runs a handler in a new thread.
    ///
    /// # Errors
    /// [`AgentError::Connection`] if the reader or writer cannot be used, [`AgentError::Thread`] if no thread
    /// could be started.
    pub fn start<H: Handler>(self, handler: H) -> Result<Running, AgentError> {
        let ready = self.ready(handler, Box::new(|_| {}))?;
        let control = ready.control.clone();
        let work = move || {
            ready.run();
        };
        threads::spawn("udf-agent", Box::new(work)).map_err(AgentError::Thread)?;
        Ok(Running { control })
    }

    /// Runs a handler in this thread. Calls `started` with the stopper before the agent begins. Calls
    /// `ended` with the outcome, from the thread that ended the agent: another one if a callback is stuck.
    #[cfg(unix)]
    pub(crate) fn run_here<H: Handler>(
        self,
        handler: H,
        started: impl FnOnce(Stopper),
        ended: impl FnOnce(&Result<(), AgentError>) + Send + 'static,
    ) {
        match self.ready(handler, Box::new(ended)) {
            Ok(ready) => {
                started(stopper(&ready.control));
                ready.run();
            }
            // Only a connection of two ends can fail here. A server's connection is one socket.
            Err(error) => log::error!("{error}"),
        }
    }

    /// Creates the connection and everything around the handler.
    fn ready<H: Handler>(self, handler: H, on_end: OnEnd) -> Result<Ready<H>, AgentError> {
        let limits = self.limits.checked();
        let is_programs = matches!(self.ends, Ends::Two(Source::Stdin, Target::Stdout));
        let connection = match self.ends {
            Ends::Two(source, target) => Connection::between(source, target),
            #[cfg(unix)]
            Ends::Socket(socket) => Ok(Connection::of_socket(socket)),
        };
        let Connection {
            input,
            output,
            pump,
        } = connection.map_err(AgentError::Connection)?;
        let writer = ResponseWriter::new(
            Outlet::Connection(output),
            H::Output::EDGE,
            limits.message_bytes,
        );
        let on_end = if is_programs {
            Box::new(exit_if_stuck)
        } else {
            on_end
        };
        let on_work = Box::new(move |control: &Arc<Control>| {
            control.watch();
            if is_programs {
                attach_to_process(control);
            }
        });
        let control = Control::new(
            writer,
            Some(input.waker()),
            limits.callback,
            on_work,
            on_end,
        );
        Ok(Ready {
            session: Session::new(handler, control.clone(), limits.clone()),
            input,
            message_limit: limits.message_bytes,
            control,
            pump,
            is_programs,
        })
    }
}

/// An agent that is ready to run.
struct Ready<H: Handler> {
    session: Session<H>,
    input: Arc<Input>,
    message_limit: usize,
    control: Arc<Control>,
    pump: Option<Pump>,
    is_programs: bool,
}

impl<H: Handler> Ready<H> {
    fn run(self) {
        run::run(
            &self.input,
            self.pump.as_ref(),
            self.session,
            self.message_limit,
            &self.control,
        );
        if self.is_programs {
            prints::finish();
        }
    }
}

/// Sets up signals and prints, at the first request other than `Info`. Kapacitor starts each UDF once just
/// to ask for `Info`, which has to be quick.
fn attach_to_process(control: &Arc<Control>) {
    #[cfg(unix)]
    if let Err(error) = control.stop_on_signals() {
        log::warn!("signals will not be handled: {error}");
    }
    #[cfg(windows)]
    let _ = control;
    if let Err(error) = prints::relay() {
        log::warn!("long lines that are printed will not be cut: {error}");
    }
}

/// Ends the program if a callback is stuck.
fn exit_if_stuck(ended: &Result<(), AgentError>) {
    if let Err(AgentError::Stuck { .. }) = ended {
        prints::finish();
        exit(1);
    }
}

/// An agent that runs in another thread.
///
/// ```
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
/// let running = Agent::new(udf.try_clone()?, udf).start(UdfHandler::<Mirror>::new())?;
/// running.stop_on_signals()?;      // SIGTERM and SIGINT stop it gracefully,
/// running.stopper().stop();        // and so does this.
/// running.wait()?;
/// # drop(kapacitor);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Running {
    control: Arc<Control>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

impl Running {
    /// A handle that stops the agent from any thread.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        stopper(&self.control)
    }

    /// Lets SIGTERM and SIGINT stop the agent. The first signal stops it gracefully. A second signal, or a
    /// stop that takes longer than five seconds, ends the process at once.
    ///
    /// # Errors
    /// If the process's signals cannot be handled.
    #[cfg(unix)]
    pub fn stop_on_signals(&self) -> std::io::Result<()> {
        self.control.stop_on_signals()
    }

    /// Waits until the agent has ended, by itself or [stopped](Stopper::stop).
    ///
    /// # Errors
    /// Those of [`Agent::run`].
    pub fn wait(self) -> Result<(), AgentError> {
        self.control.wait()
    }
}

/// What stops an agent, as long as it is there.
fn stopper(control: &Arc<Control>) -> Stopper {
    let control = Arc::downgrade(control);
    Stopper::new(move || {
        if let Some(control) = control.upgrade() {
            control.stop();
        }
    })
}
