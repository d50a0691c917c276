//! Calls of options, as a TICKscript writes them behind a UDF: `.field('usage').size(10)`.

use std::error::Error;
use std::fmt;

use crate::{check_name, parse_duration};

/// One call of an option.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The name of the option.
    pub name: String,
    /// The arguments, in their order.
    pub arguments: Vec<Literal>,
}

/// An argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// `10`, or `010` in octal.
    Int(i64),
    /// `10.0`, with a dot always.
    Double(f64),
    /// `'text'`, or `'''text'''`.
    String(String),
    /// `10s`, in nanoseconds.
    Duration(i64),
    /// `"name"` in double quotes, which is not a string in TICKscript.
    Reference(String),
}

/// A text that is not a chain of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseCallsError {
    line: usize,
    column: usize,
    text: String,
}

impl fmt::Display for ParseCallsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.text
        )
    }
}

impl Error for ParseCallsError {}

/// Reads calls of options as TICKscript does. White space and `//` comments may stand between the parts.
///
/// ```
/// use udf_tickscript::{Literal, parse_calls};
///
/// let calls = parse_calls(".field('usage').size(10)")?;
/// assert_eq!(calls[1].name, "size");
/// assert_eq!(calls[1].arguments, [Literal::Int(10)]);
/// # Ok::<(), udf_tickscript::ParseCallsError>(())
/// ```
///
/// # Errors
/// The place where the text is not a chain of calls, and what TICKscript expects there. Lambdas, lists and
/// expressions are not arguments that a UDF can have.
pub fn parse_calls(text: &str) -> Result<Vec<Call>, ParseCallsError> {
    let mut reader = Reader { text, at: 0 };
    let mut calls = Vec::new();
    loop {
        reader.skip_blank();
        if reader.rest().is_empty() {
            return Ok(calls);
        }
        calls.push(reader.call()?);
    }
}

/// How far a text is read.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn call(&mut self) -> Result<Call, ParseCallsError> {
        self.expect('.')?;
        self.skip_blank();
        let start = self.at;
        let name = self.word();
        if let Err(error) = check_name(name) {
            return Err(self.error(
                start,
                format!("`{name}` is not the name of an option: {error}"),
            ));
        }
        self.skip_blank();
        self.expect('(')?;
        self.skip_blank();
        let mut arguments = Vec::new();
        if !self.take(')') {
            loop {
                self.skip_blank();
                arguments.push(self.literal()?);
                self.skip_blank();
                if self.take(')') {
                    break;
                }
                if !self.take(',') {
                    return Err(self.unexpected("`,` or `)`"));
                }
            }
        }
        Ok(Call {
            name: name.to_owned(),
            arguments,
        })
    }

    fn literal(&mut self) -> Result<Literal, ParseCallsError> {
        match self.rest().chars().next() {
            Some('\'') => self.string().map(Literal::String),
            Some('"') => {
                self.at += 1;
                self.quoted("\"", true).map(Literal::Reference)
            }
            Some('-') => {
                let start = self.at;
                self.at += 1;
                self.skip_blank();
                self.number(start, true)
            }
            Some('0'..='9' | '.') => self.number(self.at, false),
            Some(c) if c.is_ascii_alphabetic() => {
                let start = self.at;
                match self.word() {
                    "TRUE" => Ok(Literal::Bool(true)),
                    "FALSE" => Ok(Literal::Bool(false)),
                    word => {
                        let text = format!("expected a literal, found `{word}`");
                        let help = match &*word.to_ascii_uppercase() {
                            "TRUE" | "FALSE" => "; help: booleans are TRUE and FALSE in TICKscript",
                            _ => "; help: strings have single quotes",
                        };
                        Err(self.error(start, text + help))
                    }
                }
            }
            _ => Err(self.unexpected("a literal")),
        }
    }

    fn string(&mut self) -> Result<String, ParseCallsError> {
        if self.rest().starts_with("'''") {
            self.at += 3;
            return self.quoted("'''", false);
        }
        self.at += 1;
        self.quoted("'", true)
    }

    /// The text up to a closing quote. With `escapes`, a backslash before the quote is an escape; no other
    /// is one.
    fn quoted(&mut self, quote: &str, escapes: bool) -> Result<String, ParseCallsError> {
        let start = self.at;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            if escapes && rest.starts_with('\\') && rest[1..].starts_with(quote) {
                text.push_str(quote);
                self.at += 1 + quote.len();
            } else if rest.starts_with(quote) {
                self.at += quote.len();
                return Ok(text);
            } else if let Some(c) = rest.chars().next() {
                text.push(c);
                self.at += c.len_utf8();
            } else {
                let error = format!("the text has no closing {quote}");
                return Err(self.error(start - quote.len(), error));
            }
        }
    }

    fn number(&mut self, start: usize, is_negative: bool) -> Result<Literal, ParseCallsError> {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | 'µ' | '_');
        let text = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        self.at += text.len();
        let sign = if is_negative { -1 } else { 1 };
        let is_of = |more: &str| {
            let is_expected = |c: char| c.is_ascii_digit() || more.contains(c);
            text.starts_with(|c: char| c.is_ascii_digit() || c == '.')
                && text.chars().all(is_expected)
        };
        let number = if is_of("") {
            let radix = if text.starts_with('0') && text.len() > 1 {
                8
            } else {
                10
            };
            i64::from_str_radix(text, radix)
                .ok()
                .map(|it| Literal::Int(sign * it))
        } else if is_of(".") {
            text.parse()
                .ok()
                .map(|it: f64| Literal::Double(sign as f64 * it))
        } else {
            // A literal has one unit, unlike what `parse_duration` takes.
            let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
            let is_literal = !unit.contains(|c: char| c.is_ascii_digit());
            parse_duration(text)
                .ok()
                .filter(|_| is_literal)
                .and_then(|it| i64::try_from(it.as_nanos()).ok())
                .map(|it| Literal::Duration(sign * it))
        };
        number.ok_or_else(|| {
            let whole = &self.text[start..self.at];
            let text = format!(
                "`{whole}` is not a number; help: an INT is 10, a DOUBLE is 10.0, a DURATION is 10s"
            );
            self.error(start, text)
        })
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let word = &rest[..end.unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    fn skip_blank(&mut self) {
        loop {
            self.at = self.text.len() - self.rest().trim_start().len();
            if !self.rest().starts_with("//") {
                return;
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    fn take(&mut self, c: char) -> bool {
        let is_next = self.rest().starts_with(c);
        if is_next {
            self.at += c.len_utf8();
        }
        is_next
    }

    fn expect(&mut self, c: char) -> Result<(), ParseCallsError> {
        if self.take(c) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{c}`")))
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn unexpected(&self, expected: &str) -> ParseCallsError {
        let found = match self.rest().chars().next() {
            Some(c) => format!("`{c}`"),
            None => "the end".to_owned(),
        };
        self.error(self.at, format!("expected {expected}, found {found}"))
    }

    fn error(&self, at: usize, text: String) -> ParseCallsError {
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        ParseCallsError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Vec<Literal> {
        let calls =
            parse_calls(&format!(".a({text})")).unwrap_or_else(|error| panic!("{text}: {error}"));
        calls.into_iter().next().unwrap().arguments
    }

    #[test]
    fn literals_are_those_of_tickscript() {
        use Literal::{Bool, Double, Duration, Int, Reference, String};
        let text = |text: &str| String(text.to_owned());
        for (given, expected) in [
            ("", vec![]),
            ("TRUE, FALSE", vec![Bool(true), Bool(false)]),
            ("0, 12, -5, 017", vec![Int(0), Int(12), Int(-5), Int(15)]),
            (
                "1.5, -2.0, .5, 08.5",
                vec![Double(1.5), Double(-2.0), Double(0.5), Double(8.5)],
            ),
            (
                "'', 'a b', 'it\\'s', 'C:\\temp'",
                vec![text(""), text("a b"), text("it's"), text("C:\\temp")],
            ),
            ("'''it's \\'''", vec![text("it's \\")]),
            (
                "10s, 1ms, 2µ, -1h",
                vec![
                    Duration(10_000_000_000),
                    Duration(1_000_000),
                    Duration(2_000),
                    Duration(-3_600_000_000_000),
                ],
            ),
            ("\"usage\"", vec![Reference("usage".to_owned())]),
        ] {
            assert_eq!(arguments(given), expected, "{given}");
        }
    }

    #[test]
    fn calls_may_stand_on_lines_with_comments() {
        let calls =
            parse_calls("\n  // The field.\n  .field( 'v' )\n  . size (\n10\n) // points\n")
                .unwrap();
        let names: Vec<_> = calls.iter().map(|call| &*call.name).collect();
        assert_eq!(names, ["field", "size"]);
        assert_eq!(parse_calls(" \n").unwrap(), []);
    }

    #[test]
    fn errors_say_where_and_what() {
        for (text, expected) in [
            ("field('v')", "line 1, column 1: expected `.`, found `f`"),
            (
                ".field('v'",
                "line 1, column 11: expected `,` or `)`, found the end",
            ),
            (".field('v)", "line 1, column 8: the text has no closing '"),
            (
                ".field(v)",
                "line 1, column 8: expected a literal, found `v`; help: strings have single quotes",
            ),
            (
                ".on(true)",
                "line 1, column 5: expected a literal, found `true`; help: booleans are TRUE and FALSE in TICKscript",
            ),
            (
                ".a('ä')\n  .b(1e5)",
                "line 2, column 6: `1e5` is not a number; help: an INT is 10, a DOUBLE is 10.0, a DURATION is 10s",
            ),
            (".a(1,)", "line 1, column 6: expected a literal, found `)`"),
            (
                ".a(1 + 2)",
                "line 1, column 6: expected `,` or `)`, found `+`",
            ),
            (
                ".lambda(1)",
                "line 1, column 2: `lambda` is not the name of an option: TICKscript reserves the words `AND`, `OR`, \
                 `TRUE`, `FALSE`, `var`, `dbrp`, `lambda`",
            ),
        ] {
            assert_eq!(
                parse_calls(text).unwrap_err().to_string(),
                expected,
                "{text}"
            );
        }
        for text in [
            "1.2.3",
            "99999999999999999999",
            "08",
            "10x",
            "1h30m",
            ".",
            "-",
            "--1",
            "'",
            "1_000",
        ] {
            assert!(parse_calls(&format!(".a({text})")).is_err(), "{text}");
        }
    }
}
