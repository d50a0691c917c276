//! Unsigned LEB128 varints, as in protobuf.

/// Bytes of the longest varint.
pub(crate) const MAX_LEN: usize = 10;

/// Reads a varint at `at`. Returns it and the position after it.
///
/// Returns `None` if it is cut off or longer than 64 bits.
#[inline(always)]
pub(crate) fn read(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let first = *bytes.get(at)?;
    if first < 0x80 {
        return Some((u64::from(first), at + 1));
    }
    // Most messages have a length of two bytes.
    let second = *bytes.get(at + 1)?;
    if second < 0x80 {
        let value = u64::from(first & 0x7f) | u64::from(second) << 7;
        return Some((value, at + 2));
    }
    read_three_or_more(bytes, at)
}

#[inline(never)]
fn read_three_or_more(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    read_long(bytes, at)
}

/// Takes a varint from the front.
pub(super) fn number(rest: &mut &[u8]) -> Option<u64> {
    let (value, end) = read(rest, 0)?;
    *rest = rest.get(end..)?;
    Some(value)
}

/// Takes a length from the front, and then that many bytes.
pub(crate) fn delimited<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = usize::try_from(number(rest)?).ok()?;
    rest.split_off(..len)
}

/// The same for a varint that is probably long, such as a time. Examines the first eight bytes as one word.
#[inline(always)]
pub(crate) fn read_long(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let Some(&[word @ .., ninth, tenth]) = bytes.get(at..)?.first_chunk::<MAX_LEN>() else {
        return read_plainly(bytes, at);
    };
    let word = u64::from_le_bytes(word);
    let ends = !word & 0x8080_8080_8080_8080;
    if ends != 0 {
        let bits = ends.trailing_zeros() + 1;
        let value = groups(word & (u64::MAX >> (64 - bits)));
        return Some((value, at + bits as usize / 8));
    }
    let value = groups(word) | u64::from(ninth & 0x7f) << 56;
    match (ninth, tenth) {
        (..0x80, _) => Some((value, at + 9)),
        // The tenth byte holds only the 64th bit.
        (_, 0 | 1) => Some((value | u64::from(tenth) << 63, at + 10)),
        _ => None,
    }
}

/// Joins the low seven bits of each byte.
#[inline]
fn groups(word: u64) -> u64 {
    let pairs = word & 0x007f_007f_007f_007f | (word & 0x7f00_7f00_7f00_7f00) >> 1;
    let quads = pairs & 0x0000_3fff_0000_3fff | (pairs & 0x3fff_0000_3fff_0000) >> 2;
    quads & 0x0fff_ffff | (quads & 0x0fff_ffff_0000_0000) >> 4
}

/// Reads byte by byte, for fewer than ten remaining bytes.
#[cold]
fn read_plainly(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for (index, &byte) in bytes.get(at..)?.iter().take(MAX_LEN).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
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

/// A varint that takes two bytes, or `None` if it takes another number.
#[inline]
pub(super) fn two_bytes(value: usize) -> Option<[u8; 2]> {
    matches!(value, 0x80..0x4000).then_some([value as u8 | 0x80, (value >> 7) as u8])
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
    fn written_values_are_read_back() {
        for value in [
            0,
            1,
            127,
            128,
            300,
            16_383,
            16_384,
            u64::from(u32::MAX),
            (1 << 49) - 1,
            1 << 49,
            (1 << 56) - 1,
            1 << 56,
            (1 << 63) - 1,
            1 << 63,
            u64::MAX,
        ] {
            let mut bytes = vec![0xff];
            write(value, &mut bytes);
            assert_eq!(read(&bytes, 1), Some((value, bytes.len())));
            let end = bytes.len();
            bytes.extend([0xff; MAX_LEN]);
            assert_eq!(read(&bytes, 1), Some((value, end)), "with more behind it");
            bytes.truncate(end);
            assert_eq!(len(value), bytes.len() - 1, "length of {value}");
            let two = two_bytes(value as usize);
            assert_eq!(two.is_some(), bytes.len() == 3, "{value}");
            assert!(two.is_none_or(|two| two == bytes[1..]), "{value}");
        }
    }

    #[test]
    fn varints_that_are_cut_off_or_too_long_are_refused() {
        assert_eq!(read(&[], 0), None);
        assert_eq!(read(&[1], 7), None);
        assert_eq!(read(&[0x80, 0x80], 0), None);
        assert_eq!(read(&[0xff; 11], 0), None);
        let mut beyond = [0xff; 10];
        beyond[9] = 2;
        assert_eq!(read(&beyond, 0), None);
        assert_eq!(read(&[beyond, [0; 10]].concat(), 0), None);
    }
}
