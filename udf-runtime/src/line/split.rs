//! Finds the end of an invalid line.

use memchr::{memchr2, memchr3};

/// The end of an invalid line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineEnd {
    /// Where its `\n` is.
    pub(crate) at: usize,
    /// A string holds a line break, and its closing quote stands where none can: probably the quote
    /// of another line, since the line was cut off.
    pub(crate) is_doubtful: bool,
}

/// The end of the line that begins at the start of `text`.
///
/// A line break inside of a string field does not end the line, also when the line is wrong in
/// another place: lines in a string are text. `None` when the text ends before the line does, or
/// inside of a string.
pub(crate) fn line_end(text: &[u8]) -> Option<LineEnd> {
    let mut is_doubtful = false;
    // Name and tags: quotes mean nothing there. Blanks before them do not end them.
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | 0);
    let mut at = text.iter().position(|byte| !is_blank(byte))?;
    loop {
        at += memchr3(b'\n', b' ', b'\\', &text[at..])?;
        match text[at] {
            b'\n' => return Some(LineEnd { at, is_doubtful }),
            b' ' => break,
            _ => at += if is_escape(text, at) { 2 } else { 1 },
        }
        if at >= text.len() {
            return None;
        }
    }
    // Fields: a quote directly after `=` begins a string.
    loop {
        at += memchr2(b'\n', b'"', &text[at..])?;
        if text[at] == b'\n' {
            return Some(LineEnd { at, is_doubtful });
        }
        let begins_string = at > 0 && text[at - 1] == b'=' && (at < 2 || text[at - 2] != b'\\');
        at += 1;
        if begins_string {
            let end = string_end(text, at)?;
            let ends_well = matches!(text.get(end + 1), None | Some(b',' | b' ' | b'\r' | b'\n'));
            is_doubtful |= !ends_well && text[at..end].contains(&b'\n');
            at = end + 1;
        }
    }
}

/// The closing quote of the string whose text begins at `at`.
pub(super) fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

fn is_escape(text: &[u8], at: usize) -> bool {
    matches!(text.get(at + 1), Some(b',' | b' ' | b'='))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::line::{Parser, Scanned};

    #[test]
    fn a_line_ends_at_its_break_but_not_in_a_string() {
        let end_of = |text: &str| line_end(text.as_bytes()).map(|end| end.at);
        for (text, end) in [
            ("m a=1\nb", Some(5)),
            ("m a=1", None),
            ("m", None),
            ("", None),
            ("\n", Some(0)),
            ("m\\\nx", Some(2)),
            ("m a=\"x\ny\" 1\nz", Some(11)),
            ("m a=\"x\ny", None),
            ("m a=\"x\\\"\ny\"\n", Some(11)),
            ("m a=\"x\\\\\"\ny\"\n", Some(9)),
            // Quotes that begin no string.
            ("m,t=\"x a=1\ny", Some(10)),
            ("\"m a\"=1\ny", Some(7)),
            ("m a\\=\"=1\ny", Some(8)),
            ("m,t=a\\ \" b=1\ny", Some(12)),
            // Wrong, with a string behind what is wrong, and with blanks before the name.
            ("m a=,b=\"x\ny\"\nz", Some(12)),
            ("  m,t=\"v a=1\ny", Some(12)),
        ] {
            assert_eq!(end_of(text), end, "{text:?}");
        }
    }

    #[test]
    fn a_quote_of_another_line_leaves_a_doubt() {
        for (text, is_doubtful) in [
            ("m a=,b=\"x\ny\"\n", false),
            ("m a=,b=\"x\ny\" 5\n", false),
            ("m a=,b=\"x\"y\n", false),
            ("m a=,b=\"x\nm c=\"y\"\n", true),
        ] {
            let end = line_end(text.as_bytes()).map(|end| end.is_doubtful);
            assert_eq!(end, Some(is_doubtful), "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 5_000,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        /// Where a line parses, it ends where the parser says.
        #[test]
        fn good_lines_end_where_the_parser_says(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "m", ",", " ", "=", "\\", "\"", "\n", "\t", ",t=v", " a=1", ",b=2i", " c=\"x\"",
                    ",d=\"y\n\"", "17",
                ]),
                1..12,
            )
        ) {
            let text = "m".to_owned() + &pieces.concat() + "\n";
            if let Ok(Scanned::Point { end, .. }) = Parser::default().scan(text.as_bytes()) {
                let expected = LineEnd { at: end, is_doubtful: false };
                prop_assert_eq!(line_end(text.as_bytes()), Some(expected), "{:?}", text);
            }
        }
    }
}
