//! Two servers in one program, on the two sockets that its arguments name.

use std::env;
use std::process::ExitCode;
use std::thread;

use udf_runtime::prelude::*;
use udf_runtime::{Server, UdfHandler, UnixSocket};

/// Sends every point back.
#[udf(stream)]
struct Mirror;

impl OnPoint for Mirror {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

fn main() -> ExitCode {
    let servers: Vec<_> = env::args()
        .skip(1)
        .map(|path| {
            let socket = UnixSocket::bind(path, UnixSocket::MODE).expect("the path is free");
            let server =
                Server::new(socket, UdfHandler::<Mirror>::new).expect("descriptors are left");
            server.stop_on_signals().expect("signals can be handled");
            thread::spawn(|| server.serve())
        })
        .collect();
    eprintln!("both serve");
    let served = servers
        .into_iter()
        .all(|server| server.join().is_ok_and(|served| served.is_ok()));
    if served {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
