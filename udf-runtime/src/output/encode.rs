//! Encodes points and batches as frames.

use super::SendError;
use super::writer::Turn;
use crate::data::{Batch, Point};
use crate::protocol::batches::{write_begin, write_end};
use crate::protocol::responses;

/// Appends a point's frame.
#[inline]
pub(super) fn write_point(
    point: &Point,
    limit: usize,
    frames: &mut Vec<u8>,
) -> Result<(), SendError> {
    check_size(point, limit)?;
    write_checked(point, frames);
    Ok(())
}

/// An upper bound of the bytes that a batch takes as frames.
pub(super) fn encoded_len(batch: &Batch) -> usize {
    // Room for the keys and lengths of a frame and of its message.
    const HEAD: usize = 32;
    let mut begin = Vec::new();
    write_begin(batch.head().encoded(), batch.len(), &mut begin);
    let points = batch.points().iter().map(|it| it.encoded_len() + HEAD);
    points.sum::<usize>() + 2 * (begin.len() + HEAD)
}

/// Appends a whole batch. Writes whenever the buffer exceeds `enough`, in one turn, so that a large batch
/// is not in memory twice. Sends nothing of a batch with a point that is too large.
pub(super) fn write_batch<'a>(
    batch: &Batch,
    limit: usize,
    take_turn: impl Fn() -> Result<Turn<'a>, SendError>,
    enough: usize,
    frames: &mut Vec<u8>,
) -> Result<(), SendError> {
    for point in batch {
        check_size(point, limit)?;
    }
    let mut turn: Option<Turn<'a>> = None;
    let head = batch.head().encoded();
    write_begin(head, batch.len(), frames);
    for point in batch {
        write_checked(point, frames);
        if frames.len() >= enough {
            write_part(&mut turn, &take_turn, frames)?;
        }
    }
    write_end(head, batch.tmax(), frames);
    if turn.is_some() {
        write_part(&mut turn, &take_turn, frames)?;
    }
    Ok(())
}

/// Writes the buffer and empties it, also after an error.
fn write_part<'a>(
    turn: &mut Option<Turn<'a>>,
    take_turn: impl Fn() -> Result<Turn<'a>, SendError>,
    frames: &mut Vec<u8>,
) -> Result<(), SendError> {
    let written = match turn {
        Some(turn) => turn.write(frames),
        None => take_turn().and_then(|taken| turn.insert(taken).write(frames)),
    };
    frames.clear();
    written
}

#[inline]
fn check_size(point: &Point, limit: usize) -> Result<(), SendError> {
    let size = point.encoded_len();
    if size > limit || point.is_oversize() {
        return Err(SendError::TooLarge { size, limit });
    }
    Ok(())
}

#[inline]
fn write_checked(point: &Point, frames: &mut Vec<u8>) {
    responses::write_point(point.encoded_len(), frames, |to| point.encode(to));
}
