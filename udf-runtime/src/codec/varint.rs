//! Unsigned LEB128 varints, as protobuf has them.

/// Bytes of the longest varint.
pub(crate) const MAX_LEN: usize = 10;

/// Reads a varint at `at` and returns it with the place behind it.
///
/// `None` where it is cut off, or longer than 64 bits.
#[inline]
pub(crate) fn read(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let first = *bytes.get(at)?;
    if first < 0x80 {
        return Some((u64::from(first), at + 1));
    }
    read_long(bytes, at)
}

fn read_long(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for (index, &byte) in bytes.get(at..)?.iter().take(MAX_LEN).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            // The tenth byte holds the 64th bit alone.
            let fits = index < MAX_LEN - 1 || byte <= 1;
            return fits.then_some((value, at + index + 1));
        }
    }
    None
}

/// Appends a varint.
#[inline]
pub(crate) fn write(mut value: u64, to: &mut Vec<u8>) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

/// Bytes that a varint takes.
#[inline]
pub(crate) fn len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote() {
        for value in [
            0,
            1,
            127,
            128,
            300,
            16_383,
            16_384,
            u64::from(u32::MAX),
            u64::MAX,
        ] {
            let mut bytes = vec![0xff];
            write(value, &mut bytes);
            assert_eq!(read(&bytes, 1), Some((value, bytes.len())));
            assert_eq!(len(value), bytes.len() - 1, "length of {value}");
        }
    }

    #[test]
    fn refuses_what_is_cut_off_or_too_long() {
        assert_eq!(read(&[], 0), None);
        assert_eq!(read(&[1], 7), None);
        assert_eq!(read(&[0x80, 0x80], 0), None);
        assert_eq!(read(&[0xff; 11], 0), None);
        let mut beyond = [0xff; 10];
        beyond[9] = 2;
        assert_eq!(read(&beyond, 0), None);
    }
}
