//! Where a line ends when it does not parse.

use memchr::{memchr2, memchr3};

/// The end of the line that begins at the start of `text`, without its `\n`.
///
/// A line break inside of a string field does not end the line, also when the line is wrong in
/// another place: what a string holds must never be taken for lines. `None` when the text ends
/// before the line does, or inside of a string.
pub(crate) fn line_end(text: &[u8]) -> Option<usize> {
    // Name and tags: quotes mean nothing there.
    let mut at = 0;
    loop {
        at += memchr3(b'\n', b' ', b'\\', &text[at..])?;
        match text[at] {
            b'\n' => return Some(at),
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
            return Some(at);
        }
        let begins_string = at > 0 && text[at - 1] == b'=' && (at < 2 || text[at - 2] != b'\\');
        at += 1;
        if begins_string {
            at = string_end(text, at)? + 1;
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
