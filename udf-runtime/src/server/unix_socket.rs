//! A Unix socket with a path: made with care, and removed at the end.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, SockAddr, Socket, Type};

use super::{Listener, ServerError};

/// Connections that wait to be accepted.
const BACKLOG: i32 = 1024;
/// Bytes that a socket's path may have, on Linux.
const MAX_PATH: usize = 107;
/// How long the folder's lock is waited for: much longer than a server holds it.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the folder's lock is tried meanwhile.
const TRY_AGAIN: Duration = Duration::from_millis(5);

/// A listener on a Unix socket that has a path.
///
/// A socket that a dead server left is replaced; one of a living server, and anything that is no
/// socket, stays untouched. The file is removed when the listener is dropped, if it is still
/// the same.
///
/// ```
/// use udf_runtime::UnixSocket;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("udf.sock");
/// let socket = UnixSocket::bind(&path, UnixSocket::MODE)?;
/// assert!(path.exists());
/// drop(socket);
/// assert!(!path.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct UnixSocket {
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode of the file.
    file: (u64, u64),
}

impl UnixSocket {
    /// The mode that a socket has by default: for its owner and group, and for nobody else. Run
    /// the UDF as the user or in the group of Kapacitor.
    pub const MODE: u32 = 0o660;

    /// Listens on a path. There is no moment at which the socket is open to more than `mode`
    /// says.
    ///
    /// # Errors
    /// A [`ServerError`] that says what is in the way.
    pub fn bind(path: impl AsRef<Path>, mode: u32) -> Result<Self, ServerError> {
        Self::bind_to(path.as_ref(), mode)
    }

    fn bind_to(path: &Path, mode: u32) -> Result<Self, ServerError> {
        let len = path.as_os_str().len();
        if len > MAX_PATH {
            return Err(ServerError::PathTooLong {
                path: path.into(),
                len,
                limit: MAX_PATH,
            });
        }
        let _lock = lock_folder(path);
        clear(path)?;
        let failed = |error| ServerError::Bind {
            path: path.into(),
            error,
        };
        let listener = listen_on(path, mode).map_err(failed)?;
        let file = fs::symlink_metadata(path)
            .map(|it| (it.dev(), it.ino()))
            .map_err(failed)?;
        Ok(Self {
            listener,
            path: path.into(),
            file,
        })
    }

    /// The path of the socket.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn listen_on(path: &Path, mode: u32) -> io::Result<UnixListener> {
    let address = SockAddr::unix(path)?;
    // A file as far as its mode goes.
    let socket = File::from(OwnedFd::from(Socket::new(
        Domain::UNIX,
        Type::STREAM,
        None,
    )?));
    // On Linux the file is born with the mode of the socket, less the umask.
    let born_with = Permissions::from_mode(mode & 0o600);
    let closed_from_birth = socket.set_permissions(born_with).is_ok();
    let socket = Socket::from(OwnedFd::from(socket));
    socket.bind(&address)?;
    let made = fs::set_permissions(path, Permissions::from_mode(mode))
        .and_then(|()| socket.listen(BACKLOG));
    if let Err(error) = made {
        // Nothing is left behind; that it could not be removed would be the lesser trouble.
        let _ = fs::remove_file(path);
        return Err(error);
    }
    log::debug!(
        "socket {} made, closed from birth: {closed_from_birth}",
        path.display()
    );
    Ok(OwnedFd::from(socket).into())
}

/// Keeps other servers from making a socket in the folder until the lock is dropped: one that they
/// have made but do not yet listen on looks like one of a dead server, and where two have found a
/// dead one's, the second would remove the first one's.
///
/// It is the folder itself that is locked, so nothing is left behind, not even by a crash. Whoever
/// may read the folder can lock it, and must not keep a server from starting: where the lock cannot
/// be had, there is none.
fn lock_folder(path: &Path) -> Option<File> {
    // What is no folder, such as a FIFO, is not opened.
    let folder = path.parent()?.join(".");
    let lock = File::open(&folder).ok()?;
    let began = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Some(lock),
            Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => {
                thread::sleep(TRY_AGAIN);
            }
            Err(error) => {
                log::debug!("{} is not locked: {error}", folder.display());
                return None;
            }
        }
    }
}

/// Removes what a dead server left, and nothing else.
fn clear(path: &Path) -> Result<(), ServerError> {
    let failed = |error| ServerError::Bind {
        path: path.into(),
        error,
    };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
        Ok(there) if !there.file_type().is_socket() => {
            return Err(ServerError::NoSocket { path: path.into() });
        }
        Ok(_) => {}
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            log::info!(
                "{} was left by a server that is gone; it is replaced",
                path.display()
            );
            fs::remove_file(path).map_err(failed)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(failed(error)),
        Ok(_) | Err(_) => Err(ServerError::InUse { path: path.into() }),
    }
}

impl Listener for UnixSocket {
    type Connection = UnixStream;

    fn prepare(&self) -> io::Result<()> {
        self.listener.prepare()
    }

    fn accept(&self) -> io::Result<UnixStream> {
        Listener::accept(&self.listener)
    }
}

impl AsFd for UnixSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

impl Drop for UnixSocket {
    fn drop(&mut self) {
        let same = fs::symlink_metadata(&self.path)
            .is_ok_and(|there| (there.dev(), there.ino()) == self.file);
        if same {
            // What cannot be removed is replaced by the next server.
            let _ = fs::remove_file(&self.path);
        }
    }
}
