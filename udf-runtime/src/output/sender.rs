//! Sends from any thread.

use std::sync::Arc;

use udf_proto::EdgeType;

use super::{SendError, Wire, wire};
use crate::data::{Batch, Point};

/// Sends points or batches from any thread, at any time, also while no callback runs.
///
/// What is sent is written at once, and blocks while Kapacitor does not read. Kapacitor reads no data
/// before the UDF is initialized and restored: what is sent by then, up to 4 MiB, is kept and goes
/// out a second later at the latest. A batch goes out whole: nothing that another thread or a callback
/// sends comes between its points. There is no order between what a `Sender` and what a callback's
/// output sends.
///
/// ```
/// use std::thread;
/// use udf_runtime::prelude::*;
///
/// /// Sends points of its own beside those that come.
/// #[udf(stream)]
/// struct Pacemaker;
///
/// impl OnPoint for Pacemaker {
///     fn on_init(&mut self, task: &Task) -> Result<()> {
///         let sender = task.sender();
///         thread::spawn(move || {
///             // Until the UDF has ended, which is no error here.
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
    wire: Arc<Wire>,
}

impl Sender {
    pub(crate) fn new(wire: Arc<Wire>) -> Self {
        Self { wire }
    }

    /// Sends a point, if the UDF provides a stream.
    ///
    /// # Errors
    /// [`SendError::WrongEdge`]; [`SendError::Closed`] after the end; [`SendError::TooLarge`];
    /// [`SendError::Write`] where Kapacitor has gone away.
    pub fn point(&self, point: &Point) -> Result<(), SendError> {
        self.wire.allow(EdgeType::Stream)?;
        let mut frames = Vec::new();
        wire::write_point(point, self.wire.limit(), &mut frames)?;
        self.turn().write(&frames)
    }

    /// Sends a batch, if the UDF provides batches.
    ///
    /// # Errors
    /// Those of [`point`](Self::point).
    pub fn batch(&self, batch: &Batch) -> Result<(), SendError> {
        self.wire.allow(EdgeType::Batch)?;
        let mut frames = Vec::new();
        let limit = self.wire.limit();
        wire::write_batch(batch, limit, || self.turn(), wire::BLOCK, &mut frames)?;
        if frames.is_empty() {
            return Ok(());
        }
        self.turn().write(&frames)
    }

    fn turn(&self) -> wire::Turn<'_> {
        self.wire.turn(wire::By::Sender)
    }
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}
