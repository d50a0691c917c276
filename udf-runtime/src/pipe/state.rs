//! The file that a UDF's state is kept in.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::PipeError;
use crate::agent::{Handler, Verdict};

/// What a state file begins with. The UDF's snapshot follows, up to the end of the file.
const MAGIC: &[u8] = b"kapacitor-udf state 1\n";
/// A larger file is none of ours: no snapshot is larger than a message of the protocol may be.
const LARGEST: u64 = 1 << 30;

/// A file that holds the last state of a UDF. It is always whole: each state is written to a second
/// file, which then takes the place of the first.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    every: Option<Duration>,
    /// When the state is to be written next.
    due: Option<Instant>,
}

impl StateFile {
    pub(super) fn new(path: &Path, every: Option<Duration>) -> Self {
        StateFile {
            path: path.to_owned(),
            every,
            due: None,
        }
    }

    /// Restores the UDF from the file, if it exists and is not empty.
    pub(super) fn restore(&self, handler: &mut impl Handler) -> Result<(), PipeError> {
        let Some(snapshot) = self.read().map_err(|error| self.failed(error))? else {
            return Ok(());
        };
        match handler.restore(&snapshot) {
            Ok(Verdict::Accepted) => Ok(()),
            Ok(Verdict::Refused(reason)) => Err(self.failed(io::Error::other(reason))),
            Err(error) => Err(self.failed(io::Error::other(error.to_string()))),
        }
    }

    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let metadata = file.metadata()?;
        let is_foreign = || io::Error::other("expected a state file of `pipe`, found another file");
        if !metadata.is_file() || metadata.len() > LARGEST {
            return Err(is_foreign());
        }
        let mut content = Vec::new();
        file.take(LARGEST).read_to_end(&mut content)?;
        if content.is_empty() {
            return Ok(None);
        }
        let snapshot = content.strip_prefix(MAGIC).ok_or_else(is_foreign)?;
        // A UDF without state yet has an empty snapshot.
        Ok((!snapshot.is_empty()).then(|| snapshot.to_vec()))
    }

    /// Notes that the UDF has handled input: the state is to be written an interval later.
    pub(super) fn has_changed(&mut self) {
        if self.due.is_none() {
            self.due = self.every.map(|every| Instant::now() + every);
        }
    }

    /// When the state is to be written next, if input was handled since.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Writes the UDF's state.
    pub(super) fn save(&mut self, handler: &mut impl Handler) -> Result<(), PipeError> {
        self.due = None;
        let snapshot = handler.snapshot().map_err(|error| PipeError::Udf {
            at: String::new(),
            error,
        })?;
        self.write(&snapshot).map_err(|error| self.failed(error))
    }

    fn write(&self, snapshot: &[u8]) -> io::Result<()> {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let new = self.path.with_file_name(name);
        let mut file = OpenOptions::new();
        let mut file = file.write(true).create(true).truncate(true).open(&new)?;
        file.write_all(MAGIC)?;
        file.write_all(snapshot)?;
        // What the name leads to after a loss of power has to be on the disk before the name is.
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        File::open(folder)?.sync_all()
    }

    fn failed(&self, error: io::Error) -> PipeError {
        PipeError::State {
            path: self.path.clone(),
            error,
        }
    }
}
