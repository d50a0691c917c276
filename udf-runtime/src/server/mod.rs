//! [`Server`]: an agent for each connection to a listener.
//!
//! Each connection has its own thread, handler and buffers, so that the failure of one does not affect
//! another. Buffers start small, so that many connections need little memory.

// Uses `agent` and `process`.

mod error;
mod listener;
mod passed;
mod reload;
mod unix_socket;
mod watchdog;

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};

pub use error::ServerError;
pub use listener::Listener;
pub(crate) use passed::PassedSocket;
pub use unix_socket::UnixSocket;

use crate::agent::{Agent, AgentError, Handler, Limits};
use crate::process::poll;
use crate::process::signals::{StoppedBySignals, stop_on_signals};
use crate::process::{Stopper, panics, service_manager, threads};

/// How long to wait if no connection can be accepted, for example without free descriptors.
const RETRY: Duration = Duration::from_millis(200);

/// Serves a listener. Each connection gets an agent, with a handler from the accepter.
///
/// ```
/// use std::net::TcpListener;
/// use udf_runtime::{Server, UdfHandler, prelude::*};
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
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let server = Server::new(listener, UdfHandler::<Mirror>::new)?;
/// let stopper = server.stopper();
/// let serving = std::thread::spawn(|| server.serve());
///
/// stopper.stop();
/// serving.join().unwrap()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Server<L, A> {
    listener: L,
    accepter: A,
    limits: Limits,
    shared: Arc<Shared>,
    /// Becomes readable when the server's thread should look at its state.
    woken: UnixStream,
    signals: OnceLock<StoppedBySignals>,
    /// A service manager gets messages about this server.
    is_service: bool,
    /// How long connections may stay open after a reload.
    drain_limit: Duration,
}

impl<L, A> std::fmt::Debug for Server<L, A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

struct Shared {
    state: Mutex<State>,
    /// Notified when a connection ends, or the server should stop.
    ended: Condvar,
    wake: UnixStream,
    /// The server's thread has not answered the watchdog's last wake yet.
    is_asked: AtomicBool,
}

#[derive(Default)]
struct State {
    stopping: bool,
    reload: Reload,
    /// The number of the last connection.
    last: u64,
    /// The stopper of each open connection, once its agent has started.
    open: HashMap<u64, Option<Stopper>>,
}

/// The state of a [reload](reload).
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Reload {
    #[default]
    None,
    /// A successor is starting.
    Starting,
    /// The successor accepts connections, and this server no longer does.
    Draining,
}

impl<L: Listener, A: FnMut() -> H, H: Handler> Server<L, A> {
    /// Creates a server for a listener. The accepter creates the handler of each connection.
    ///
    /// # Errors
    /// If the system has no more file descriptors, or the listener cannot be prepared.
    pub fn new(listener: L, accepter: A) -> io::Result<Self> {
        let (wake, woken) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        listener.prepare()?;
        let shared = Shared::new(wake);
        Ok(Self {
            listener,
            accepter,
            limits: Limits::default(),
            shared: Arc::new(shared),
            woken,
            signals: OnceLock::new(),
            is_service: false,
            drain_limit: Duration::ZERO,
        })
    }

    /// Sets the resource limits of each agent.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sends the service manager, such as systemd, messages about this server: that it is ready, that it is
    /// alive, and that it stops. They go to the socket in `NOTIFY_SOCKET`, if that is set; see `sd_notify(3)`.
    ///
    /// With `WATCHDOG_USEC`, a sign of life is sent twice in that time, as long as the thread that accepts
    /// connections is not stuck. Signs of life are at least half a second apart.
    #[must_use]
    pub fn notify_service_manager(mut self) -> Self {
        self.is_service = true;
        self
    }

    /// A handle that stops the server from any thread.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        let shared = self.shared.clone();
        Stopper::new(move || shared.stop())
    }

    /// Lets SIGTERM and SIGINT stop the server. The first signal stops it gracefully. A second signal, or a
    /// stop that takes longer than five seconds, ends the process at once.
    ///
    /// # Errors
    /// If the process's signals cannot be handled.
    pub fn stop_on_signals(&self) -> io::Result<()> {
        let stopper = self.stopper();
        // A second registration would change nothing.
        let _ = self.signals.set(stop_on_signals(move || stopper.stop())?);
        Ok(())
    }

    /// Serves until the server is stopped and its agents have ended. They handle the input received so far
    /// and deliver their output.
    ///
    /// # Errors
    /// [`ServerError::Listener`] if the listener has failed.
    pub fn serve(mut self) -> Result<(), ServerError> {
        if self.is_service {
            service_manager::notify("READY=1");
            watchdog::feed(&self.shared);
        }
        let accepted = self.accept();
        // New connections are refused from now on, unless a successor accepts them.
        drop(self.listener);
        if self.shared.state().reload == Reload::Draining {
            self.shared.wait_for_drain(self.drain_limit);
        } else if self.is_service {
            service_manager::notify("STOPPING=1");
        }
        self.shared.stop_agents();
        self.shared.wait_for_agents();
        accepted
    }

    /// Accepts connections until the server should stop.
    fn accept(&mut self) -> Result<(), ServerError> {
        let mut refused = false;
        while self.wait_for_connection()? {
            match self.listener.accept() {
                Ok(connection) => {
                    refused = false;
                    self.connected(connection);
                }
                // The peer has already gone.
                Err(error) if is_passing(&error) => {}
                Err(error) => {
                    if !refused {
                        log::warn!("no connection can be accepted for now: {error}");
                        refused = true;
                    }
                    let mut wake = [PollFd::new(&self.woken, PollFlags::IN)];
                    // The next wait notices whether the server was woken.
                    let _ = poll::wait(&mut wake, Some(RETRY));
                }
            }
        }
        Ok(())
    }

    /// Waits until a connection can be accepted. Returns `false` if the server should stop.
    fn wait_for_connection(&self) -> Result<bool, ServerError> {
        loop {
            let mut sources = [
                PollFd::new(&self.listener, PollFlags::IN),
                PollFd::new(&self.woken, PollFlags::IN),
            ];
            poll::wait(&mut sources, None).map_err(ServerError::Listener)?;
            let [events, woken] = sources.map(|source| source.revents());
            if !woken.is_empty() {
                // Fails only if a signal comes, and then the next wait wakes at once.
                let _ = (&self.woken).read(&mut [0; 64]);
            }
            self.shared.is_asked.store(false, Ordering::SeqCst);
            if self.shared.is_ending() {
                return Ok(false);
            }
            if events.contains(PollFlags::NVAL) {
                return Err(ServerError::Listener(ErrorKind::NotConnected.into()));
            }
            if !events.is_empty() {
                return Ok(true);
            }
        }
    }

    fn connected(&mut self, connection: L::Connection) {
        let handler = match panics::catch(|| (self.accepter)()) {
            Ok(handler) => handler,
            Err(panic) => return log::error!("the accepter panicked: {panic}"),
        };
        if let Err(error) = self.start(connection, handler) {
            log::error!("a connection could not be served: {error}");
        }
    }

    fn start(&self, connection: L::Connection, handler: H) -> io::Result<()> {
        let agent = Agent::on_socket(connection.into()).limits(self.limits.clone());
        let open = Open::new(&self.shared);
        let number = open.number;
        let shared = self.shared.clone();
        let ended = move |ended: &Result<(), AgentError>| {
            if let Err(error) = ended {
                log::log!(error.level(), "connection {number}: {error}");
            }
            // The server does not wait for a stuck thread, nor for the drop of a failed handler.
            shared.close(number);
        };
        let work = move || agent.run_here(handler, |stopper| open.stoppable(stopper), ended);
        threads::spawn(&format!("udf-{number}"), Box::new(work)).map(drop)
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::Interrupted | ErrorKind::ConnectionAborted
    )
}

impl Shared {
    fn new(wake: UnixStream) -> Self {
        Self {
            state: Mutex::default(),
            ended: Condvar::new(),
            wake,
            is_asked: AtomicBool::new(false),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while holding this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, number: u64) {
        self.state().open.remove(&number);
        self.ended.notify_all();
    }

    /// Lets the server's thread look at its state.
    fn wake(&self) {
        // Fails only if the socket is full, and then the server wakes anyway.
        let _ = (&self.wake).write(&[0]);
    }

    /// Asks the server to stop.
    fn stop(&self) {
        self.state().stopping = true;
        self.ended.notify_all();
        self.wake();
    }

    /// Whether the server's thread has answered the last call of this function. Asks it again.
    fn has_answered(&self) -> bool {
        let has_answered = !self.is_asked.swap(true, Ordering::SeqCst);
        if has_answered {
            self.wake();
        }
        has_answered
    }

    /// Whether the server accepts no more connections.
    fn is_ending(&self) -> bool {
        let state = self.state();
        state.stopping || state.reload == Reload::Draining
    }

    /// Returns `false` if a reload has already begun, or there is nothing to reload.
    fn begin_reload(&self) -> bool {
        let mut state = self.state();
        let begins = !state.stopping && state.reload == Reload::None;
        if begins {
            state.reload = Reload::Starting;
        }
        begins
    }

    fn fail_reload(&self, error: &io::Error) {
        log::error!("the reload has failed, and this process serves on: {error}");
        self.state().reload = Reload::None;
        service_manager::notify("READY=1");
    }

    /// Leaves new connections to the successor.
    fn drain(&self) {
        self.state().reload = Reload::Draining;
        self.wake();
    }

    /// Waits until all connections have ended, the server should stop, or the time is over.
    fn wait_for_drain(&self, limit: Duration) {
        let began = Instant::now();
        let mut state = self.state();
        while !state.open.is_empty() && !state.stopping {
            let left = limit.saturating_sub(began.elapsed());
            if left.is_zero() {
                log::warn!(
                    "{} connections are still open {limit:?} after the reload, and end now",
                    state.open.len()
                );
                return;
            }
            let waited = self.ended.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Stops all agents, including one that is just starting.
    fn stop_agents(&self) {
        let stoppers: Vec<_> = {
            let mut state = self.state();
            state.stopping = true;
            state.open.values().flatten().cloned().collect()
        };
        for stopper in stoppers {
            stopper.stop();
        }
    }

    fn wait_for_agents(&self) {
        let mut state = self.state();
        while !state.open.is_empty() {
            state = self
                .ended
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The registration of an open connection. Dropping it closes the connection's entry.
struct Open {
    shared: Arc<Shared>,
    number: u64,
}

impl Open {
    fn new(shared: &Arc<Shared>) -> Self {
        let mut state = shared.state();
        state.last += 1;
        let number = state.last;
        state.open.insert(number, None);
        Self {
            shared: shared.clone(),
            number,
        }
    }

    fn stoppable(&self, stopper: Stopper) {
        let stopping = {
            let mut state = self.shared.state();
            state.open.insert(self.number, Some(stopper.clone()));
            state.stopping
        };
        if stopping {
            stopper.stop();
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.close(self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn an_agent_that_is_starting_when_the_server_ends_is_stopped() {
        let (wake, _woken) = UnixStream::pair().unwrap();
        let shared = Arc::new(Shared::new(wake));
        // Its thread has not come to its stopper yet.
        let starting = Open::new(&shared);
        shared.stop_agents();
        let is_stopped = Arc::new(AtomicBool::new(false));
        let stopped = is_stopped.clone();
        starting.stoppable(Stopper::new(move || stopped.store(true, Ordering::SeqCst)));
        assert!(is_stopped.load(Ordering::SeqCst));
    }

    #[test]
    fn a_server_whose_thread_does_not_answer_falls_silent() {
        let (wake, woken) = UnixStream::pair().unwrap();
        let shared = Shared::new(wake);
        assert!(shared.has_answered());
        // The thread is woken, and does not come to its answer.
        (&woken).read_exact(&mut [0]).unwrap();
        assert!(!shared.has_answered());
        assert!(!shared.has_answered());
        shared.is_asked.store(false, Ordering::SeqCst);
        assert!(shared.has_answered());
    }
}
