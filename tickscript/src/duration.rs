//! Durations: `10s`, `1h30m`.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Units of a duration in nanoseconds, from the longest to the shortest.
const UNITS: [(&str, i64); 7] = [
    ("w", 7 * 24 * 3600 * 1_000_000_000),
    ("d", 24 * 3600 * 1_000_000_000),
    ("h", 3600 * 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("u", 1_000),
];

/// Characters of a wrong text that an error shows.
const SHOWN: usize = 80;

/// A text that is not a duration in TICKscript's notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseDurationError {
    text: String,
}

impl fmt::Display for ParseDurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expected a duration, found {:?}; write numbers with units (w, d, h, m, s, ms, u), as 1h30m",
            self.text
        )
    }
}

impl Error for ParseDurationError {}

/// Reads a duration as TICKscript writes it.
///
/// Several units may follow each other, which TICKscript itself does not allow: `1h30m`.
///
/// ```
/// use std::time::Duration;
/// use udf_tickscript::parse_duration;
///
/// assert_eq!(parse_duration("1m30s"), Ok(Duration::from_secs(90)));
/// assert!(parse_duration("90").is_err());
/// ```
///
/// # Errors
/// The text has no digits, no unit or an unknown one, or is longer than 292 years.
pub fn parse_duration(text: &str) -> Result<Duration, ParseDurationError> {
    // Without a sign, the sum is never negative.
    let nanos = sum_of_units(text).and_then(|nanos| u64::try_from(nanos).ok());
    nanos
        .map(Duration::from_nanos)
        .ok_or_else(|| ParseDurationError {
            text: match text.char_indices().nth(SHOWN) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text.to_owned(),
            },
        })
}

fn sum_of_units(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut sum = 0_i64;
    loop {
        let (number, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let end = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        // TICKscript knows the micro sign as another spelling of `u`.
        let unit = if unit == "µ" { "u" } else { unit };
        let (_, nanos) = UNITS.iter().find(|(name, _)| *name == unit)?;
        sum = number
            .parse::<i64>()
            .ok()?
            .checked_mul(*nanos)?
            .checked_add(sum)?;
        if tail.is_empty() {
            return Some(sum);
        }
        rest = tail;
    }
}

/// Writes nanoseconds as TICKscript does: in the longest unit that divides them.
///
/// ```
/// use udf_tickscript::show_duration;
///
/// assert_eq!(show_duration(90_000_000_000), "90s");
/// ```
#[must_use]
pub fn show_duration(nanos: i64) -> String {
    if nanos == 0 {
        return "0s".to_owned();
    }
    match UNITS.iter().find(|(_, unit)| nanos % unit == 0) {
        Some((name, unit)) => format!("{}{name}", nanos / unit),
        // TICKscript has no unit that is finer than a microsecond.
        None => format!("{nanos}ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_every_unit() {
        for (text, nanos) in [
            ("1w", 604_800_000_000_000),
            ("2d", 172_800_000_000_000),
            ("3h", 10_800_000_000_000),
            ("4m", 240_000_000_000),
            ("5s", 5_000_000_000),
            ("6ms", 6_000_000),
            ("7u", 7_000),
            ("7µ", 7_000),
            ("007s", 7_000_000_000),
            ("30m1h", 5_400_000_000_000),
            ("1w2d3h4m5s6ms7u", 788_645_006_007_000),
            ("9223372036854775u", 9_223_372_036_854_775_000),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_nanos(nanos)),
                "{text}"
            );
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "s",
            "5",
            "5 s",
            " 5s",
            "5s ",
            "-5s",
            "+5s",
            "5x",
            "5sm",
            "1.5s",
            "5s6",
            "1ns",
            "1M",
            "١s",
            "15251w",
            "99999999999w",
            "9223372036854776u",
        ] {
            let error = parse_duration(text).expect_err(text).to_string();
            let expected = format!("expected a duration, found {text:?}; ");
            assert!(error.starts_with(&expected), "{error}");
        }
    }

    #[test]
    fn an_error_shows_the_start_of_a_long_text() {
        let error = parse_duration(&"é".repeat(200)).unwrap_err();
        assert_eq!(error.text, "é".repeat(80) + "…");
    }

    #[test]
    fn durations_are_shown_in_the_longest_unit_that_fits() {
        let nanos = |text: &str| i64::try_from(parse_duration(text).unwrap().as_nanos()).unwrap();
        for text in ["0s", "7u", "1500ms", "90s", "25h", "1d", "2w", "-10s"] {
            let nanos = match text.strip_prefix('-') {
                Some(text) => -nanos(text),
                None => nanos(text),
            };
            assert_eq!(show_duration(nanos), text);
        }
        assert_eq!(show_duration(i64::MIN), "-9223372036854775808ns");
    }
}
