//! [`PassedSocket`]: a listening socket that this process got when it started.

use std::env;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process;

use listenfd::ListenFd;
use socket2::{SockRef, Type};

use super::{ServerError, UnixSocket};
use crate::process::stdio;

/// A listening socket that this process got when it started: from a service manager as descriptor 3, see
/// `sd_listen_fds(3)`, or from the server that it [replaces](super::reload) as standard input.
pub(crate) struct PassedSocket {
    listener: UnixListener,
    path: PathBuf,
    is_successor: bool,
}

impl PassedSocket {
    /// Takes the socket, if there is one. Removes the environment's variables about it, and so belongs at
    /// the program's start, before there are threads.
    ///
    /// # Errors
    /// [`ServerError::Passed`] if it is not one listening Unix socket with a path.
    pub(crate) fn take() -> Result<Option<Self>, ServerError> {
        if let Some(listener) = from_predecessor() {
            return Self::new(listener, true).map(Some);
        }
        let process = env::var("LISTEN_PID").ok();
        if process.and_then(|process| process.parse().ok()) != Some(process::id()) {
            return Ok(None);
        }
        let mut passed = ListenFd::from_env();
        match passed.len() {
            0 => return Ok(None),
            1 => {}
            count => return Err(unexpected(format!("{count} sockets"))),
        }
        let listener = passed.take_unix_listener(0);
        match listener.map_err(|error| unexpected(error.to_string()))? {
            Some(listener) => Self::new(listener, false).map(Some),
            None => Ok(None),
        }
    }

    fn new(listener: UnixListener, is_successor: bool) -> Result<Self, ServerError> {
        if SockRef::from(&listener).peer_addr().is_ok() {
            return Err(unexpected("a connection".to_owned()));
        }
        let address = listener.local_addr().map_err(ServerError::Listener)?;
        match address.as_pathname() {
            Some(path) => Ok(Self {
                path: path.to_owned(),
                listener,
                is_successor,
            }),
            None => Err(unexpected("a socket without a path".to_owned())),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a path leads to this socket.
    pub(crate) fn is_at(&self, path: &Path) -> bool {
        let real = |path| fs::canonicalize(path).ok();
        path == self.path || real(path).is_some_and(|path| Some(path) == real(&self.path))
    }

    /// The listener, and the predecessor that waits until it is served, if there is one.
    pub(crate) fn into_socket(self) -> io::Result<(UnixSocket, Option<Predecessor>)> {
        let predecessor = self
            .is_successor
            .then(|| stdio::take_output().map(|output| Predecessor(output.into())));
        let socket = UnixSocket::passed(self.listener, self.path);
        Ok((socket, predecessor.transpose()?))
    }
}

/// The server that this process replaces. It accepts connections until this process is ready.
pub(crate) struct Predecessor(File);

impl Predecessor {
    /// Reports that this process is ready.
    pub(crate) fn report_ready(mut self) {
        // Fails only if it has ended.
        let _ = self.0.write_all(super::reload::READY);
    }
}

/// Standard input, if it is a listening socket. Descriptor 0 becomes empty.
fn from_predecessor() -> Option<UnixListener> {
    let stdin = io::stdin();
    let socket = SockRef::from(&stdin);
    let has_path = socket.local_addr().ok()?.as_pathname().is_some();
    let is_stream = socket.r#type().ok()? == Type::STREAM;
    let is_connected = socket.peer_addr().is_ok();
    let is_listener = has_path && is_stream && !is_connected;
    is_listener.then(|| stdio::take_input().ok().map(UnixListener::from))?
}

fn unexpected(found: String) -> ServerError {
    ServerError::Passed { found }
}
