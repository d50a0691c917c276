//! What a server can listen on: Unix sockets and TCP.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};

/// A source of connections.
pub trait Listener: AsFd {
    /// A stream socket.
    type Connection: Into<OwnedFd>;

    /// Sets the listener up for a server, which waits for it together with other things.
    ///
    /// # Errors
    /// Those of the system.
    fn prepare(&self) -> io::Result<()>;

    /// Takes the next connection, if there is one.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) where there is none; those of the system.
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
                // Some systems pass the listener's mode on to what it accepts.
                $accepted.set_nonblocking(false)?;
                $set_up;
                Ok($accepted)
            }
        }
    };
}

listener!(UnixListener => UnixStream, stream => {});
// The agent gathers output itself; the system need not wait for more.
listener!(TcpListener => TcpStream, stream => stream.set_nodelay(true)?);
