//! Sees that the program was built again.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::server::App;
use crate::program::Program;

/// How often the file is looked at. A file that is still being written changes from look to look.
const INTERVAL: Duration = Duration::from_millis(250);

/// Reads the program again whenever its file has changed.
pub(super) async fn watch(app: &App, path: &Path) {
    let mut read = state(path);
    let mut seen = read;
    loop {
        tokio::time::sleep(INTERVAL).await;
        let now = state(path);
        let is_at_rest = std::mem::replace(&mut seen, now) == now;
        if now.is_none() || now == read || !is_at_rest {
            continue;
        }
        // A file that does not run yet is tried again when it has changed further.
        read = now;
        match Program::read(path).await {
            Ok(program) => app.replace(program),
            Err(error) => eprintln!("{error}"),
        }
    }
}

fn state(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
