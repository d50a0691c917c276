//! Durations in TICKscript's notation.

use std::time::Duration;

/// How to write a duration, for messages.
pub(crate) const NOTATION: &str =
    "write numbers with a unit each (w, d, h, m, s, ms, u), as \"10s\" or \"1h30m\"";

/// Reads a duration: `1h30m`. `None` where it is none, or longer than TICKscript can say.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut nanos = 0_i64;
    loop {
        let (number, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let end = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let unit: i64 = match unit {
            "w" => 7 * 24 * 3600 * 1_000_000_000,
            "d" => 24 * 3600 * 1_000_000_000,
            "h" => 3600 * 1_000_000_000,
            "m" => 60 * 1_000_000_000,
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "u" | "µ" => 1_000,
            _ => return None,
        };
        nanos = number
            .parse::<i64>()
            .ok()?
            .checked_mul(unit)?
            .checked_add(nanos)?;
        if tail.is_empty() {
            return u64::try_from(nanos).ok().map(Duration::from_nanos);
        }
        rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_tickscript() {
        let nanos = |text| parse(text).map(|duration| duration.as_nanos());
        assert_eq!(nanos("1w2d3h4m5s6ms7u"), Some(788_645_006_007_000));
        assert_eq!(nanos("0s"), Some(0));
        for text in ["", "10", "s", "-1s", "1 s", "1y", "1.5s", "9999999w"] {
            assert_eq!(nanos(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_read_as_where_a_udf_is_used() {
        for text in [
            "1w",
            "2d",
            "3h",
            "4m",
            "5s",
            "6ms",
            "7u",
            "7µ",
            "1h30m",
            "30m1h",
            "1s1s",
            "007s",
            "15250w",
            "15250w1d",
            "15251w",
            "9223372036854775u",
            "9223372036854776u",
            "",
            "10",
            "s",
            "-1s",
            "+1s",
            "1 s",
            " 1s",
            "1s ",
            "1y",
            "1ns",
            "1M",
            "1sm",
            "1s1",
            "1.5s",
            "١s",
        ] {
            let read = parse(text).and_then(|duration| i64::try_from(duration.as_nanos()).ok());
            let read_by_the_runtime = udf_runtime::options::parse_duration(text).ok();
            assert_eq!(read, read_by_the_runtime, "{text:?}");
        }
    }
}
