//! The difference of two texts, line by line.

/// Cells of the table of common lines. Texts that would take more are compared at their ends alone.
const TABLE: usize = 4_000_000;
/// Equal lines that are shown around a difference.
const AROUND: usize = 2;

/// Lines that were only expected with `-` before them, lines that were only found with `+`, and a few of the equal
/// lines around them. `None` where the lines are the same. White space around a line and blank lines do not count.
pub(super) fn difference(expected: &str, found: &str) -> Option<String> {
    let lines = |text| {
        str::lines(text)
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let expected: Vec<_> = lines(expected).collect();
    let found: Vec<_> = lines(found).collect();
    if expected == found {
        return None;
    }
    let equal = |(a, b): &(&&str, &&str)| a == b;
    let start = expected.iter().zip(&found).take_while(equal).count();
    let ends = expected[start..]
        .iter()
        .rev()
        .zip(found[start..].iter().rev());
    let end = ends.take_while(equal).count();
    let (middle, other) = (
        &expected[start..expected.len() - end],
        &found[start..found.len() - end],
    );

    let mut shown: Vec<(char, &str)> = expected[..start].iter().map(|line| (' ', *line)).collect();
    if (middle.len() + 1).saturating_mul(other.len() + 1) > TABLE {
        shown.extend(middle.iter().map(|line| ('-', *line)));
        shown.extend(other.iter().map(|line| ('+', *line)));
    } else {
        compare(middle, other, &mut shown);
    }
    shown.extend(
        expected[expected.len() - end..]
            .iter()
            .map(|line| (' ', *line)),
    );
    Some(near_differences(&shown))
}

/// Adds the lines of both texts: those of the longest common subsequence once.
fn compare<'a>(expected: &[&'a str], found: &[&'a str], shown: &mut Vec<(char, &'a str)>) {
    // How many lines are common from a place in `expected` and one in `found` on.
    let mut common = vec![vec![0_u32; found.len() + 1]; expected.len() + 1];
    for a in (0..expected.len()).rev() {
        for b in (0..found.len()).rev() {
            common[a][b] = if expected[a] == found[b] {
                common[a + 1][b + 1] + 1
            } else {
                common[a + 1][b].max(common[a][b + 1])
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    loop {
        match (expected.get(a), found.get(b)) {
            (Some(one), Some(other)) if one == other => {
                shown.push((' ', one));
                (a, b) = (a + 1, b + 1);
            }
            (Some(_), Some(other)) if common[a + 1][b] < common[a][b + 1] => {
                shown.push(('+', other));
                b += 1;
            }
            (Some(one), _) => {
                shown.push(('-', one));
                a += 1;
            }
            (None, Some(other)) => {
                shown.push(('+', other));
                b += 1;
            }
            (None, None) => return,
        }
    }
}

/// The lines that differ, with a few around them.
fn near_differences(lines: &[(char, &str)]) -> String {
    let mut text = String::new();
    let mut omitted = 0;
    for (index, (mark, line)) in lines.iter().enumerate() {
        let near = &lines[index.saturating_sub(AROUND)..lines.len().min(index + AROUND + 1)];
        if near.iter().all(|(mark, _)| *mark == ' ') {
            omitted += 1;
            continue;
        }
        push_omitted(&mut text, &mut omitted);
        text.push_str(&format!("{mark} {line}\n"));
    }
    push_omitted(&mut text, &mut omitted);
    text
}

fn push_omitted(text: &mut String, omitted: &mut usize) {
    match std::mem::take(omitted) {
        0 => {}
        1 => text.push_str("  … 1 equal line\n"),
        lines => text.push_str(&format!("  … {lines} equal lines\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_lines_does_not_count() {
        assert_eq!(difference("\n   a\n\n   b\n  ", "a\nb"), None);
        assert_eq!(difference("", "\n"), None);
        assert!(difference("a b", "a  b").is_some());
    }

    #[test]
    fn a_difference_shows_what_is_missing_and_what_is_too_much() {
        let expected = "1\n2\n3\n4\n5\n6\n7\n8\n9";
        let found = "1\n2\n3\n4\nfive\n6\n7\n9\n10";
        let shown = "  … 2 equal lines\n  3\n  4\n- 5\n+ five\n  6\n  7\n- 8\n  9\n+ 10\n";
        assert_eq!(difference(expected, found).as_deref(), Some(shown));
        assert_eq!(difference("", "a").as_deref(), Some("+ a\n"));
        assert_eq!(
            difference("a\nb\nc\nd", "").as_deref(),
            Some("- a\n- b\n- c\n- d\n")
        );
    }

    #[test]
    fn long_texts_are_compared_at_their_ends() {
        let one: String = (0..3000).map(|line| format!("a{line}\n")).collect();
        let other: String = (0..3000).map(|line| format!("b{line}\n")).collect();
        let shown = difference(&format!("x\n{one}y"), &format!("x\n{other}y")).unwrap();
        assert_eq!(shown.lines().count(), 6002);
        assert!(
            shown.starts_with("  x\n- a0\n") && shown.ends_with("+ b2999\n  y\n"),
            "{shown}"
        );
    }
}
