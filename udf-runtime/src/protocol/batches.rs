//! Reads and writes the begin and the end of a batch.
//!
//! The two messages have the same fields, except for one number. Two fields have different numbers. Small
//! batches consist mostly of these messages, so they are read and written by hand.

use std::collections::BTreeMap;

use prost::Message as _;
use udf_proto::{BeginBatch, EndBatch, prost};

use super::varint::{self, delimited, number};

/// The fields that begin and end share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchHead<'a> {
    pub(crate) name: &'a str,
    pub(crate) group: &'a str,
    pub(crate) tags: &'a BTreeMap<String, String>,
    pub(crate) by_name: bool,
}

/// The keys in which the two messages differ, and the key of the message in a frame.
struct Layout {
    frame: [u8; 2],
    tags: u8,
    number: u8,
}

const BEGIN: Layout = Layout {
    frame: BEGIN_KEY,
    tags: 3 << 3 | 2,
    number: 4 << 3,
};

const END: Layout = Layout {
    frame: END_KEY,
    tags: 4 << 3 | 2,
    number: 3 << 3,
};

/// The key of `begin` = 16, of wire type 2, as a varint.
pub(super) const BEGIN_KEY: [u8; 2] = [0x82, 0x01];
/// The key of `end` = 18, of wire type 2, as a varint.
pub(super) const END_KEY: [u8; 2] = [0x92, 0x01];

const NAME: u8 = 1 << 3 | 2;
const GROUP: u8 = 2 << 3 | 2;
const BY_NAME: u8 = 5 << 3;
/// The keys in an entry of the tags.
const ENTRY_KEY: u8 = 1 << 3 | 2;
const ENTRY_VALUE: u8 = 2 << 3 | 2;

/// Reads a `BeginBatch`.
///
/// # Errors
/// If prost refuses the message.
pub(super) fn read_begin(message: &[u8]) -> Result<BeginBatch, prost::DecodeError> {
    match Read::of(message, &BEGIN) {
        Some(read) => Ok(BeginBatch {
            name: read.name.to_owned(),
            group: read.group.to_owned(),
            tags: read.tags,
            size: read.number,
            by_name: read.by_name,
        }),
        None => BeginBatch::decode(message),
    }
}

/// Reads an `EndBatch`.
///
/// # Errors
/// If prost refuses the message.
pub(super) fn read_end(message: &[u8]) -> Result<EndBatch, prost::DecodeError> {
    match Read::of(message, &END) {
        Some(read) => Ok(EndBatch {
            name: read.name.to_owned(),
            group: read.group.to_owned(),
            tmax: read.number,
            tags: read.tags,
            by_name: read.by_name,
        }),
        None => EndBatch::decode(message),
    }
}

/// Appends a frame that begins a batch of `size` points.
pub(crate) fn write_begin(head: BatchHead<'_>, size: usize, to: &mut Vec<u8>) {
    // A Vec cannot hold more than `i64::MAX` points.
    head.write(size as i64, &BEGIN, to);
}

/// Appends a frame that ends a batch with the time `tmax`.
pub(crate) fn write_end(head: BatchHead<'_>, tmax: i64, to: &mut Vec<u8>) {
    head.write(tmax, &END, to);
}

/// The fields of a message that was read.
struct Read<'a> {
    name: &'a str,
    group: &'a str,
    tags: BTreeMap<String, String>,
    number: i64,
    by_name: bool,
}

impl<'a> Read<'a> {
    /// Reads a message as Kapacitor writes it. Returns `None` for other encodings that protobuf allows, and
    /// for invalid ones: prost reads those.
    fn of(message: &'a [u8], layout: &Layout) -> Option<Self> {
        let mut read = Self {
            name: "",
            group: "",
            tags: BTreeMap::new(),
            number: 0,
            by_name: false,
        };
        let mut rest = message;
        while let Some((&key, behind)) = rest.split_first() {
            rest = behind;
            match key {
                NAME => read.name = text(&mut rest)?,
                GROUP => read.group = text(&mut rest)?,
                BY_NAME => read.by_name = number(&mut rest)? != 0,
                key if key == layout.number => read.number = number(&mut rest)? as i64,
                key if key == layout.tags => {
                    let (name, value) = entry(delimited(&mut rest)?)?;
                    read.tags.insert(name.to_owned(), value.to_owned());
                }
                _ => return None,
            }
        }
        Some(read)
    }
}

fn entry(mut entry: &[u8]) -> Option<(&str, &str)> {
    entry = entry.strip_prefix(&[ENTRY_KEY])?;
    let name = text(&mut entry)?;
    entry = entry.strip_prefix(&[ENTRY_VALUE])?;
    let value = text(&mut entry)?;
    entry.is_empty().then_some((name, value))
}

fn text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    std::str::from_utf8(delimited(rest)?).ok()
}

impl BatchHead<'_> {
    fn write(&self, number: i64, layout: &Layout, to: &mut Vec<u8>) {
        let message = self.message_len(number);
        let frame = layout.frame.len() + delimited_len(message);
        to.reserve(varint::MAX_LEN + frame);
        varint::write(frame as u64, to);
        to.extend_from_slice(&layout.frame);
        varint::write(message as u64, to);
        for (key, text) in [(NAME, self.name), (GROUP, self.group)] {
            if !text.is_empty() {
                write_text(key, text, to);
            }
        }
        for (name, value) in self.tags {
            to.push(layout.tags);
            varint::write(entry_len(name, value) as u64, to);
            write_text(ENTRY_KEY, name, to);
            write_text(ENTRY_VALUE, value, to);
        }
        for (key, number) in [
            (layout.number, number as u64),
            (BY_NAME, self.by_name.into()),
        ] {
            if number != 0 {
                to.push(key);
                varint::write(number, to);
            }
        }
    }

    /// Bytes of the message. A key takes one byte. Empty texts and zeros are omitted.
    fn message_len(&self, number: i64) -> usize {
        let texts = [self.name, self.group].map(|text| match text.len() {
            0 => 0,
            len => 1 + delimited_len(len),
        });
        let numbers = [number as u64, self.by_name.into()].map(|number| match number {
            0 => 0,
            number => 1 + varint::len(number),
        });
        let entries = self
            .tags
            .iter()
            .map(|(name, value)| 1 + delimited_len(entry_len(name, value)));
        texts.into_iter().chain(numbers).chain(entries).sum()
    }
}

fn entry_len(name: &str, value: &str) -> usize {
    [name, value]
        .map(|text| 1 + delimited_len(text.len()))
        .iter()
        .sum()
}

/// Bytes of a value of `len` bytes and of the length before it.
fn delimited_len(len: usize) -> usize {
    varint::len(len as u64) + len
}

fn write_text(key: u8, text: &str, to: &mut Vec<u8>) {
    to.push(key);
    varint::write(text.len() as u64, to);
    to.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;
    use udf_proto::{Response, response};

    /// Pieces of either message, in encodings that protobuf allows and in some that it does not.
    fn message() -> impl Strategy<Value = Vec<u8>> {
        let text = prop_oneof![
            "[a-c]{0,2}".prop_map(String::into_bytes),
            vec(any::<u8>(), 0..6),
            "[a-zé]{100,200}".prop_map(String::into_bytes),
        ];
        let part = |key: u8, body: Vec<u8>| {
            let mut bytes = vec![key];
            varint::write(body.len() as u64, &mut bytes);
            bytes.extend(body);
            bytes
        };
        let entry = vec(
            (
                prop_oneof![Just(ENTRY_KEY), Just(ENTRY_VALUE), Just(0x1a)],
                text.clone(),
            ),
            0..4,
        )
        .prop_map(move |parts| {
            parts
                .into_iter()
                .flat_map(|(key, text)| part(key, text))
                .collect()
        });
        let whole_entry = (text.clone(), text.clone()).prop_map(move |(name, value)| {
            [part(ENTRY_KEY, name), part(ENTRY_VALUE, value)].concat()
        });
        let delimited = prop_oneof![2 => text, 3 => whole_entry, 1 => entry];
        let piece = prop_oneof![
            6 => (1_u8..6, delimited).prop_map(move |(number, body)| part(number << 3 | 2, body)),
            4 => (3_u8..6, any::<u64>()).prop_map(|(number, value)| {
                let mut bytes = vec![number << 3];
                varint::write(value, &mut bytes);
                bytes
            }),
            1 => vec(any::<u8>(), 0..5),
        ];
        vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn begin_and_end_are_read_as_prost_reads_them(message in message()) {
            prop_assert_eq!(read_begin(&message).ok(), BeginBatch::decode(&message[..]).ok());
            prop_assert_eq!(read_end(&message).ok(), EndBatch::decode(&message[..]).ok());
        }

        #[test]
        fn prost_reads_begin_and_end_as_written(
            name in any::<String>(),
            group in any::<String>(),
            tags in btree_map(any::<String>(), any::<String>(), 0..5),
            by_name in any::<bool>(),
            size in 0..usize::MAX / 2,
            tmax in any::<i64>(),
        ) {
            let head = BatchHead { name: &name, group: &group, tags: &tags, by_name };
            let mut frames = Vec::new();
            write_begin(head, size, &mut frames);
            write_end(head, tmax, &mut frames);
            let mut rest = &frames[..];
            let mut next = || Response::decode_length_delimited(&mut rest).map(|it| it.message);
            let (name, group) = (name.clone(), group.clone());
            prop_assert_eq!(next(), Ok(Some(response::Message::Begin(BeginBatch {
                name: name.clone(),
                group: group.clone(),
                tags: tags.clone(),
                size: size as i64,
                by_name,
            }))));
            prop_assert_eq!(next(), Ok(Some(response::Message::End(EndBatch {
                name, group, tmax, tags: tags.clone(), by_name,
            }))));
            prop_assert!(rest.is_empty());
        }
    }
}
