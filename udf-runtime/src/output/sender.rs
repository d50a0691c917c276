//! [`Sender`]: sends from any thread.

use std::sync::Arc;

use udf_proto::EdgeType;

use super::encode::{encoded_len, write_batch, write_point};
use super::writer::{Origin, Turn};
use super::{ResponseWriter, SendError};
use crate::data::{Batch, Point};
use crate::error::Error;

/// Sends points or batches from any thread, at any time, also while no callback runs.
///
/// A point or batch is written at once. The call blocks while Kapacitor does not read. Kapacitor takes
/// no data before the UDF is initialized and restored: up to 4 MiB that are sent earlier are held, and go
/// out at most a second later. A batch goes out whole: nothing from another thread or a callback comes
/// between its points. The order between a `Sender` and a callback's output is not defined.
///
/// ```
/// use std::thread;
/// use udf_runtime::prelude::*;
///
/// /// Sends every point back, and one more each second.
/// #[udf(stream)]
/// struct Pacemaker;
///
/// impl OnPoint for Pacemaker {
///     fn on_init(&mut self, task: &Task) -> Result<()> {
///         let sender = task.sender();
///         thread::spawn(move || {
///             // Fails once the UDF has ended, which is not an error here.
///             while sender.point(&Point::new("beat")).is_ok() {
///                 thread::sleep(Duration::from_secs(1));
///             }
///         });
///         Ok(())
///     }
///
///     fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
///         out.point(point)
///     }
/// }
/// ```
///
/// A UDF gets its sender from [`Task::sender`](crate::Task::sender), a handler from
/// [`Handler::init`](crate::Handler::init).
#[derive(Clone)]
pub struct Sender {
    writer: Arc<ResponseWriter>,
}

/// Bytes of a batch that are buffered before they are written.
const BLOCK: usize = 64 * 1024;

impl Sender {
    pub(crate) fn new(writer: Arc<ResponseWriter>) -> Self {
        Self { writer }
    }

    /// Sends a point, if the UDF provides a stream.
    ///
    /// # Errors
    /// [`SendError::WrongEdge`]; [`SendError::Closed`] after the end; [`SendError::TooLarge`];
    /// [`SendError::Early`] if `on_init` sends more than 4 MiB; [`SendError::Write`] if Kapacitor is gone.
    pub fn point(&self, point: &Point) -> Result<(), SendError> {
        self.writer.allow(EdgeType::Stream)?;
        let mut frames = Vec::new();
        write_point(point, self.writer.limit(), &mut frames)?;
        self.turn(frames.len())?.write(&frames)
    }

    /// Sends a batch, if the UDF provides batches.
    ///
    /// # Errors
    /// Those of [`point`](Self::point).
    pub fn batch(&self, batch: &Batch) -> Result<(), SendError> {
        self.writer.allow(EdgeType::Batch)?;
        let mut frames = Vec::new();
        let limit = self.writer.limit();
        let size = encoded_len(batch);
        write_batch(batch, limit, || self.turn(size), BLOCK, &mut frames)?;
        if frames.is_empty() {
            return Ok(());
        }
        self.turn(frames.len())?.write(&frames)
    }

    /// Ends the UDF with an error, which becomes the error of the task.
    ///
    /// Meant for a thread that cannot continue. Earlier output is delivered. `on_stop` is not called.
    pub fn fail(&self, error: impl Into<Error>) {
        self.writer.fail(error.into());
    }

    fn turn(&self, bytes: usize) -> Result<Turn<'_>, SendError> {
        self.writer.turn(Origin::Sender(bytes))
    }
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}
