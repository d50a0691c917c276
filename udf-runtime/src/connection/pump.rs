//! Copies between a pipe and a reader or writer that has no descriptor to wait on.

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::process::threads::{self, Spawned};

/// Most bytes that one read of a pump takes.
const PIECE: usize = 64 << 10;
/// How long a writer may take for the rest of the output.
const PATIENCE: Duration = Duration::from_secs(30);

/// A thread that copies to or from a pipe.
#[derive(Clone)]
pub(crate) struct Pump {
    thread: Spawned,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Bytes were read and not yet written.
    has_bytes: AtomicBool,
    /// The error of the reader or writer.
    failure: Mutex<Option<io::Error>>,
}

impl Pump {
    fn start(
        name: &str,
        copy: impl FnOnce(&State) -> io::Result<()> + Send + 'static,
    ) -> io::Result<Self> {
        let state = Arc::<State>::default();
        let copied = state.clone();
        let work = move || {
            if let Err(error) = copy(&copied) {
                *copied.failure() = Some(error);
            }
        };
        let thread = threads::spawn(name, Box::new(work))?;
        Ok(Self { thread, state })
    }

    /// Whether bytes were read and are not yet in the pipe.
    pub(super) fn has_bytes(&self) -> bool {
        self.state.has_bytes.load(Ordering::SeqCst)
    }

    /// Takes the error that ended the pump.
    pub(super) fn take_failure(&self) -> Option<io::Error> {
        self.state.failure().take()
    }

    /// Waits until the writer has taken everything, after the end of the output.
    ///
    /// # Errors
    /// The writer's error.
    pub(crate) fn finish(&self) -> io::Result<()> {
        self.thread.ends_within(PATIENCE);
        self.take_failure().map_or(Ok(()), Err)
    }
}

impl State {
    fn failure(&self) -> MutexGuard<'_, Option<io::Error>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Creates a pipe that a thread fills from a reader, until the reader ends or fails.
pub(super) fn out_of(mut reader: Box<dyn Read + Send>) -> io::Result<(OwnedFd, Pump)> {
    let (filled, mut pipe) = io::pipe()?;
    let pump = Pump::start("udf-input", move |state| {
        copy(&mut reader, &mut pipe, state).or_else(Broken::reader)
    })?;
    Ok((filled.into(), pump))
}

/// Creates a pipe that a thread empties into a writer, until the pipe ends or the writer fails.
pub(super) fn into(mut writer: Box<dyn Write + Send>) -> io::Result<(OwnedFd, Pump)> {
    let (mut pipe, emptied) = io::pipe()?;
    let pump = Pump::start("udf-output", move |state| {
        copy(&mut pipe, &mut writer, state).or_else(Broken::writer)
    })?;
    Ok((emptied.into(), pump))
}

/// The side of a pump that has failed. A failure of the pipe only means that the agent has ended.
enum Broken {
    Reader(io::Error),
    Writer(io::Error),
}

impl Broken {
    fn reader(self) -> io::Result<()> {
        match self {
            Self::Reader(error) => Err(error),
            Self::Writer(_) => Ok(()),
        }
    }

    fn writer(self) -> io::Result<()> {
        match self {
            Self::Reader(_) => Ok(()),
            Self::Writer(error) => Err(error),
        }
    }
}

/// Copies to the end. Flushes every piece, because the other side waits for it.
fn copy(from: &mut dyn Read, to: &mut dyn Write, state: &State) -> Result<(), Broken> {
    let mut piece = vec![0; PIECE];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                state.has_bytes.store(true, Ordering::SeqCst);
                let written = to.write_all(&piece[..count]).and_then(|()| to.flush());
                state.has_bytes.store(false, Ordering::SeqCst);
                written.map_err(Broken::Writer)?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Broken::Reader(error)),
        }
    }
}
