//! Messages to the service manager: the protocol of `sd_notify(3)` and `sd_watchdog_enabled(3)`.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process;
use std::time::Duration;

/// How long a message may wait for its reader. A service manager that is alive reads at once.
const PATIENCE: Duration = Duration::from_secs(1);

/// Sends a message, such as `READY=1`, if the service manager wants messages.
pub(crate) fn notify(message: &str) {
    let Some(address) = env::var_os("NOTIFY_SOCKET").filter(|address| !address.is_empty()) else {
        return;
    };
    if let Err(error) = send(&address, message) {
        log::warn!("{message:?} could not be sent to the service manager at {address:?}: {error}");
    }
}

fn send(address: &OsStr, message: &str) -> io::Result<()> {
    let socket = UnixDatagram::unbound()?;
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.send_to_addr(message.as_bytes(), &parse(address)?)?;
    Ok(())
}

/// An address that begins with `@` is a name in Linux's abstract namespace.
fn parse(address: &OsStr) -> io::Result<SocketAddr> {
    match address.as_encoded_bytes() {
        #[cfg(target_os = "linux")]
        [b'@', name @ ..] => {
            use std::os::linux::net::SocketAddrExt as _;
            SocketAddr::from_abstract_name(name)
        }
        _ => SocketAddr::from_pathname(address),
    }
}

/// How often the service manager wants `WATCHDOG=1`: twice in the time after which it ends the service.
pub(crate) fn watchdog() -> Option<Duration> {
    let number = |name| env::var(name).ok()?.parse::<u64>().ok();
    let is_for_another = env::var_os("WATCHDOG_PID").is_some()
        && number("WATCHDOG_PID") != Some(process::id().into());
    let limit = number("WATCHDOG_USEC").filter(|limit| *limit > 0 && !is_for_another)?;
    Some(Duration::from_micros(limit) / 2)
}
