//! One end of a connection: a descriptor whose writes never block.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;

use socket2::SockRef;

use crate::process::poll;

/// A descriptor that is read when it is ready and written without blocking.
pub(super) enum Descriptor {
    /// A socket of any kind. All kinds support what is used here.
    Socket(UnixStream),
    /// A pipe, a file or a terminal.
    Other(File),
}

impl Descriptor {
    pub(super) fn of_input(descriptor: OwnedFd) -> io::Result<Self> {
        let file = File::from(descriptor);
        if file.metadata()?.file_type().is_socket() {
            return Ok(Self::Socket(OwnedFd::from(file).into()));
        }
        Ok(Self::Other(file))
    }

    pub(super) fn of_output(descriptor: OwnedFd) -> io::Result<Self> {
        let file = File::from(descriptor);
        let file_type = file.metadata()?.file_type();
        if file_type.is_socket() {
            Ok(Self::Socket(OwnedFd::from(file).into()))
        } else if file_type.is_fifo() {
            without_waiting(file).map(Self::Other)
        } else {
            // Files and terminals have no reader to wait for.
            Ok(Self::Other(file))
        }
    }

    /// Reads the available bytes. A reset by the peer counts as the end of the input.
    pub(super) fn read(&self, to: &mut [u8]) -> io::Result<usize> {
        let read = match self {
            Self::Socket(socket) => (&*socket).read(to),
            Self::Other(file) => (&*file).read(to),
        };
        match read {
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(0),
            read => read,
        }
    }

    /// Writes as much as possible without blocking. Fails with [`WouldBlock`](ErrorKind::WouldBlock) if
    /// that is nothing.
    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            // A flag of this call, because a non-blocking descriptor would affect reads as well.
            Self::Socket(socket) => SockRef::from(socket)
                .send_with_flags(bytes, libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL),
            Self::Other(file) => (&*file).write(bytes),
        }
    }

    /// Shuts down one direction of a socket, also for other holders of the descriptor.
    pub(super) fn shut_down(&self, how: Shutdown) {
        if let Self::Socket(socket) = self {
            // Fails only if the peer is gone.
            let _ = socket.shutdown(how);
        }
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Socket(socket) => socket.as_fd(),
            Self::Other(file) => file.as_fd(),
        }
    }
}

/// Opens the same pipe again, so that only this descriptor is non-blocking, and not all that share the
/// pipe. If that fails, sets the mode on the shared one.
fn without_waiting(pipe: File) -> io::Result<File> {
    poll::reopen_without_waiting(&pipe).or_else(|_| {
        rustix::io::ioctl_fionbio(&pipe, true)?;
        Ok(pipe)
    })
}
