//! A Unix socket with a path, which is removed at the end.

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
/// The socket of a dead server is replaced. That of a running server, and any other file, stays as it
/// is. The file is removed when the listener is dropped, if it is still the same.
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
    /// The default mode of a socket: its owner and group have access. Run the UDF as Kapacitor's user
    /// or in its group.
    pub const MODE: u32 = 0o660;

    /// Listens on a path. The socket is never open to more than `mode` allows, not even for a moment.
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
    // On Linux the file is created with the mode of the socket, less the umask.
    let created_with = Permissions::from_mode(mode & 0o600);
    let never_open = socket.set_permissions(created_with).is_ok();
    let socket = Socket::from(OwnedFd::from(socket));
    socket.bind(&address)?;
    let made = fs::set_permissions(path, Permissions::from_mode(mode))
        .and_then(|()| socket.listen(BACKLOG));
    if let Err(error) = made {
        // The first error is the one to report.
        let _ = fs::remove_file(path);
        return Err(error);
    }
    log::debug!(
        "socket {} created, never open to others: {never_open}",
        path.display()
    );
    Ok(OwnedFd::from(socket).into())
}

/// Keeps other servers from creating a socket in the folder until the lock is dropped. A socket that is
/// created but not yet listened on looks like that of a dead server, and two servers that have found a
/// dead one would remove each other's.
///
/// The folder itself is locked, so that not even a crash leaves a lock behind. Any process that may read
/// the folder can lock it, and must not keep a server from starting. So a lock that is not free within
/// a second is done without.
fn lock_folder(path: &Path) -> Option<File> {
    // The dot keeps anything but a folder, such as a FIFO, from being opened.
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

/// Removes the socket of a dead server, and nothing else.
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
        let same = fs::symlink_metadata(&self.path)
            .is_ok_and(|there| (there.dev(), there.ino()) == self.file);
        if same {
            // If it cannot be removed, the next server replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }
}
