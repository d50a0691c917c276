//! Names and keys with characters that the readers of line protocol treat differently.
//!
//! The readers are InfluxDB 1.x, whose parser Kapacitor has as well, the `line-protocol` library of
//! InfluxDB 2.x, and Telegraf. Each claim here is held against all three by `tests/line-protocol`.

/// Where a text stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Name,
    /// A tag's key or its value.
    Tag,
    FieldKey,
}

/// How a text was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelled {
    /// All readers read it as it was.
    Alike,
    /// Some reader reads it as something else, or refuses the line.
    Unlike,
    /// Not at all: InfluxDB would refuse the line.
    Not,
}

/// Appends a text that has a backslash or a control character in it.
///
/// - A backslash does not escape another backslash: `\\` is two backslashes. A text that ends with one
///   would escape the delimiter behind it. It is written without its last backslashes, as
///   Telegraf does it; a field key so is left out.
/// - An odd run of backslashes and the escape of a delimiter are an even run. InfluxDB and Telegraf
///   refuse it in a field key, and Telegraf in a name.
/// - InfluxDB takes `\=` and `\"` in a name, and `\"` in a field key, for escapes, others do not.
///   Telegraf takes `\"` for one in a tag that has a delimiter as well.
/// - Tab, line feed, vertical tab, form feed and carriage return end a text for one reader or another,
///   and InfluxDB skips a NUL. They are written as `\t`, `\n`, `\v`, `\f`, `\r` and `\0`, which all
///   read as these two characters each.
/// - Other control characters are refused by `line-protocol` alone.
#[cold]
pub(super) fn spell(text: &[u8], place: Place, out: &mut Vec<u8>) -> Spelled {
    let end = text.iter().rposition(|byte| *byte != b'\\');
    let text_without_end = &text[..end.map_or(0, |last| last + 1)];
    if text_without_end.is_empty() {
        return Spelled::Not;
    }
    let mut spelled = Spelled::Alike;
    if text_without_end.len() < text.len() {
        if place == Place::FieldKey {
            return Spelled::Not;
        }
        spelled = Spelled::Unlike;
    }
    let start = out.len();
    let mut backslashes = 0;
    let (mut has_delimiter, mut has_quote_behind_backslash) = (false, false);
    for &byte in text_without_end {
        if byte == b'\\' {
            backslashes += 1;
            out.push(byte);
            continue;
        }
        let is_delimiter = matches!(byte, b',' | b' ') || (byte == b'=' && place != Place::Name);
        if is_delimiter {
            match place {
                Place::FieldKey if backslashes % 2 == 1 => {
                    out.truncate(start);
                    return Spelled::Not;
                }
                Place::Name if backslashes % 2 == 1 => spelled = Spelled::Unlike,
                _ => {}
            }
            has_delimiter = true;
            out.push(b'\\');
        } else if backslashes > 0
            && ((byte == b'"' && place != Place::Tag) || (byte == b'=' && place == Place::Name))
        {
            out.push(b'\\');
            spelled = Spelled::Unlike;
        }
        if byte.is_ascii_control() {
            spelled = Spelled::Unlike;
        }
        match byte {
            0 => out.extend_from_slice(b"\\0"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0b => out.extend_from_slice(b"\\v"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            byte => out.push(byte),
        }
        has_quote_behind_backslash |= byte == b'"' && backslashes > 0;
        backslashes = 0;
    }
    if place == Place::Tag && has_delimiter && has_quote_behind_backslash {
        spelled = Spelled::Unlike;
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_spelled_by_their_place() {
        use Place::{FieldKey, Name, Tag};
        use Spelled::{Alike, Not, Unlike};
        for (text, place, written, spelled) in [
            (r"a\b", Name, r"a\b", Alike),
            (r"C:\", Tag, "C:", Unlike),
            (r"C:\\", Name, "C:", Unlike),
            (r"x\", FieldKey, "", Not),
            (r"\", Tag, "", Not),
            (r"a\=b", FieldKey, "", Not),
            (r"a\\=b", FieldKey, r"a\\\=b", Alike),
            (r"a\=b", Tag, r"a\\=b", Alike),
            (r"a\=b", Name, r"a\\=b", Unlike),
            (r"a\,b", Name, r"a\\,b", Unlike),
            (r"a\\ b", Name, r"a\\\ b", Alike),
            (r#"a\"b"#, FieldKey, r#"a\\"b"#, Unlike),
            (r#"a\"b"#, Tag, r#"a\"b"#, Alike),
            ("a\tb", Tag, r"a\tb", Unlike),
            ("\n\r\x0b\x0c", Name, r"\n\r\v\f", Unlike),
            ("a\x01b", FieldKey, "a\x01b", Unlike),
            ("\0a", Name, r"\0a", Unlike),
            (r#"a\"b,"#, Tag, r#"a\"b\,"#, Unlike),
        ] {
            let mut out = Vec::new();
            assert_eq!(spell(text.as_bytes(), place, &mut out), spelled, "{text:?}");
            assert_eq!(out, written.as_bytes(), "{text:?}");
        }
    }
}
