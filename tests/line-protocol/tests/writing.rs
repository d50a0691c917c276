//! What we write, all three read back as the point that was meant, or the loss is counted.

use std::fs::File;
use std::io::{Write as _, pipe};

use line_protocol_tests::random::Random;
use line_protocol_tests::{Oracle, Point, Reading, Readings, Value, ours};
use udf_runtime::line::Omitted;
use udf_runtime::pipe::{PipeConfig, Streams, run};
use udf_runtime::proto::{EdgeType, InitRequest};
use udf_runtime::{Handler, Info, Result, Sender, StreamOutput, Verdict};

/// What awkward texts are made of.
const PIECES: &[&str] = &[
    "a", ",", " ", "=", "\\", "\"", "#", "\t", "\n", "\r", "\x0b", "\x0c", "\0", "\x01", "\x7f",
    "é",
];

/// All texts of one to three pieces.
fn texts() -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut longest = texts.clone();
    for _ in 0..3 {
        let longer = longest
            .iter()
            .flat_map(|text| PIECES.iter().map(move |piece| text.clone() + piece));
        longest = longer.collect();
        texts.extend_from_slice(&longest);
    }
    texts
}

fn point(name: &str, key: &str, value: &str, field: &str) -> Point {
    Point {
        name: name.to_owned(),
        tags: vec![
            (key.to_owned(), value.to_owned()),
            ("u".to_owned(), "w".to_owned()),
        ],
        fields: vec![
            (field.to_owned(), Value::Int(1)),
            ("z".to_owned(), Value::String(value.to_owned())),
        ],
        time: Some(5),
    }
    .sorted()
}

/// A point with a text in one place.
fn in_place(place: usize, text: &str) -> Point {
    match place {
        0 => point(text, "t", "v", "f"),
        1 => point("m", text, "v", "f"),
        2 => point("m", "t", text, "f"),
        _ => point("m", "t", "v", text),
    }
}

/// What is left of a point whose losses are counted.
fn without(mut point: Point, omitted: &Omitted, text: &str) -> Point {
    point.tags.retain(|(key, value)| {
        !value.is_empty() && (omitted.tags == 0 || (key != text && value != text))
    });
    point
        .fields
        .retain(|(key, _)| omitted.fields == 0 || key != text);
    point
}

/// Holds what all three read of our lines against the points that were meant.
fn hold(points: Vec<(Point, String)>) {
    let written: Vec<_> = points.iter().map(|(point, _)| ours::write(point)).collect();
    let lines: Vec<_> = written.iter().map(|(line, _)| line.clone()).collect();
    let mut oracle = Oracle::start();
    let readings = oracle.read_all(&lines);
    let mut wrong = Vec::new();
    for (((point, text), (_, omitted)), (line, readings)) in
        points.into_iter().zip(&written).zip(readings)
    {
        let Readings { v1, lp2, tg } = &readings;
        let meant = without(point, omitted, &text);
        let is_right = if omitted.points > 0 {
            line.is_empty()
        } else if omitted.unportable > 0 {
            // InfluxDB takes the line. Where another spelling was chosen, it reads that.
            matches!(v1, Reading::Point(_)) && matches!(ours::read(line), Reading::Point(_))
        } else {
            let meant = Reading::Point(meant);
            *v1 == meant && *lp2 == meant && *tg == meant && ours::read(line) == meant
        };
        if !is_right {
            wrong.push(format!(
                "{text:?} as {:?}\n  {omitted:?} {readings:?}",
                String::from_utf8_lossy(line)
            ));
        }
    }
    let count = wrong.len();
    wrong.truncate(20);
    assert!(wrong.is_empty(), "{count}:\n{}", wrong.join("\n"));
}

#[test]
fn every_short_text_in_every_place() {
    let points = texts()
        .into_iter()
        .flat_map(|text| (0..4).map(move |place| (in_place(place, &text), text.clone())));
    hold(points.collect());
}

/// Losses are not a way out: they are counted where no spelling would do, and nowhere else.
#[test]
fn losses_are_few() {
    for (place, text, omitted, unportable) in [
        (0, "a,b c=d\"e", 0, 0),
        (1, "a,b c=d\"e", 0, 0),
        (2, "a\\b\\\\,c", 0, 0),
        (3, "a\\b\"c", 0, 0),
        (3, "a\\\\=b", 0, 0),
        (2, "a\\=b", 0, 0),
        (3, "a\\=b", 1, 0),
        (0, "a\\,b", 0, 1),
        (2, "C:\\", 0, 1),
        (1, "a\tb", 0, 1),
    ] {
        let (_, losses) = ours::write(&in_place(place, text));
        assert_eq!(
            (
                losses.points + losses.tags + losses.fields,
                losses.unportable
            ),
            (omitted, unportable),
            "{text:?}"
        );
    }
}

#[test]
fn long_texts_in_all_places_at_once() {
    let mut random = Random::new(99);
    let portable: Vec<_> = PIECES
        .iter()
        .filter(|piece| !piece.bytes().any(|byte| byte.is_ascii_control()) && **piece != "\\")
        .collect();
    let mut text = || "x".to_owned() + &(0..8).map(|_| **random.of(&portable)).collect::<String>();
    let points = (0..20_000).map(|_| (point(&text(), &text(), &text(), &text()), String::new()));
    hold(points.collect());
}

#[test]
fn numbers_and_strings_of_any_kind() {
    let mut random = Random::new(5);
    let points = (0..40_000).map(|_| {
        let bits = (random.below(1 << 32) as u64) << 32 | random.below(1 << 32) as u64;
        let float = f64::from_bits(bits);
        let string: String = (0..random.below(6)).map(|_| *random.of(PIECES)).collect();
        let mut fields = vec![
            ("i".to_owned(), Value::Int(bits as i64)),
            ("s".to_owned(), Value::String(string)),
            (
                "small".to_owned(),
                Value::Float((float.clamp(-1e6, 1e6) / 8.0).to_bits()),
            ),
        ];
        if float.is_finite() {
            fields.push(("f".to_owned(), Value::Float(bits)));
        }
        fields.retain(
            |(_, value)| !matches!(value, Value::Float(bits) if !f64::from_bits(*bits).is_finite()),
        );
        let point = Point {
            name: "m".to_owned(),
            tags: Vec::new(),
            fields,
            time: Some((bits / 3) as i64),
        };
        (point.sorted(), String::new())
    });
    hold(points.collect());
}

/// Where there is no common spelling, Telegraf reads back its own.
#[test]
fn control_characters_and_last_backslashes_are_written_as_telegraf_does() {
    let mut oracle = Oracle::start();
    for text in [
        "a\tb", "\ta", "a\nb\n", "a\rb", "a\x0cb", "C:\\", "a\\\\", "a\tb\\", "a\x01b",
    ] {
        for place in 1..3 {
            let point = in_place(place, text);
            let [name, key, value, field] = [
                &*point.name,
                if place == 1 { text } else { "t" },
                if place == 2 { text } else { "v" },
                "f",
            ];
            let theirs = oracle
                .telegraf_writes([name, key, value, field])
                .expect("it writes it");
            let ours = ours::write(&Point {
                name: name.to_owned(),
                tags: vec![(key.to_owned(), value.to_owned())],
                fields: vec![(field.to_owned(), Value::Int(1))],
                time: Some(5),
            });
            assert_eq!(
                String::from_utf8(ours.0),
                String::from_utf8(theirs).map(|it| it.trim_end().to_owned()),
                "{text:?}"
            );
        }
    }
}

/// Makes points with awkward names, keys and values, each from another line.
struct Awkward(Vec<String>);

impl Handler for Awkward {
    type Output = StreamOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(EdgeType::Stream))
    }

    fn init(&mut self, _: InitRequest, _: Sender) -> Result<Verdict> {
        Ok(Verdict::Accepted)
    }

    fn point(&mut self, mut point: udf_runtime::Point, out: &mut StreamOutput) -> Result<()> {
        let text = &self.0[point.int("n")? as usize];
        match point.int("place")? {
            0 => point.set_name(text),
            1 => point.set_tag(text, "v"),
            2 => point.set_tag("t", text),
            _ => point.set_field(text, 1),
        }
        out.point(point)
    }
}

/// InfluxDB takes every line of a pipe, whatever a UDF makes, and each as one point.
#[test]
fn a_udf_makes_no_line_that_influxdb_refuses() {
    let (reader, mut input) = pipe().expect("a pipe");
    let texts = texts();
    let (count, mut lines) = (texts.len(), String::new());
    for n in 0..count {
        for place in 0..4 {
            lines += &format!("m,h=a n={n}i,place={place}i,x=1.0 5\n");
        }
    }
    let feeder = std::thread::spawn(move || input.write_all(lines.as_bytes()).expect("it reads"));
    let output =
        std::env::temp_dir().join(format!("line-protocol-tests-{}.lp", std::process::id()));
    let mut report = |_, _: &str| {};
    let file = File::create(&output).expect("a file");
    let streams = Streams::new(reader.into(), Box::new(file), &mut report);
    let outcome = run(Awkward(texts), &PipeConfig::new(), streams, None).expect("no failure");
    feeder.join().expect("it wrote all");
    let text = std::fs::read(&output).expect("the output");
    std::fs::remove_file(&output).expect("it is ours");

    let lines: Vec<_> = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(<[u8]>::to_vec)
        .collect();
    assert_eq!(lines.len() as u64, outcome.points_out);
    // Only a name can lose a point: without text, or that of a comment.
    assert!(
        outcome.points_out + outcome.omitted.points == 4 * count as u64
            && outcome.omitted.points < 400
    );
    for (line, readings) in Oracle::start().read_all(&lines) {
        assert!(
            matches!(readings.v1, Reading::Point(_)),
            "{:?}: {readings:?}",
            String::from_utf8_lossy(line)
        );
    }
}
