//! The data that the page shows.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::program::{Subset, Unit};
use crate::series::{Table, each_line};

/// The files that the command was started with.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) files: Vec<PathBuf>,
    text: Vec<u8>,
    /// As the last unit reads it.
    table: Mutex<Option<(Unit, Arc<Table>)>>,
}

impl Loaded {
    pub(super) fn read(files: &[PathBuf]) -> Result<Self, String> {
        let mut text = Vec::new();
        for file in files {
            let read =
                std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
            text.extend(read);
            // The last line of a file may have no end.
            text.push(b'\n');
        }
        Ok(Loaded {
            files: files.to_vec(),
            text,
            table: Mutex::default(),
        })
    }

    /// The points, with times in a unit.
    pub(super) fn table(&self, unit: Unit) -> Arc<Table> {
        let known = self
            .table
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match known {
            Some((known, table)) if known == unit => table,
            _ => {
                let table = Arc::new(Table::read(&self.text, unit.precision()));
                let mut known = self.table.lock().unwrap_or_else(PoisonError::into_inner);
                *known = Some((unit, table.clone()));
                table
            }
        }
    }

    /// The lines from one time to another, or all, for a test.
    pub(super) fn subset(&self, unit: Unit, span: Option<(i64, i64)>) -> Result<Subset, String> {
        let mut subset = Ok(Subset::default());
        each_line(&self.text, unit.precision(), |line| {
            let is_in = match (span, line.time()) {
                (Some((from, to)), Some(time)) => (from..=to).contains(&time),
                // A point without a time would be different in each run.
                (_, None) => false,
                (None, Some(_)) => true,
            };
            if is_in
                && let Ok(gathered) = &mut subset
                && let Err(error) = gathered.push(line.text())
            {
                subset = Err(error);
            }
        });
        subset
    }
}
