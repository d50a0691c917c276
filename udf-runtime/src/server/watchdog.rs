//! The service manager's watchdog: a sign of life as long as the server's thread answers.

use std::sync::Arc;
use std::time::Instant;

use super::Shared;
use crate::process::{service_manager, watch};

/// Sends the service manager a sign of life twice in the time that it allows. Before each, the server's
/// thread has to answer the wake of the one before, so a server that is stuck falls silent.
pub(super) fn feed(server: &Arc<Shared>) {
    let Some(every) = service_manager::watchdog() else {
        return;
    };
    let server = Arc::downgrade(server);
    let mut next = Instant::now();
    let look = move |now| {
        let Some(server) = server.upgrade().filter(|server| !server.is_ending()) else {
            return false;
        };
        if now >= next && server.has_answered() {
            service_manager::notify("WATCHDOG=1");
            next = now + every;
        }
        true
    };
    if let Err(error) = watch::look(Box::new(look)) {
        log::error!("no signs of life will be sent to the service manager: {error}");
    }
}
