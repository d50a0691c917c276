//! Serving Kapacitor: as its child, on stdin and stdout, or on a Unix socket.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use super::arguments::Serving;
use super::{FAILED, complain};
use crate::agent::Agent;
use crate::process::{Stopper, threads};
use crate::server::{Server, UnixSocket};
use crate::udf::{Udf, UdfHandler};

pub(super) fn stdio<U: Udf>(serving: &Serving) -> ExitCode {
    let agent = Agent::new(io::stdin(), io::stdout()).limits(serving.limits.clone());
    match agent.run(UdfHandler::<U>::new()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::log!(error.level(), "{error}");
            ExitCode::from(FAILED)
        }
    }
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
        if serving.until_stdin_closes {
            stop_with_stdin(server.stopper())
                .map_err(|error| format!("no thread can wait for standard input: {error}"))?;
        }
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

/// Stops the server when standard input ends, as it does with the process at its other end. A parent that
/// is killed leaves no server behind.
fn stop_with_stdin(server: Stopper) -> io::Result<()> {
    let wait = move || {
        // An error is an end as well.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        server.stop();
    };
    threads::spawn("udf-stdin", Box::new(wait)).map(drop)
}
