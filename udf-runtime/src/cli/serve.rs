//! Serving Kapacitor: as its child, on stdin and stdout, or on a Unix socket.

use std::path::Path;
use std::process::{ExitCode, exit};
use std::thread;

use super::arguments::Serving;
use super::{FAILED, complain};
use crate::agent::{Agent, AgentError, stop_on_signals};
use crate::connection;
use crate::process::prints;
use crate::process::stdio::{self, Stdio};
use crate::server::{Server, UnixSocket};
use crate::udf::{Udf, UdfHandler};

pub(super) fn stdio<U: Udf>(serving: &Serving) -> ExitCode {
    let agent = stdio::take().and_then(|Stdio { input, output }| {
        let (reader, writer) = connection::of(input, output)?;
        let readable = reader.readable();
        Ok(Agent::new(reader, writer)
            .limits(serving.limits.clone())
            .readable_by(readable))
    });
    let agent = match agent {
        Ok(agent) => agent,
        Err(error) => {
            complain(&format!("error: stdin and stdout cannot be used: {error}"));
            return ExitCode::from(FAILED);
        }
    };
    // Kapacitor starts each UDF once just to ask for Info: until there is more to do, a signal finds
    // nothing to save.
    let agent = agent.at_work(|stopper| {
        if let Err(error) = stop_on_signals(move || stopper.stop()) {
            log::warn!("signals will not be handled: {error}");
        }
        if let Err(error) = prints::relay() {
            log::warn!("long lines that are printed will not be cut: {error}");
        }
    });
    // This thread has nothing else to do, so it is the agent's: another one takes time to start.
    let exit = |ended| exit(finished(ended).into());
    match agent.run_here(UdfHandler::<U>::new(), |_| {}, exit) {
        Some(ended) => ExitCode::from(finished(ended)),
        // Whoever has ended the agent ends the process.
        None => loop {
            thread::park();
        },
    }
}

/// Says how the agent has ended, and gives the exit code.
fn finished(ended: Result<(), AgentError>) -> u8 {
    let code = match ended {
        Ok(()) => 0,
        Err(error) => {
            log::log!(error.level(), "{error}");
            FAILED
        }
    };
    prints::finish();
    code
}

pub(super) fn socket<U: Udf>(serving: &Serving, path: &Path) -> ExitCode {
    let served = UnixSocket::bind(path, serving.socket_mode).map_err(|error| error.to_string());
    let served = served.and_then(|socket| {
        let server = Server::new(socket, UdfHandler::<U>::new)
            .map_err(|error| error.to_string())?
            .limits(serving.limits.clone());
        server
            .stop_on_signals()
            .map_err(|error| format!("signals cannot be handled: {error}"))?;
        log::info!("listening on {}", path.display());
        server.serve().map_err(|error| error.to_string())
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error}"));
            ExitCode::from(FAILED)
        }
    }
}
