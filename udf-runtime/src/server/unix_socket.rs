//! [`UnixSocket`]: a listener on a path, which it removes at the end.

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
/// Longest path of a socket in bytes, on Linux.
const MAX_PATH: usize = 107;
/// How long to wait for the folder's lock: much longer than a server holds it.
const PATIENCE: Duration = Duration::from_secs(1);
/// The pause between two attempts to lock the folder.
const TRY_AGAIN: Duration = Duration::from_millis(5);

/// A listener on a Unix socket that has a path.
///
/// The socket of a dead server is replaced. The socket of a running server and any other file stay
/// unchanged. Dropping the listener removes its file, unless another one has replaced it.
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
    /// Device and inode of the file, if this process has created it.
    file: Option<(u64, u64)>,
}

impl UnixSocket {
    /// The default mode of a socket: its owner and group have access. Run the UDF as Kapacitor's user
    /// or in its group.
    pub const MODE: u32 = 0o660;

    /// Listens on a path. The socket never has more permissions than `mode`, not even for a moment.
    ///
    /// # Errors
    /// A [`ServerError`] that says why the socket cannot be created.
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
            file: Some(file),
        })
    }

    /// A listener that another process has created. Its file stays when the listener is dropped.
    pub(super) fn passed(listener: UnixListener, path: PathBuf) -> Self {
        Self {
            listener,
            path,
            file: None,
        }
    }

    /// The path of the socket.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn listen_on(path: &Path, mode: u32) -> io::Result<UnixListener> {
    let address = SockAddr::unix(path)?;
    // As a `File`, to set its permissions.
    let socket = File::from(OwnedFd::from(Socket::new(
        Domain::UNIX,
        Type::STREAM,
        None,
    )?));
    // Linux creates the file with the mode of the socket, without the bits of the umask.
    let created_with = Permissions::from_mode(mode & 0o600);
    let never_open = socket.set_permissions(created_with).is_ok();
    let socket = Socket::from(OwnedFd::from(socket));
    socket.bind(&address)?;
    let made = fs::set_permissions(path, Permissions::from_mode(mode))
        .and_then(|()| socket.listen(BACKLOG));
    if let Err(error) = made {
        // An error of this is ignored, because the first error is the cause.
        let _ = fs::remove_file(path);
        return Err(error);
    }
    log::debug!(
        "socket {} created, never open to others: {never_open}",
        path.display()
    );
    Ok(OwnedFd::from(socket).into())
}

/// Keeps other servers from creating a socket in the folder until the lock is dropped. Without the lock,
/// two servers that find a dead server's socket could remove each other's, because a new socket that does
/// not listen yet looks like a dead one.
///
/// The folder itself is locked, so that a crash leaves no lock behind. Any process that may read the
/// folder can lock it, but must not keep a server from starting. So after a second, the server starts
/// without the lock.
fn lock_folder(path: &Path) -> Option<File> {
    // The dot makes opening anything but a folder fail. Opening a FIFO would block.
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

/// Removes the socket of a dead server and nothing else.
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
                "{} was left by a server that is gone, and is replaced",
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
        let Some(file) = self.file else {
            return;
        };
        let same =
            fs::symlink_metadata(&self.path).is_ok_and(|there| (there.dev(), there.ino()) == file);
        if same {
            // If it cannot be removed, the next server replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }
}
