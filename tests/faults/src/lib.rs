//! What the fault tests share: UDFs in processes of their own, and Kapacitor's ends of them.

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

/// How Kapacitor talks to a UDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// To a child process, over its stdin and stdout.
    Pipes,
    /// To a server, over its Unix socket.
    Socket,
}

/// A UDF that runs one way or the other, and one connection to it.
#[derive(Debug)]
pub struct Udf {
    /// Kapacitor's ends.
    pub connection: Connection,
    /// The process, a server where the connection is over a socket.
    pub process: Process,
    /// The socket, over one.
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

    /// Takes note of how it ended: the process's exit code, or, for a server, that it still
    /// takes connections and ends well when it is told to, its socket removed.
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
