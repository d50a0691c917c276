//! One end of a connection as a descriptor that never keeps a writer waiting.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;

use socket2::SockRef;

use crate::process::poll;

/// A descriptor that is read when it is ready, and written without waiting.
pub(super) enum Descriptor {
    /// A socket of any kind. What is asked of it here, all of them do.
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
            // Files and terminals never wait for a reader.
            Ok(Self::Other(file))
        }
    }

    /// Reads what is there. A peer that is gone has ended the input, whatever it left unread.
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

    /// Writes what is taken at once; [`WouldBlock`](ErrorKind::WouldBlock) where nothing is.
    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            // The mode of the descriptor would hold for its reads as well.
            Self::Socket(socket) => SockRef::from(socket)
                .send_with_flags(bytes, libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL),
            Self::Other(file) => (&*file).write(bytes),
        }
    }

    /// Ends one direction of a socket, also for other holders of the descriptor.
    pub(super) fn shut_down(&self, how: Shutdown) {
        if let Self::Socket(socket) = self {
            // Fails only where the peer has gone.
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

/// The same pipe, opened again, so that not to wait is the mode of this descriptor alone, and not of
/// all that share it. Where that fails, the mode is set on the shared one.
fn without_waiting(pipe: File) -> io::Result<File> {
    poll::reopen_without_waiting(&pipe).or_else(|_| {
        rustix::io::ioctl_fionbio(&pipe, true)?;
        Ok(pipe)
    })
}
