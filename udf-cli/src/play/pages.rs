//! The open pages, each with its last run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::program::Settings;
use crate::series::Table;

/// Pages that are remembered. A page that was forgotten runs the UDF again.
const MOST_PAGES: usize = 8;

/// The open pages, by the IDs that they give themselves.
#[derive(Debug, Default)]
pub(super) struct Pages {
    pages: Mutex<HashMap<String, Page>>,
}

#[derive(Debug, Default)]
struct Page {
    /// Counts the uses of all pages.
    used: u64,
    /// Dropped by a later run, which ends the earlier one.
    running: Option<oneshot::Sender<()>>,
    shown: Option<Arc<Shown>>,
}

/// A run that has ended well.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) settings: Settings,
    pub(super) output: Vec<u8>,
    pub(super) table: Arc<Table>,
    /// The output of the program before it was built again.
    pub(super) before: Option<Arc<Table>>,
}

impl Pages {
    /// Begins a run and ends the earlier one of the same page. The receiver fails when a later one begins.
    pub(super) fn begin(&self, id: &str) -> oneshot::Receiver<()> {
        let (running, ended) = oneshot::channel();
        self.with(id, |page| page.running = Some(running));
        ended
    }

    pub(super) fn show(&self, id: &str, shown: Arc<Shown>) {
        self.with(id, |page| page.shown = Some(shown));
    }

    pub(super) fn shown(&self, id: &str) -> Option<Arc<Shown>> {
        self.with(id, |page| page.shown.clone())
    }

    fn with<T>(&self, id: &str, act: impl FnOnce(&mut Page) -> T) -> T {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let used = pages
            .values()
            .map(|page| page.used)
            .max()
            .unwrap_or_default()
            + 1;
        if !pages.contains_key(id) && pages.len() >= MOST_PAGES {
            let oldest = pages.iter().min_by_key(|(_, page)| page.used);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                pages.remove(&oldest);
            }
        }
        let page = pages.entry(id.to_owned()).or_default();
        page.used = used;
        act(page)
    }
}
