//! Splits a byte stream into frames. A frame is a length as a varint, then that many bytes.

use std::io;
use std::ops::Range;

use super::buffers::{INITIAL, Share};
use super::varint;

/// An error in a stream of frames. Offsets are bytes from the start of the stream.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The length of a frame is not a varint of at most 64 bits.
    #[error(
        "the length at offset {offset} is not a varint; was something other than frames written here?"
    )]
    Length {
        /// Where the length begins.
        offset: u64,
    },
    /// A frame is larger than the limit.
    #[error(
        "the frame at offset {offset} would have {size} bytes, more than the limit of {limit} bytes"
    )]
    TooLarge {
        /// Where the frame's length begins.
        offset: u64,
        /// The frame's length.
        size: u64,
        /// The allowed length.
        limit: usize,
    },
    /// The stream ended inside of a frame.
    #[error("the input ended inside of the frame at offset {offset}, after {got} bytes of it")]
    Truncated {
        /// Where the frame's length begins.
        offset: u64,
        /// Bytes of the frame that were received, including its length.
        got: usize,
    },
    /// Reading failed.
    #[error("reading failed at offset {offset}: {error}")]
    Read {
        /// Bytes read before the failure.
        offset: u64,
        /// The reader's error.
        #[source]
        error: io::Error,
    },
}

/// Extracts frames from a byte stream. The buffer grows only with received bytes, not with claimed sizes.
pub(crate) struct FrameBuffer {
    buffer: Vec<u8>,
    /// Received bytes that are not yet taken.
    pending: Range<usize>,
    /// The buffer's first byte as an offset in the stream.
    base: u64,
    limit: usize,
    share: Share,
}

impl FrameBuffer {
    /// Creates a buffer for frames of at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            buffer: Vec::new(),
            pending: 0..0,
            base: 0,
            limit,
            share: Share::new(),
        }
    }

    /// The next complete frame and its offset in the stream.
    #[inline]
    pub(crate) fn next_frame(&mut self) -> Result<Option<(u64, &[u8])>, FrameError> {
        let Range { start, end } = self.pending;
        let bytes = &self.buffer[..end];
        let Some((size, body)) = varint::read(bytes, start) else {
            return self.incomplete_length();
        };
        if size > self.limit as u64 {
            return Err(FrameError::TooLarge {
                offset: self.offset(),
                size,
                limit: self.limit,
            });
        }
        // Cannot overflow: the size is within the limit, which is far below `usize::MAX`.
        let next = body + size as usize;
        if next > end {
            return Ok(None);
        }
        let offset = self.offset();
        self.pending.start = next;
        Ok(Some((offset, &self.buffer[body..next])))
    }

    #[cold]
    fn incomplete_length(&self) -> Result<Option<(u64, &[u8])>, FrameError> {
        let pending = self.pending();
        if pending.len() < varint::MAX_LEN && pending.iter().all(|byte| *byte >= 0x80) {
            Ok(None)
        } else {
            Err(FrameError::Length {
                offset: self.offset(),
            })
        }
    }

    /// Room for the next bytes. Never empty.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        self.make_room();
        &mut self.buffer[self.pending.end..]
    }

    /// Adds `count` bytes that were written to [`room`](Self::room).
    pub(crate) fn add(&mut self, count: usize) {
        self.pending.end += count;
    }

    /// Checks that the stream ends after a complete frame.
    pub(crate) fn end(&self) -> Result<(), FrameError> {
        if self.is_amid_frame() {
            return Err(FrameError::Truncated {
                offset: self.offset(),
                got: self.pending.len(),
            });
        }
        Ok(())
    }

    /// Bytes received so far.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.base + self.pending.end as u64
    }

    /// Whether an incomplete frame is in the buffer.
    pub(crate) fn is_amid_frame(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Received bytes that are not yet taken.
    pub(crate) fn pending(&self) -> &[u8] {
        &self.buffer[self.pending.clone()]
    }

    /// Offset in the stream of the next frame.
    fn offset(&self) -> u64 {
        self.base + self.pending.start as u64
    }

    /// Makes room after the pending bytes. Moves them to the front, or grows the buffer if a frame or the
    /// stream has filled it.
    fn make_room(&mut self) {
        let was_full = self.pending.end == self.buffer.len();
        if self.pending.start > 0 {
            self.base += self.pending.start as u64;
            self.buffer.copy_within(self.pending.clone(), 0);
            self.pending = 0..self.pending.len();
        }
        let size = self.buffer.len();
        let busy = self.share.busy();
        if size > busy && self.pending.len() < busy / 2 {
            // After a large frame, or when there are more connections, the buffer shrinks.
            self.buffer.truncate(busy);
            self.buffer.shrink_to_fit();
        } else if self.pending.end == size {
            self.buffer.resize((2 * size).max(INITIAL), 0);
        } else if was_full && size < busy {
            self.buffer.resize(busy, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a stream that arrives in pieces of `piece` bytes.
    fn frames(
        bytes: &[u8],
        piece: usize,
        limit: usize,
    ) -> (Vec<(u64, Vec<u8>)>, Option<FrameError>) {
        let mut buffer = FrameBuffer::new(limit);
        let mut found = Vec::new();
        let mut left = bytes;
        loop {
            loop {
                match buffer.next_frame() {
                    Ok(Some((offset, frame))) => found.push((offset, frame.to_vec())),
                    Ok(None) => break,
                    Err(error) => return (found, Some(error)),
                }
            }
            if left.is_empty() {
                return (found, buffer.end().err());
            }
            left = add(&mut buffer, left, piece);
        }
    }

    /// Adds a piece and returns the rest.
    fn add<'a>(buffer: &mut FrameBuffer, bytes: &'a [u8], piece: usize) -> &'a [u8] {
        let room = buffer.room();
        let count = piece.min(bytes.len()).min(room.len());
        room[..count].copy_from_slice(&bytes[..count]);
        buffer.add(count);
        &bytes[count..]
    }

    fn framed(bodies: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for body in bodies {
            varint::write(body.len() as u64, &mut bytes);
            bytes.extend_from_slice(body);
        }
        bytes
    }

    #[test]
    fn frames_come_out_whole_for_input_in_pieces_of_any_size() {
        let bodies: Vec<_> = [0, 1, 127, 128, 5_000, 70_000, 3]
            .map(|size| vec![size as u8; size])
            .into();
        let bytes = framed(&bodies);
        for piece in [1, 2, 3, 1_000, 64 * 1024, usize::MAX] {
            let (found, error) = frames(&bytes, piece, 1 << 20);
            assert!(error.is_none(), "pieces of {piece}: {error:?}");
            assert_eq!(
                found
                    .iter()
                    .map(|(_, body)| body.clone())
                    .collect::<Vec<_>>(),
                bodies
            );
            assert_eq!(
                found.iter().map(|(at, _)| *at).take(4).collect::<Vec<_>>(),
                [0, 1, 3, 131]
            );
        }
    }

    #[test]
    fn a_length_beyond_the_limit_takes_no_memory() {
        for size in [1_001, 2 << 30, 4 << 30, 1 << 63, u64::MAX] {
            let mut bytes = framed(&[vec![7; 10]]);
            varint::write(size, &mut bytes);
            let (found, error) = frames(&bytes, 5, 1_000);
            assert_eq!(found.len(), 1);
            match error {
                Some(FrameError::TooLarge {
                    offset: 11,
                    size: said,
                    limit: 1_000,
                }) => {
                    assert_eq!(said, size);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_large_claimed_length_takes_memory_only_as_bytes_arrive() {
        let mut bytes = Vec::new();
        varint::write(60 << 20, &mut bytes);
        bytes.extend_from_slice(&[1; 100]);
        let mut buffer = FrameBuffer::new(64 << 20);
        assert!(add(&mut buffer, &bytes, usize::MAX).is_empty());
        assert!(buffer.next_frame().unwrap().is_none());
        assert!(matches!(
            buffer.end(),
            Err(FrameError::Truncated {
                offset: 0,
                got: 104
            })
        ));
        assert!(buffer.buffer.len() <= INITIAL);
    }

    #[test]
    fn the_memory_of_a_large_frame_is_freed() {
        let bytes = framed(&[vec![1; 5 << 20], vec![2; 10], vec![3; 10]]);
        let mut buffer = FrameBuffer::new(64 << 20);
        let mut left = &bytes[..];
        while !left.is_empty() {
            left = add(&mut buffer, left, 1 << 20);
            while buffer.next_frame().unwrap().is_some() {}
        }
        buffer.room();
        assert!(buffer.buffer.capacity() <= 64 * 1024);
    }

    #[test]
    fn a_length_without_end_is_an_error_after_ten_bytes() {
        let (_, error) = frames(&[0xff; 10], 1, 1_000);
        assert!(
            matches!(error, Some(FrameError::Length { offset: 0 })),
            "{error:?}"
        );
    }

    #[test]
    fn an_end_inside_a_length_or_a_frame_is_an_error() {
        for (bytes, expected) in [(&[1, 9, 0x80][..], 1), (&[1, 9, 3, 1][..], 2)] {
            let (found, error) = frames(bytes, 1, 1_000);
            assert_eq!(found, [(0, vec![9])]);
            match error {
                Some(FrameError::Truncated { offset: 2, got }) => assert_eq!(got, expected),
                other => panic!("{other:?}"),
            }
        }
    }
}
