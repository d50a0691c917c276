//! What Kapacitor sends, as frames.

use udf_proto::{Request, prost::Message as _, request};

use crate::data::{Batch, Point};
use crate::protocol::batches::{write_begin, write_end};
use crate::protocol::responses;

pub(super) fn of_request(message: request::Message) -> Vec<u8> {
    let message = Some(message);
    Request { message }.encode_length_delimited_to_vec()
}

// Points and batches have the same messages in both directions.

pub(super) fn of_point(point: &Point) -> Vec<u8> {
    let mut frame = Vec::new();
    push_point(point, &mut frame);
    frame
}

pub(super) fn of_batch(batch: &Batch) -> Vec<u8> {
    let mut frames = Vec::new();
    let head = batch.head().encoded();
    write_begin(head, batch.len(), &mut frames);
    for point in batch {
        push_point(point, &mut frames);
    }
    write_end(head, batch.tmax(), &mut frames);
    frames
}

fn push_point(point: &Point, to: &mut Vec<u8>) {
    responses::write_point(point.encoded_len(), to, |to| point.encode(to));
}
