//! A point as the text of a line, and back.

use std::fmt;
use std::str::FromStr;

use super::error::cite;
use super::{LineError, LineWriter, Parser, Precision, Reason, Scanned};
use crate::data::Point;

/// The point as line protocol, with its time in nanoseconds and without a line break.
///
/// Tags and fields stand in the point's own order. What line protocol [cannot hold](crate::line) is
/// left out; where nothing is left, the text is a comment that says so. Group and dimensions are no part
/// of a line.
///
/// ```
/// use udf_runtime::Point;
///
/// let mut point = Point::new("cpu");
/// point.set_time(1_700_000_000_000_000_000);
/// point.set_tag("host", "a");
/// point.set_field("usage", 12.5);
/// point.set_field("cores", 4);
/// assert_eq!(point.to_string(), "cpu,host=a usage=12.5,cores=4i 1700000000000000000");
/// ```
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        let mut line = LineWriter::new(&mut text, self.name());
        for (name, value) in self.tags() {
            line.tag(name, value);
        }
        for (name, value) in self.fields() {
            line.field(name, value);
        }
        line.finish(Some(self.time()));
        match std::str::from_utf8(&text) {
            Ok(line) if !line.is_empty() => f.write_str(line.trim_end_matches('\n')),
            _ => write!(f, "# no line can hold the point {:?}", self.name()),
        }
    }
}

/// The point of one line of line protocol, with a time in nanoseconds; without a time, it is at the
/// epoch. It is in no group: line protocol has no dimensions.
///
/// ```
/// use udf_runtime::Point;
///
/// let point: Point = "cpu,host=a usage=12.5 1700000000000000000".parse()?;
/// assert_eq!(point.tag("host"), Some("a"));
/// assert_eq!(point.float("usage"), Ok(12.5));
///
/// let error = "cpu,host=a".parse::<Point>().unwrap_err();
/// assert!(error.to_string().contains("no fields"), "{error}");
/// # Ok::<(), udf_runtime::line::LineError>(())
/// ```
impl FromStr for Point {
    type Err = LineError;

    fn from_str(text: &str) -> Result<Self, LineError> {
        let mut parser = Parser::new(Precision::Nanoseconds);
        let (line, end) = match parser.scan(text.as_bytes())? {
            Scanned::Point { line, end } => (line, end),
            Scanned::Nothing { .. } => {
                return Err(LineError {
                    column: 1,
                    reason: Reason::MissingName,
                });
            }
        };
        let rest = text.get(end..).unwrap_or_default().trim_ascii_start();
        if !rest.is_empty() {
            return Err(LineError {
                column: text.len() - rest.len() + 1,
                reason: Reason::AfterTime(cite(rest.as_bytes())),
            });
        }
        let mut point = Self::new(line.name());
        point.set_time(line.time().unwrap_or_default());
        for (name, value) in line.tags() {
            point.set_tag(name, value);
        }
        for (name, value) in line.fields() {
            point.set_field(name, value);
        }
        Ok(point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_comes_back_from_its_text() {
        let mut point = Point::new("disk usage");
        point.set_time(-5);
        point.set_tag("path", "/var, =");
        point.set_field("free", i64::MIN);
        point.set_field("ratio", 0.1 + 0.2);
        point.set_field("text", "a \"quoted\"\nline \\");
        point.set_field("up", true);
        assert_eq!(point.to_string().parse(), Ok(point));
    }

    #[test]
    fn a_line_break_ends_the_line_and_two_lines_are_refused() {
        let one = "m x=1 7".parse::<Point>();
        assert_eq!("m x=1 7\n".parse(), one);
        assert_eq!("m x=1 7\r\n".parse(), one);
        let two = "m x=1 7\nm x=2 8".parse::<Point>();
        assert_eq!(
            two.unwrap_err().to_string(),
            "column 9: `m` after the time: a line ends there"
        );
    }

    #[test]
    fn what_holds_no_point_is_refused() {
        for text in ["", "\n", "# comment", "m", "m x="] {
            assert!(text.parse::<Point>().is_err(), "{text:?}");
        }
        assert_eq!("m x=1".parse::<Point>().map(|point| point.time()), Ok(0));
    }

    #[test]
    fn a_point_that_no_line_can_hold_is_a_comment() {
        let mut point = Point::new("m");
        assert_eq!(point.to_string(), r#"# no line can hold the point "m""#);
        point.set_field("x", f64::NAN);
        assert!(point.to_string().starts_with('#'));
        point.set_field("y", 1);
        assert_eq!(point.to_string(), "m y=1i 0");
    }
}
