//! What a server can listen on: Unix sockets and TCP.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};

/// Something that connections come from.
pub trait Listener: AsFd {
    /// What comes.
    type Connection: Connection;

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

/// A connection whose two ends can be used from two threads, and be closed one by one.
pub trait Connection: Read + Write + Send + Sync + Sized + 'static {
    /// Another handle of the same connection.
    ///
    /// # Errors
    /// Those of the system.
    fn try_clone(&self) -> io::Result<Self>;

    /// Ends reading: what has come can still be read, then the end.
    ///
    /// # Errors
    /// Those of the system.
    fn shutdown_read(&self) -> io::Result<()>;

    /// Ends writing: the peer reads the end.
    ///
    /// # Errors
    /// Those of the system.
    fn shutdown_write(&self) -> io::Result<()>;
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

        impl Connection for $stream {
            fn try_clone(&self) -> io::Result<Self> {
                <$stream>::try_clone(self)
            }

            fn shutdown_read(&self) -> io::Result<()> {
                self.shutdown(Shutdown::Read)
            }

            fn shutdown_write(&self) -> io::Result<()> {
                self.shutdown(Shutdown::Write)
            }
        }
    };
}

listener!(UnixListener => UnixStream, stream => {});
// Output is gathered by us: the system shall not wait for more.
listener!(TcpListener => TcpStream, stream => stream.set_nodelay(true)?);

/// The end of a connection that requests come from.
pub(super) struct ReadingEnd<C>(pub(super) C);

impl<C: Connection> Read for ReadingEnd<C> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.0.read(to) {
            // The peer has gone without reading everything: an end as good as any.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(0),
            read => read,
        }
    }
}

/// The end of a connection that responses go to. When it goes, the peer reads the end of them,
/// whoever still has another handle.
pub(super) struct WritingEnd<C: Connection>(pub(super) C);

impl<C: Connection> Write for WritingEnd<C> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<C: Connection> Drop for WritingEnd<C> {
    fn drop(&mut self) {
        // Fails only where the peer has gone.
        let _ = self.0.shutdown_write();
    }
}
