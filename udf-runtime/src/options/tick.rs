//! How TICKscript writes values.

use std::fmt;

use udf_proto::ValueType;

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

/// A text that is no duration in TICKscript's notation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no duration; write numbers with a unit each (w, d, h, m, s, ms, u), as 1h30m")]
pub struct ParseDurationError {
    text: String,
}

/// Reads a duration as TICKscript writes it, in nanoseconds.
///
/// Several units may follow each other, which TICKscript itself does not know: `1h30m`.
///
/// ```
/// use udf_runtime::options::parse_duration;
///
/// assert_eq!(parse_duration("1m30s"), Ok(90_000_000_000));
/// assert!(parse_duration("90").is_err());
/// ```
///
/// # Errors
/// No digits, no unit or an unknown one, or more than 292 years.
pub fn parse_duration(text: &str) -> Result<i64, ParseDurationError> {
    let error = || ParseDurationError { text: clip(text) };
    let mut rest = text;
    let mut sum = 0_i64;
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(error)?;
        let (number, tail) = rest.split_at(digits);
        let end = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        // The micro sign is the other spelling that TICKscript knows.
        let unit = if unit == "µ" { "u" } else { unit };
        let (_, nanos) = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(error)?;
        sum = number
            .parse::<i64>()
            .ok()
            .and_then(|number| number.checked_mul(*nanos))
            .and_then(|part| sum.checked_add(part))
            .ok_or_else(error)?;
        if tail.is_empty() {
            return Ok(sum);
        }
        rest = tail;
    }
}

/// Writes nanoseconds as TICKscript would: the longest unit that divides them.
///
/// ```
/// use udf_runtime::options::show_duration;
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
        // Finer than TICKscript can say.
        None => format!("{nanos}ns"),
    }
}

/// A string literal.
pub(super) fn show_string(text: &str) -> String {
    format!("'{}'", clip(text).replace('\'', "\\'"))
}

/// The strings that are allowed, in words.
pub(super) fn one_of(choices: &[&str]) -> String {
    let choices: Vec<_> = choices.iter().map(|text| show_string(text)).collect();
    format!("one of {}", choices.join(", "))
}

/// A float literal: the dot is what makes it a DOUBLE.
pub(super) fn show_double(number: f64) -> String {
    let text = number.to_string();
    if number.is_finite() && !text.contains('.') {
        text + ".0"
    } else {
        text
    }
}

/// The name of a type.
pub(super) fn type_name(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::Bool => "BOOL",
        ValueType::Int => "INT",
        ValueType::Double => "DOUBLE",
        ValueType::String => "STRING",
        ValueType::Duration => "DURATION",
    }
}

/// The name of a type with its article.
pub(super) fn a_type(value_type: ValueType) -> impl fmt::Display {
    let article = if value_type == ValueType::Int {
        "an"
    } else {
        "a"
    };
    format!("{article} {}", type_name(value_type))
}

/// What may come from outside is cut to a length that a message can hold.
pub(super) fn clip(text: &str) -> String {
    const LENGTH: usize = 80;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_every_unit() {
        assert_eq!(parse_duration("1w"), Ok(604_800_000_000_000));
        assert_eq!(parse_duration("2d"), Ok(172_800_000_000_000));
        assert_eq!(parse_duration("3h"), Ok(10_800_000_000_000));
        assert_eq!(parse_duration("4m"), Ok(240_000_000_000));
        assert_eq!(parse_duration("5s"), Ok(5_000_000_000));
        assert_eq!(parse_duration("6ms"), Ok(6_000_000));
        assert_eq!(parse_duration("7u"), Ok(7_000));
        assert_eq!(parse_duration("7µ"), Ok(7_000));
        assert_eq!(parse_duration("1w2d3h4m5s6ms7u"), Ok(788_645_006_007_000));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "s",
            "5",
            "5 s",
            "-5s",
            "5x",
            "5sm",
            "1.5s",
            "5s6",
            "99999999999w",
        ] {
            let error = parse_duration(text).expect_err(text).to_string();
            assert!(
                error.starts_with(&format!("{text:?} is no duration; ")),
                "{error}"
            );
        }
    }

    #[test]
    fn durations_are_shown_in_the_longest_unit_that_fits() {
        for text in ["0s", "7u", "1500ms", "90s", "25h", "1d", "2w", "-10s"] {
            let nanos = match text.strip_prefix('-') {
                Some(text) => -parse_duration(text).unwrap(),
                None => parse_duration(text).unwrap(),
            };
            assert_eq!(show_duration(nanos), text);
        }
        assert_eq!(show_duration(i64::MIN), "-9223372036854775808ns");
    }

    #[test]
    fn literals_are_those_of_tickscript() {
        assert_eq!(show_string("it's"), r"'it\'s'");
        assert_eq!(show_double(2.0), "2.0");
        assert_eq!(show_double(-0.5), "-0.5");
        assert_eq!(show_double(1e20), "100000000000000000000.0");
        assert_eq!(show_double(f64::NAN), "NaN");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let clipped = clip(&"é".repeat(200));
        assert_eq!(clipped, "é".repeat(80) + "…");
    }
}
