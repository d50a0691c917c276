//! A reload: a new process takes the listener over, and this one serves its open connections to their end.
//!
//! The successor is the same command, and so the program that is in its place now. It gets the listener as
//! its standard input, and says on its standard output that it is ready. Until then this process accepts
//! connections, so that a program that does not start costs nothing.

use std::env;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::{Listener, Server, Shared};
use crate::process::{service_manager, signals, threads};

/// What a successor writes to its standard output when it serves.
pub(super) const READY: &[u8] = b"ready\n";

impl<L: Listener, A> Server<L, A> {
    /// Lets SIGHUP reload the server. Connections that are open then may last for `drain_limit` more.
    pub(crate) fn reload_on_hangup(&mut self, drain_limit: Duration) -> io::Result<()> {
        self.drain_limit = drain_limit;
        let listener = self.listener.as_fd().try_clone_to_owned()?;
        let server = Arc::downgrade(&self.shared);
        signals::reload_on_hangup(move || {
            if let Some(server) = server.upgrade()
                && server.begin_reload()
            {
                let failed = server.clone();
                let reloading = listener.try_clone().and_then(|listener| {
                    threads::spawn("udf-reload", Box::new(move || reload(&server, listener)))
                });
                if let Err(error) = reloading {
                    failed.fail_reload(&error);
                }
            }
        })
    }
}

/// Starts a successor, and lets the server drain once the successor is ready.
fn reload(server: &Shared, listener: OwnedFd) {
    let now = clock_gettime(ClockId::Monotonic);
    let now = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1_000;
    service_manager::notify(&format!("RELOADING=1\nMONOTONIC_USEC={now}"));
    match start_successor(listener) {
        Ok(mut successor) => {
            let process = successor.id();
            log::info!("process {process} serves new connections, this process the open ones");
            server.drain();
            service_manager::notify(&format!("MAINPID={process}\nREADY=1"));
            // Its exit status is the service manager's concern.
            let _ = successor.wait();
        }
        Err(error) => server.fail_reload(&error),
    }
}

fn start_successor(listener: OwnedFd) -> io::Result<Child> {
    let mut arguments = env::args_os();
    let program = arguments.next().unwrap_or_default();
    let mut command = Command::new(&program);
    command
        .args(arguments)
        // It is that of this process.
        .env_remove("WATCHDOG_PID")
        .stdin(Stdio::from(listener))
        .stdout(Stdio::piped());
    let mut successor = command.spawn()?;
    // The writing end is the child's alone, so its end shows as the end of the pipe.
    drop(command);
    let mut said = Vec::new();
    if let Some(stdout) = successor.stdout.take() {
        stdout.take(READY.len() as u64).read_to_end(&mut said)?;
    }
    if said == READY {
        return Ok(successor);
    }
    if !said.is_empty() {
        // Another program is in its place. Without a word, it is ending.
        let _ = successor.kill();
    }
    let status = successor.wait()?;
    Err(io::Error::other(format!(
        "{} did not start: {status}",
        program.display()
    )))
}
