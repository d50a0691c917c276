//! [`Buffered`]: the buffer of the callbacks' output.

use std::sync::Arc;

use udf_proto::response;

use super::encode::{write_batch, write_point};
use super::writer::Origin;
use super::{ResponseWriter, SendError};
use crate::data::{Batch, Point};
use crate::protocol::buffers::Share;
use crate::protocol::responses;

/// A buffer of frames. Sending a point takes no lock.
pub struct Buffered {
    writer: Arc<ResponseWriter>,
    frames: Vec<u8>,
    share: Share,
    /// Bytes after which the frames are written.
    enough: usize,
}

impl std::fmt::Debug for Buffered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Buffered").finish_non_exhaustive()
    }
}

impl Buffered {
    pub(super) fn new(writer: Arc<ResponseWriter>) -> Self {
        let share = Share::new();
        Self {
            writer,
            frames: Vec::new(),
            enough: share.busy(),
            share,
        }
    }

    #[inline]
    pub(super) fn point(&mut self, point: &Point) -> Result<(), SendError> {
        write_point(point, self.writer.limit(), &mut self.frames)?;
        self.flush_if_full()
    }

    pub(super) fn batch(&mut self, batch: &Batch) -> Result<(), SendError> {
        let turn = || self.writer.turn(Origin::Callback);
        let limit = self.writer.limit();
        write_batch(batch, limit, turn, self.enough, &mut self.frames)?;
        self.flush_if_full()
    }

    pub(super) fn respond(&mut self, message: response::Message) -> Result<(), SendError> {
        responses::write(message, &mut self.frames);
        self.flush_if_full()
    }

    #[inline]
    fn flush_if_full(&mut self) -> Result<(), SendError> {
        if self.frames.len() >= self.enough {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Writes the frames.
    pub(super) fn flush(&mut self) -> Result<(), SendError> {
        if self.frames.is_empty() {
            return Ok(());
        }
        let written = self
            .writer
            .turn(Origin::Callback)
            .and_then(|mut turn| turn.write(&self.frames));
        self.frames.clear();
        self.enough = self.share.busy();
        // Leaves room for the last point, which exceeds `enough`.
        self.frames.shrink_to(2 * self.enough);
        written
    }

    /// Writes the frames and the last response, if any, and closes the output.
    pub(super) fn close(&mut self, last: Option<response::Message>) -> Result<(), SendError> {
        if let Some(message) = last {
            responses::write(message, &mut self.frames);
        }
        let closed = self.writer.close(&self.frames);
        self.frames = Vec::new();
        closed
    }
}
