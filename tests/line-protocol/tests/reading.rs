//! What we read is what InfluxDB 1.x reads, or one of the differences that docs/line-protocol.md names.

use std::collections::BTreeSet;

use line_protocol_tests::random::Random;
use line_protocol_tests::texts::{LINES, RAW, TIMES, VALUES};
use line_protocol_tests::{Oracle, Reading, Readings, ours};

/// What we read in another way than InfluxDB 1.x, each with its row in docs/line-protocol.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// A carriage return before the line break is a part of it, as for the others.
    CarriageReturn,
    /// An unsigned integer is an integer; the others read it as unsigned.
    Unsigned,
    /// Text behind the closing quote of a string is refused, as by `line-protocol`.
    BehindString,
    /// A time at the end of the range is taken, as by the others.
    ExtremeTime,
    /// Two backslashes before a delimiter in a field key are refused: each reads another key.
    EvenBackslashes,
    /// A tag value that begins with `=` is refused, as by the others.
    EqualsInTag,
    /// A field without a key behind a tab or a NUL is refused, as by `line-protocol`.
    EmptyKey,
    /// Text that is not UTF-8 is refused.
    NotUtf8,
}

/// How our reading of a line differs from InfluxDB's. `None` where it differs in another way.
fn difference(line: &[u8], ours: &Reading, theirs: &Readings) -> Option<Difference> {
    let Readings { v1, lp2, tg } = theirs;
    let has = |piece: &str| {
        line.windows(piece.len())
            .any(|part| part == piece.as_bytes())
    };
    let v1_reads = matches!(v1, Reading::Point(_));
    match ours {
        Reading::Point(_)
            if ours == lp2 && *v1 == Reading::Refused && has("922337203685477580") =>
        {
            Some(Difference::ExtremeTime)
        }
        Reading::Refused if str::from_utf8(line).is_err() => Some(Difference::NotUtf8),
        Reading::Refused if !v1_reads => None,
        Reading::Refused if has("\"") && !matches!(lp2, Reading::Point(_)) && !has("\\\\") => {
            Some(Difference::BehindString)
        }
        Reading::Refused if has("==") && lp2 == ours && tg == ours => Some(Difference::EqualsInTag),
        Reading::Refused if has("\t=") || has("\0=") => Some(Difference::EmptyKey),
        Reading::Refused if has("\\\\") && v1 != tg => Some(Difference::EvenBackslashes),
        _ => None,
    }
}

/// A line without its carriage return, and with signed integers alone.
fn normal(line: &[u8]) -> Vec<u8> {
    let mut line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
    for at in 1..line.len() {
        let ends = matches!(line.get(at + 1), None | Some(b',' | b' '));
        if line[at] == b'u' && line[at - 1].is_ascii_digit() && ends {
            line[at] = b'i';
        }
    }
    line
}

/// Holds our reading of lines against theirs; returns the differences that came up.
fn hold(oracle: &mut Oracle, lines: &[Vec<u8>]) -> BTreeSet<Difference> {
    let normal: Vec<_> = lines.iter().map(|line| normal(line)).collect();
    let readings_of_normal = oracle.read_all(&normal);
    let readings = oracle.read_all(lines);
    let mut differences = BTreeSet::new();
    let mut wrong = Vec::new();
    for ((line, theirs), (normal, of_normal)) in readings.into_iter().zip(readings_of_normal) {
        let ours = ours::read(line);
        if ours == theirs.v1 {
            continue;
        }
        let found = if normal.len() < line.len() {
            Some(Difference::CarriageReturn)
        } else if normal != line {
            Some(Difference::Unsigned)
        } else {
            None
        };
        let is_same = ours == of_normal.v1 || difference(normal, &ours, &of_normal).is_some();
        match found
            .filter(|_| is_same)
            .or_else(|| difference(line, &ours, &theirs))
        {
            Some(found) => drop(differences.insert(found)),
            None => wrong.push(format!(
                "{:?}\n  ours {ours:?}\n  {theirs:?}",
                String::from_utf8_lossy(line)
            )),
        }
    }
    let count = wrong.len();
    wrong.truncate(20);
    assert!(
        wrong.is_empty(),
        "{count} of {}:\n{}",
        lines.len(),
        wrong.join("\n")
    );
    differences
}

#[test]
fn nasty_lines_of_every_kind() {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for text in RAW {
        for (before, after) in [
            ("", " a=1 5"),
            ("", ",t=v a=1"),
            ("m,", "=v a=1"),
            ("m,t=v,", "=w a=1"),
            ("m,t=", " a=1"),
            ("m,t=", ",u=w a=1"),
            ("m ", "=1"),
            ("m x=1,", "=2i 5"),
        ] {
            lines.push(format!("{before}{text}{after}").into_bytes());
        }
    }
    for value in VALUES {
        for (before, after) in [("m a=", ""), ("m a=", " 5"), ("m,t=v z=\"y\",a=", ",b=2")] {
            lines.push(format!("{before}{value}{after}").into_bytes());
        }
    }
    lines.extend(
        TIMES
            .iter()
            .map(|time| format!("m,t=v a=1 {time}").into_bytes()),
    );
    lines.extend(LINES.iter().map(|line| line.as_bytes().to_vec()));
    lines.extend([
        b"m\xff a=1".to_vec(),
        b"m,t=\xc3 a=1".into(),
        b"m a=\"\xed\xa0\x80\"".into(),
    ]);
    // Text behind the time, after a line break in a string, is another line: see `splitting`.
    lines.retain(|line| !ends_early(line));
    assert!(lines.len() > 900, "{}", lines.len());

    let differences = hold(&mut Oracle::start(), &lines);
    // What the documentation names is what there is.
    use Difference::*;
    assert_eq!(
        differences.into_iter().collect::<Vec<_>>(),
        [
            CarriageReturn,
            Unsigned,
            BehindString,
            ExtremeTime,
            EvenBackslashes,
            EqualsInTag,
            EmptyKey,
            NotUtf8
        ]
    );
}

/// Whether a text has a line break that some parser takes for the end of the line.
fn ends_early(text: &[u8]) -> bool {
    let strings: Vec<_> = text.split(|byte| *byte == b'"').collect();
    strings.iter().step_by(2).any(|part| part.contains(&b'\n'))
}

/// Adds all texts of up to so many pieces.
fn push_all(lines: &mut Vec<Vec<u8>>, before: &str, pieces: &[&str], most: usize, after: &str) {
    lines.push(format!("{before}{after}").into_bytes());
    if most > 0 {
        for piece in pieces {
            push_all(lines, &format!("{before}{piece}"), pieces, most - 1, after);
        }
    }
}

#[test]
fn all_short_lines() {
    let mut lines = Vec::new();
    let delimiters = [
        "m", ",", " ", "=", "\\", "\"", "a", "1", "i", "t", "#", "\t", "\r", "\0",
    ];
    push_all(&mut lines, "", &delimiters, 4, "");
    push_all(
        &mut lines,
        "m ",
        &["a", "=", ",", "\\", "\"", "1", " "],
        5,
        "",
    );
    push_all(
        &mut lines,
        "m,",
        &["t", "=", ",", "\\", "\"", " "],
        5,
        " a=1",
    );
    let value = [
        "1", ".", "-", "e", "+", "i", "u", "t", "rue", "\"", "\\", ",b=2", " ",
    ];
    push_all(&mut lines, "m a=", &value, 4, "");
    assert!(lines.len() > 90_000, "{}", lines.len());
    hold(&mut Oracle::start(), &lines);
}

#[test]
fn generated_lines_and_mutated_ones() {
    const PIECES: &[&str] = &[
        ",", " ", "=", "\\", "\"", "\\\\", "\\\"", "\\,", "\\ ", "\\=", "#", "\t", "\r", "\0", "m",
        "t=v", ",t=v", " a=1", ",b=2i", ",c=\"x\"", "1", "-", ".", "e5", "i", "u", "true", "é",
        "17",
    ];
    const GOOD: &[&str] = &[
        "cpu,host=a,dc=eu idle=1.5,cores=8i,up=true,model=\"x \\\"y\\\" \\\\\" 1700000000000000000",
        "a\\,b\\ c,t\\ k\\,1\\=2=v\\ a\\,l\\=u f\\ k\\,1\\=2=1 1",
        "m a=1,b=2i,c=t,d=\"e\"",
        "disk,path=C:\\dir free=12i,label=\"a, b=c d\" -5",
        "m,z=1,y=2,x=3 z=1e21,y=-0,x=.5",
    ];
    let mut random = Random::new(12);
    let mut lines = Vec::new();
    for _ in 0..40_000 {
        let pieces = (0..1 + random.below(10)).map(|_| *random.of(PIECES));
        lines.push(("m".to_owned() + &pieces.collect::<String>()).into_bytes());
        let mut line = random.of(GOOD).as_bytes().to_vec();
        for _ in 0..1 + random.below(3) {
            let at = random.below(line.len());
            match random.below(3) {
                0 => drop(line.remove(at)),
                1 => drop(line.splice(at..at, random.of(PIECES).bytes())),
                _ => drop(line.splice(at..=at, random.of(PIECES).bytes())),
            }
        }
        lines.push(line);
    }
    hold(&mut Oracle::start(), &lines);
}

/// Where lines end is the same for all, with strings of several lines.
#[test]
fn splitting() {
    let mut random = Random::new(7);
    let mut text = Vec::new();
    let mut count = 0;
    for n in 0..2_000 {
        let value = *random.of(VALUES);
        let line = format!("m,t=v a={value},n={n}i {n}");
        let reading = ours::read(line.as_bytes());
        if matches!(&reading, Reading::Point(point) if point.time == Some(n))
            && !value.ends_with('u')
        {
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
            count += 1;
        }
    }
    text.pop();
    assert!(count > 500);
    let Readings { v1, lp2, tg } = Oracle::start().read(&text);
    for theirs in [v1, lp2, tg] {
        assert_eq!(theirs, Reading::Lines(count));
    }
}
