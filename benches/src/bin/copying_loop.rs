//! The least that a UDF could do: read what there is, write it back. What it takes is what pipes
//! and sockets cost, and the yardstick of the suite.
//!
//! Blocks of 64 KiB; on a socket with `--socket PATH`, one thread a connection.

use std::io::{Read, Result, Write};
use std::os::unix::net::UnixListener;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, _, path] = &arguments[..] else {
        return copy(
            std::io::stdin().lock(),
            std::fs::File::from(owned_stdout()?),
        );
    };
    for stream in UnixListener::bind(path)?.incoming() {
        let stream = stream?;
        std::thread::spawn(move || copy(&stream, &stream));
    }
    Ok(())
}

/// stdout without std's buffer.
fn owned_stdout() -> Result<std::os::fd::OwnedFd> {
    use std::os::fd::AsFd as _;
    std::io::stdout().as_fd().try_clone_to_owned()
}

fn copy(mut input: impl Read, mut output: impl Write) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match input.read(&mut buffer)? {
            0 => return Ok(()),
            count => output.write_all(&buffer[..count])?,
        }
    }
}
