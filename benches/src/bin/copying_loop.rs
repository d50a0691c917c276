//! The minimum that a UDF could do: read bytes and write them back. Its cost is that of pipes and sockets,
//! and the reference of the suite.
//!
//! Copies blocks of 64 KiB. With `--socket PATH`, serves a socket with one thread per connection.

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
