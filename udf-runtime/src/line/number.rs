//! Numbers of line protocol: floats, integers, unsigned integers.

use super::Reason;
use super::error::cite;

/// A number in a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Float(f64),
    Int(i64),
    /// An unsigned integer that fits into a signed one.
    Unsigned(i64),
}

/// The powers of ten that a double represents exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Reads the number at `start`. It ends at a comma, a space, a line break or the end of the text. Returns it and the
/// offset of its end.
pub(super) fn read(text: &[u8], start: usize) -> Result<(Number, usize), Reason> {
    let negative = text.get(start) == Some(&b'-');
    let mut at = start + usize::from(negative);
    if let Some((value, end)) = read_short(text, at) {
        return Ok((Number::Float(if negative { -value } else { value }), end));
    }

    // `mantissa` and `count` take the digits on both sides of the decimal point.
    let first = at;
    let mut mantissa: u64 = 0;
    at = few_digits(text, at, &mut mantissa);
    let mut count = at - first;
    let mut fraction = 0;
    let mut decimal = false;
    if text.get(at) == Some(&b'.') {
        decimal = true;
        let after = at + 1;
        at = digits(text, after, &mut mantissa);
        fraction = at - after;
        count += fraction;
    }
    if count == 0 {
        return Err(malformed(text, start));
    }
    match text.get(at) {
        Some(b'i') if !decimal && ends(text, at + 1) => {
            let value = integer(negative, mantissa, &text[first..at])
                .ok_or_else(|| Reason::IntegerOutOfRange(cite(&text[start..])))?;
            Ok((Number::Int(value), at + 1))
        }
        Some(b'u') if !decimal && !negative && ends(text, at + 1) => {
            let value = integer(false, mantissa, &text[first..at])
                .ok_or_else(|| Reason::UnsignedOutOfRange(cite(&text[start..])))?;
            Ok((Number::Unsigned(value), at + 1))
        }
        _ if ends(text, at) => {
            // Exact when neither the digits nor the power of ten are rounded: then the one
            // division rounds as the correct result does. 15 digits are below 2^53.
            if count <= 15 && fraction < POWERS.len() {
                let value = mantissa as f64 / POWERS[fraction];
                return Ok((Number::Float(if negative { -value } else { value }), at));
            }
            float(text, start, at)
        }
        Some(b'e' | b'E') => {
            at += 1;
            if matches!(text.get(at), Some(b'+' | b'-')) {
                at += 1;
            }
            let power = at;
            at = digits(text, at, &mut 0);
            if at == power || !ends(text, at) {
                return Err(malformed(text, start));
            }
            float(text, start, at)
        }
        _ => Err(malformed(text, start)),
    }
}

/// Reads an integer, such as a time. Returns it, or `None` if it does not fit, and the offset of its end.
pub(super) fn read_integer(text: &[u8], start: usize) -> (Option<i64>, usize) {
    let negative = text.get(start) == Some(&b'-');
    let first = start + usize::from(negative);
    let mut magnitude = 0;
    let end = digits(text, first, &mut magnitude);
    (integer(negative, magnitude, &text[first..end]), end)
}

/// Adds the digits at `at` to `value`, which wraps if they are too many. Returns the offset of their end.
#[inline]
fn digits(text: &[u8], mut at: usize, value: &mut u64) -> usize {
    while let Some(eight) = text.get(at..).and_then(<[u8]>::first_chunk)
        && let Some(number) = eight_digits(*eight)
    {
        *value = value.wrapping_mul(100_000_000).wrapping_add(number);
        at += 8;
    }
    few_digits(text, at, value)
}

/// The same, digit by digit: faster if eight digits are rare.
#[inline]
fn few_digits(text: &[u8], mut at: usize, value: &mut u64) -> usize {
    while let Some(digit) = text.get(at).map(|b| b.wrapping_sub(b'0'))
        && digit < 10
    {
        *value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    at
}

/// The number of eight digits, with the first one in the lowest byte. `None` if a byte is not a digit.
#[inline]
fn eight_digits(digits: [u8; 8]) -> Option<u64> {
    let values = u64::from_le_bytes(digits) ^ every(b'0');
    (not_below_ten(values) == 0).then(|| joined(values))
}

/// Reads a number of at most seven bytes before a comma or a space, as most numbers are. Does not branch on the number
/// of digits, which no processor could predict.
#[inline]
fn read_short(text: &[u8], start: usize) -> Option<(f64, usize)> {
    let bytes = u64::from_le_bytes(*text.get(start..)?.first_chunk()?);
    let values = bytes ^ every(b'0');
    let others = not_below_ten(values);
    if others == 0 {
        return None;
    }
    let byte = |index: u32| (bytes >> (8 * index)) as u8;
    let whole = others.trailing_zeros() / 8;
    let (end, digits, fraction) = if byte(whole) == b'.' {
        let others = others & (others - 1);
        if others == 0 {
            return None;
        }
        let end = others.trailing_zeros() / 8;
        // Moves the digits after the point over the point.
        let before = (1 << (8 * whole)) - 1;
        let digits = values & before | (values >> 8) & !before;
        (end, digits, end - whole - 1)
    } else {
        (whole, values, 0)
    };
    let count = end - u32::from(end > whole);
    if count == 0 || !matches!(byte(end), b',' | b' ') {
        return None;
    }
    // Shifts zeros in before the digits, and what follows them out.
    let mantissa = joined(digits << (64 - 8 * count));
    let value = mantissa as f64 / POWERS[fraction as usize];
    Some((value, start + end as usize))
}

/// The number of eight digits, given as their values, with the first one in the lowest byte.
#[inline]
fn joined(values: u64) -> u64 {
    // Joins pairs of digits to numbers of two digits, then of four, then of eight.
    let twos = (values.wrapping_mul(10) + (values >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (twos.wrapping_mul(100) + (twos >> 16)) & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000) + (fours >> 32)) & 0xffff_ffff
}

/// Sets the highest bit of each byte that is ten or more.
#[inline]
fn not_below_ten(bytes: u64) -> u64 {
    (((bytes & every(0x7f)) + every(0x80 - 10)) | bytes) & every(0x80)
}

/// A word of eight equal bytes.
#[inline]
pub(super) const fn every(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The integer of `magnitude`, the value of `digits`, if it fits.
fn integer(negative: bool, magnitude: u64, digits: &[u8]) -> Option<i64> {
    let significant = if digits.len() <= 19 {
        // Below 10^19, so `magnitude` has not wrapped.
        digits.len()
    } else {
        digits.len() - digits.iter().take_while(|d| **d == b'0').count()
    };
    if significant > 19 {
        return None;
    }
    if negative {
        0i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    }
}

/// The float in `text[start..end]`, which has the form of one.
fn float(text: &[u8], start: usize, end: usize) -> Result<(Number, usize), Reason> {
    let digits = std::str::from_utf8(&text[start..end]).unwrap_or_default();
    match digits.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((Number::Float(value), end)),
        Ok(_) => Err(Reason::NotFinite(cite(&text[start..]))),
        Err(_) => Err(malformed(text, start)),
    }
}

fn ends(text: &[u8], at: usize) -> bool {
    matches!(text.get(at), None | Some(b',' | b' ' | b'\n' | b'\r'))
}

#[cold]
fn malformed(text: &[u8], start: usize) -> Reason {
    let cited = cite(&text[start..]);
    if is_not_finite(&cited) {
        Reason::NotFinite(cited)
    } else {
        Reason::InvalidNumber(cited)
    }
}

/// Whether a text is a usual spelling of NaN or an infinity.
pub(super) fn is_not_finite(text: &str) -> bool {
    let word = text.trim_start_matches(['-', '+']);
    ["nan", "inf", "infinity"]
        .iter()
        .any(|name| word.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Result<Number, Reason> {
        read(text.as_bytes(), 0).map(|(number, end)| {
            assert_eq!(end, text.len(), "{text}");
            number
        })
    }

    #[test]
    fn floats_are_those_of_the_standard_library() {
        for text in [
            "0",
            "-0",
            "1",
            "1.5",
            "-.5",
            ".5",
            "5.",
            "00.10",
            "1e3",
            "1E+3",
            "1e-3",
            "-1.25e2",
            "123456789012345",
            "1234567890123456",
            "0.1234567890123456",
            "9007199254740993",
            "0.000000000000000000000001",
            "3.1578947368420973",
            "1e-400",
            "1.7976931348623157e308",
            "100000000000000000000000000000",
            "4.9406564584124654e-324",
            "0.30000000000000004",
        ] {
            let expected: f64 = text.parse().unwrap();
            match number(text) {
                Ok(Number::Float(value)) => {
                    assert_eq!(value.to_bits(), expected.to_bits(), "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn integers_fit_exactly_or_are_refused() {
        assert_eq!(number("0i"), Ok(Number::Int(0)));
        assert_eq!(number("-7i"), Ok(Number::Int(-7)));
        assert_eq!(number("007u"), Ok(Number::Unsigned(7)));
        assert_eq!(number("9223372036854775807i"), Ok(Number::Int(i64::MAX)));
        assert_eq!(number("-9223372036854775808i"), Ok(Number::Int(i64::MIN)));
        let most = Number::Unsigned(i64::MAX);
        assert_eq!(number("9223372036854775807u"), Ok(most));
        assert_eq!(number("000000000000000000000001i"), Ok(Number::Int(1)));
        for text in [
            "9223372036854775808i",
            "-9223372036854775809i",
            "18446744073709551617i", // wraps to 1
            "99999999999999999999i",
        ] {
            assert_eq!(number(text), Err(Reason::IntegerOutOfRange(text.into())));
        }
        for text in ["9223372036854775808u", "18446744073709551616u"] {
            assert_eq!(number(text), Err(Reason::UnsignedOutOfRange(text.into())));
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "-", ".", "-.", "1.1.1", "1e", "1e+", "1e5.5", "1i1", "1.5i", "1e5i", "-1u", "1.0u",
            "1x", "0x1", "1_000", "--1", "1-", "1ii", "i", "1e5e5", "1\t",
        ] {
            assert_eq!(
                read(text.as_bytes(), 0),
                Err(Reason::InvalidNumber(cite(text.as_bytes()))),
                "{text}"
            );
        }
        for text in ["-NaN", "-inf", "-Infinity", "1e309", "-1e400"] {
            assert_eq!(
                read(text.as_bytes(), 0),
                Err(Reason::NotFinite(text.into()))
            );
        }
    }

    #[test]
    fn eight_digits_are_read_at_once_only_where_all_are_digits() {
        assert_eq!(eight_digits(*b"12345678"), Some(12_345_678));
        assert_eq!(eight_digits(*b"00000000"), Some(0));
        assert_eq!(eight_digits(*b"99999999"), Some(99_999_999));
        for place in 0..8 {
            for byte in 0..=255_u8 {
                let mut bytes = *b"34567890";
                bytes[place] = byte;
                let expected = std::str::from_utf8(&bytes).ok();
                let expected = expected.filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
                assert_eq!(
                    eight_digits(bytes),
                    expected.and_then(|text| text.parse().ok())
                );
            }
        }
    }

    #[test]
    fn short_numbers_are_the_same_as_long_ones() {
        let digits = [
            "", "0", "7", "10", "009", "4321", "987654", "1234567", "12345678",
        ];
        for whole in digits {
            for fraction in digits {
                for point in ["", "."] {
                    for rest in [",", " ", "\n", "i,", "e3,", "x", "-,", ""] {
                        let number = format!("{whole}{point}{fraction}");
                        let text = format!("{number}{rest}{}", "1".repeat(8));
                        let Some((value, end)) = read_short(text.as_bytes(), 0) else {
                            continue;
                        };
                        assert!([",", " "].contains(&rest), "{text}");
                        assert_eq!(number.parse(), Ok(value), "{text}");
                        assert_eq!(end, number.len());
                    }
                }
            }
        }
        assert_eq!(read_short(b"12.345, ", 0), Some((12.345, 6)));
        assert_eq!(read_short(b"7 123456", 0), Some((7.0, 1)));
        assert_eq!(read_short(b".5,b=123", 0), Some((0.5, 2)));
        assert_eq!(read_short(b"5.,b=123", 0), Some((5.0, 2)));
    }

    #[test]
    fn a_number_ends_at_its_delimiter() {
        for rest in [",b=1", " 17", "\n", "\r\n"] {
            let text = format!("1.5{rest}");
            assert_eq!(read(text.as_bytes(), 0), Ok((Number::Float(1.5), 3)));
        }
    }
}
