//! Bytes as MessagePack's own `bin`, where serde's default would be a list of numbers.

use std::fmt;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::path::{Path, Track};
use super::tracked::At;

/// Bytes that are written, or read without a copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Bytes<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(BytesVisitor).map(Bytes)
    }
}

struct BytesVisitor;

impl<'de> de::Visitor<'de> for BytesVisitor {
    type Value = &'de [u8];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_borrowed_bytes<E: de::Error>(self, bytes: &'de [u8]) -> Result<&'de [u8], E> {
        Ok(bytes)
    }
}

/// Reads one value that fills the bytes to their end.
pub(super) fn read<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
) -> Result<T, rmp_serde::decode::Error> {
    read_all(bytes, |deserializer| T::deserialize(deserializer))
}

/// How deep a value may be nested, to be kept or restored. A thread's stack is limited, and what a snapshot
/// claims is not.
const DEPTH: usize = 256;

/// Encodes a value, its fields by their names.
pub(super) fn write(value: &impl Serialize) -> Result<Vec<u8>, rmp_serde::encode::Error> {
    let bytes = rmp_serde::to_vec_named(value)?;
    // The encoder has no limit, and what cannot be restored must not be kept.
    match read::<IgnoredAny>(&bytes) {
        Err(rmp_serde::decode::Error::DepthLimitExceeded) => {
            Err(rmp_serde::encode::Error::DepthLimitExceeded)
        }
        _ => Ok(bytes),
    }
}

/// The same, and tracks the paths of the value's parts.
pub(super) fn read_at<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
    path: &Path<'_>,
    track: &Track,
) -> Result<T, rmp_serde::decode::Error> {
    read_all(bytes, |deserializer| {
        T::deserialize(At::new(deserializer, path, track))
    })
}

type Decoder<'de> = rmp_serde::Deserializer<rmp_serde::decode::ReadRefReader<'de, [u8]>>;

pub(super) fn decoder(bytes: &[u8]) -> Decoder<'_> {
    let mut decoder = rmp_serde::Deserializer::from_read_ref(bytes);
    decoder.set_max_depth(DEPTH);
    decoder
}

fn read_all<'de, T>(
    bytes: &'de [u8],
    read: impl FnOnce(&mut Decoder<'de>) -> Result<T, rmp_serde::decode::Error>,
) -> Result<T, rmp_serde::decode::Error> {
    let mut deserializer = decoder(bytes);
    let value = read(&mut deserializer)?;
    // A snapshot has nothing behind the value.
    if Option::<Unread>::deserialize(&mut deserializer).is_ok() {
        return Err(de::Error::custom("there are more bytes behind it"));
    }
    Ok(value)
}

/// Reads nothing: an option of it needs one byte, of any value.
struct Unread;

impl<'de> Deserialize<'de> for Unread {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}
