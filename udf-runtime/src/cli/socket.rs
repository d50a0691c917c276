//! Serving Kapacitor on a Unix socket.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use super::arguments::Serving;
use super::{FAILED, complain};
use crate::process::{Stopper, threads};
use crate::server::{PassedSocket, Server, UnixSocket};
use crate::udf::{Udf, UdfHandler};

/// Where a server listens.
pub(super) enum Place {
    /// On a new socket with this path.
    Path(PathBuf),
    /// On a socket that this process got.
    Passed(PassedSocket),
}

/// Where to listen: on the socket that this process got, or at the path of `--socket`.
pub(super) fn place(serving: &Serving) -> io::Result<Option<Place>> {
    let passed = PassedSocket::take().map_err(io::Error::other)?;
    match (passed, &serving.socket) {
        (Some(passed), Some(path)) if !passed.is_at(path) => Err(io::Error::other(format!(
            "expected --socket {}, the socket that was passed, found {}; help: leave --socket out",
            passed.path().display(),
            path.display()
        ))),
        (Some(passed), _) => Ok(Some(Place::Passed(passed))),
        (None, path) => Ok(path.clone().map(Place::Path)),
    }
}

pub(super) fn run<U: Udf>(serving: &Serving, place: Place) -> ExitCode {
    match serve::<U>(serving, place) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error}"));
            ExitCode::from(FAILED)
        }
    }
}

fn serve<U: Udf>(serving: &Serving, place: Place) -> Result<(), String> {
    // A successor would not see the end of this process's standard input.
    let can_reload = matches!(place, Place::Passed(_)) && !serving.until_stdin_closes;
    let (socket, predecessor) = match place {
        Place::Path(path) => {
            let socket = UnixSocket::bind(path, serving.socket_mode.unwrap_or(UnixSocket::MODE));
            (socket.map_err(|error| error.to_string())?, None)
        }
        Place::Passed(passed) => passed.into_socket().map_err(|error| error.to_string())?,
    };
    let path = socket.path().display().to_string();
    let mut server = Server::new(socket, UdfHandler::<U>::new)
        .map_err(|error| error.to_string())?
        .limits(serving.limits.clone())
        .notify_service_manager();
    server
        .stop_on_signals()
        .and_then(|()| match can_reload {
            true => server.reload_on_hangup(serving.drain_limit),
            false => Ok(()),
        })
        .map_err(|error| format!("signals cannot be handled: {error}"))?;
    if serving.until_stdin_closes {
        stop_with_stdin(server.stopper())
            .map_err(|error| format!("no thread can wait for standard input: {error}"))?;
    }
    log::info!("listening on {path}");
    if let Some(predecessor) = predecessor {
        predecessor.report_ready();
    }
    server.serve().map_err(|error| error.to_string())
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
