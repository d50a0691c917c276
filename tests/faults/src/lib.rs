//! What the fault tests share: UDFs in separate processes, and Kapacitor's ends of their connections.

mod answer;
mod connection;
mod process;
mod wait;

pub use answer::{Answer, expect};
pub use connection::Connection;
pub use process::{Process, Signal, SocketServer, device};
pub use wait::{DEADLINE, until};

/// Runs each case once over pipes and once over a socket.
#[macro_export]
macro_rules! both_ways {
    ($($case:ident)*) => {$(
        mod $case {
            #[test]
            fn over_pipes() {
                super::$case($crate::Via::Pipes);
            }

            #[test]
            fn over_a_socket() {
                super::$case($crate::Via::Socket);
            }
        }
    )*};
}

/// The transport between Kapacitor and a UDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A child process's stdin and stdout.
    Pipes,
    /// A server's Unix socket.
    Socket,
}

/// A UDF that runs over either transport, and one connection to it.
#[derive(Debug)]
pub struct Udf {
    /// Kapacitor's ends.
    pub connection: Connection,
    /// The process. A server if the connection is over a socket.
    pub process: Process,
    /// The socket, if the connection is over one.
    pub server: Option<SocketServer>,
}

impl Udf {
    /// Starts one of the UDFs of a program. `arguments` follow its name.
    #[track_caller]
    pub fn start(via: Via, program: &str, arguments: &[&str]) -> Self {
        match via {
            Via::Pipes => {
                let (process, connection) = Process::on_pipes(program, arguments);
                Self {
                    connection,
                    process,
                    server: None,
                }
            }
            Via::Socket => {
                let (process, server) = SocketServer::start(program, arguments);
                Self {
                    connection: server.connect(),
                    process,
                    server: Some(server),
                }
            }
        }
    }

    /// Waits for the end and returns the process's exit code. For a server, checks that it still accepts
    /// connections, ends gracefully after a signal and removes its socket; returns `None`.
    #[track_caller]
    pub fn ended(&mut self) -> Option<i32> {
        match &self.server {
            None => self.process.wait(),
            Some(server) => {
                server.is_alive();
                self.process.signal(Signal::SIGTERM);
                let code = self.process.wait();
                assert_eq!(code, Some(0), "{}", self.process.log());
                assert!(!server.path().exists(), "the socket is still there");
                None
            }
        }
    }
}
