//! [`Listener`]: Unix sockets and TCP sockets that a server can listen on.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};

/// A source of connections.
pub trait Listener: AsFd {
    /// A stream socket.
    type Connection: Into<OwnedFd>;

    /// Prepares the listener for a server, which waits for it with `poll`.
    ///
    /// # Errors
    /// Those of the system.
    fn prepare(&self) -> io::Result<()>;

    /// Takes the next connection, if there is one.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is none, and those of the system.
    fn accept(&self) -> io::Result<Self::Connection>;
}

macro_rules! listener {
    ($listener:ty => $stream:ty, $accepted:ident => $set_up:expr) => {
        impl Listener for $listener {
            type Connection = $stream;

            fn prepare(&self) -> io::Result<()> {
                self.set_nonblocking(true)
            }

            fn accept(&self) -> io::Result<Self::Connection> {
                let ($accepted, _) = <$listener>::accept(self)?;
                // On some systems, the connection inherits the listener's mode.
                $accepted.set_nonblocking(false)?;
                $set_up;
                Ok($accepted)
            }
        }
    };
}

listener!(UnixListener => UnixStream, stream => {});
// The agent buffers output itself, so the system should not wait for more.
listener!(TcpListener => TcpStream, stream => stream.set_nodelay(true)?);
