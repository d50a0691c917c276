//! The frame reader: for input in pieces of any size, the answer is the same, and the error about a broken
//! frame is correct.
#![no_main]

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};

use libfuzzer_sys::fuzz_target;
use udf_fuzz::{Keeper, answer, answer_from, limits};
use udf_runtime::UdfHandler;
use udf_runtime::proto::prost::encoding::decode_varint;

/// Returns the bytes in pieces of these sizes, repeatedly. A size of 0 is an interrupted read.
struct Pieces {
    bytes: VecDeque<u8>,
    sizes: std::iter::Cycle<std::vec::IntoIter<u8>>,
}

impl Read for Pieces {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.sizes.next() {
            Some(0) => Err(ErrorKind::Interrupted.into()),
            size => {
                let size = size.map_or(1, usize::from);
                let size = size.min(to.len());
                self.bytes.read(&mut to[..size])
            }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((count, rest)) = data.split_first() else {
        return;
    };
    let (sizes, stream) = rest.split_at(usize::from(count % 8).min(rest.len()));
    let whole = answer(UdfHandler::<Keeper>::new(), stream);
    if sizes.iter().any(|size| *size > 0) {
        let sizes = sizes.to_vec().into_iter().cycle();
        let pieces = answer_from(
            UdfHandler::<Keeper>::new(),
            Pieces {
                bytes: stream.to_vec().into(),
                sizes,
            },
        );
        // Compared as text, because NaN is not equal to itself.
        assert_eq!(format!("{pieces:?}"), format!("{whole:?}"));
    }
    if let Err(error) = whole.1 {
        let first = first_broken(stream);
        let is_about_frame = error.contains("is not a varint")
            || error.contains("more than the limit of")
            || error.contains("ended inside of the frame");
        if is_about_frame {
            assert!(
                error.contains(&format!("offset {first}")),
                "{error}, and not {first}"
            );
        }
    }
});

/// The offset of the first broken frame, found by a simple reader.
fn first_broken(stream: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let mut rest = &stream[at..];
        let Ok(size) = decode_varint(&mut rest) else {
            return at;
        };
        let body = stream.len() - rest.len();
        if size > limits().message_bytes as u64 || size as usize > rest.len() {
            return at;
        }
        at = body + size as usize;
    }
}
