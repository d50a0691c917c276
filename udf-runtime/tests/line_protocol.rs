//! Line protocol, both directions, as its users see it.

#![allow(clippy::unwrap_used, reason = "a test ends by it")]

use proptest::prelude::*;
use udf_runtime::FieldValue;
use udf_runtime::line::{Line, LineWriter, Loss, Omitted, Parser, Precision, Reason};

/// The parts of a line, owned.
#[derive(Clone, Debug, PartialEq)]
struct Parts {
    name: String,
    tags: Vec<(String, String)>,
    fields: Vec<(String, Value)>,
    time: Option<i64>,
}

#[derive(Clone, Debug)]
enum Value {
    Float(f64),
    Int(i64),
    Bool(bool),
    String(String),
}

/// Floats by their bits: -0 is not 0.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Float(one), Value::Float(other)) => one.to_bits() == other.to_bits(),
            (Value::Int(one), Value::Int(other)) => one == other,
            (Value::Bool(one), Value::Bool(other)) => one == other,
            (Value::String(one), Value::String(other)) => one == other,
            _ => false,
        }
    }
}

impl From<FieldValue<'_>> for Value {
    fn from(value: FieldValue<'_>) -> Self {
        match value {
            FieldValue::Float(value) => Value::Float(value),
            FieldValue::Int(value) => Value::Int(value),
            FieldValue::Bool(value) => Value::Bool(value),
            FieldValue::String(value) => Value::String(value.to_owned()),
        }
    }
}

impl<'a> From<&'a Value> for FieldValue<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Float(value) => FieldValue::Float(*value),
            Value::Int(value) => FieldValue::Int(*value),
            Value::Bool(value) => FieldValue::Bool(*value),
            Value::String(value) => FieldValue::String(value),
        }
    }
}

fn parse_in(precision: Precision, text: &[u8]) -> Result<Option<Parts>, (usize, Reason)> {
    let mut parser = Parser::new(precision);
    let line = parser
        .parse(text)
        .map_err(|error| (error.column, error.reason))?;
    Ok(line.map(parts_of))
}

fn parts_of(line: Line<'_>) -> Parts {
    Parts {
        name: line.name().to_owned(),
        tags: line
            .tags()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        fields: line
            .fields()
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect(),
        time: line.time(),
    }
}

fn parse(text: impl AsRef<[u8]>) -> Result<Option<Parts>, (usize, Reason)> {
    parse_in(Precision::Nanoseconds, text.as_ref())
}

fn parts(text: impl AsRef<[u8]>) -> Parts {
    parse(text).expect("a good line").expect("not blank")
}

fn write(parts: &Parts) -> (String, Omitted) {
    let mut text = Vec::new();
    let mut line = LineWriter::new(&mut text, &parts.name);
    for (key, value) in &parts.tags {
        line.tag(key, value);
    }
    for (key, value) in &parts.fields {
        line.field(key, value);
    }
    let omitted = line.finish(parts.time);
    (String::from_utf8(text).unwrap(), omitted)
}

fn point(name: &str, tags: &[(&str, &str)], fields: &[(&str, Value)], time: Option<i64>) -> Parts {
    Parts {
        name: name.to_owned(),
        tags: tags
            .iter()
            .map(|(key, value)| ((*key).into(), (*value).into()))
            .collect(),
        fields: fields
            .iter()
            .map(|(key, value)| ((*key).into(), value.clone()))
            .collect(),
        time,
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

#[test]
fn a_line_has_name_tags_fields_and_time() {
    assert_eq!(
        parts("cpu,host=a,dc=eu idle=1.5,cores=8i,up=true,model=\"x\" 1700000000000000000"),
        point(
            "cpu",
            &[("host", "a"), ("dc", "eu")],
            &[
                ("idle", Value::Float(1.5)),
                ("cores", Value::Int(8)),
                ("up", Value::Bool(true)),
                ("model", text("x")),
            ],
            Some(1_700_000_000_000_000_000),
        )
    );
    assert_eq!(
        parts("m a=1"),
        point("m", &[], &[("a", Value::Float(1.0))], None)
    );
    assert_eq!(parts("m a=1 -5").time, Some(-5));
    assert_eq!(parts("m a=1 -9223372036854775808").time, Some(i64::MIN));
}

#[test]
fn every_kind_of_value_is_read() {
    for (written, value) in [
        ("1", Value::Float(1.0)),
        ("-0", Value::Float(-0.0)),
        ("1.25e-3", Value::Float(0.00125)),
        (".5", Value::Float(0.5)),
        ("17i", Value::Int(17)),
        ("-17i", Value::Int(-17)),
        ("17u", Value::Int(17)),
        ("9223372036854775807u", Value::Int(i64::MAX)),
        ("t", Value::Bool(true)),
        ("T", Value::Bool(true)),
        ("true", Value::Bool(true)),
        ("True", Value::Bool(true)),
        ("TRUE", Value::Bool(true)),
        ("f", Value::Bool(false)),
        ("F", Value::Bool(false)),
        ("false", Value::Bool(false)),
        ("False", Value::Bool(false)),
        ("FALSE", Value::Bool(false)),
        (r#""""#, text("")),
        (r#""a, b=c d""#, text("a, b=c d")),
        (r#""say \"hi\" \\o/ \n""#, text(r#"say "hi" \o/ \n"#)),
        ("\"two\nlines\r\n\"", text("two\nlines\r\n")),
        ("\"# no comment\"", text("# no comment")),
        ("\"é日本\"", text("é日本")),
    ] {
        // Alone, before another field, before a time, and before either line break.
        for rest in ["", ",z=1", " 5", "\n", "\r\n", " \r\n", " "] {
            let parts = parts(format!("m a={written}{rest}"));
            assert_eq!(
                parts.fields[0],
                ("a".to_owned(), value.clone()),
                "{written}{rest:?}"
            );
        }
    }
}

#[test]
fn escapes_are_undone_where_they_are_escapes() {
    let line = r"a\,b\ c=d\=e,t\ k\,1\=2=v\ a\,l\=u f\ k\,1\=2=1";
    assert_eq!(
        parts(line),
        point(
            // In a name, `=` needs no escape, but InfluxDB 1.x undoes it.
            "a,b c=d=e",
            &[("t k,1=2", "v a,l=u")],
            &[("f k,1=2", Value::Float(1.0))],
            None,
        )
    );
    // A backslash that escapes nothing is a character, and so is one before an escape.
    assert_eq!(
        parts(r"a\b\\c,k\x=C:\dir\\,x f\y\\z=1"),
        point(
            r"a\b\\c",
            &[(r"k\x", r"C:\dir\,x")],
            &[(r"f\y\\z", Value::Float(1.0))],
            None
        )
    );
    // Quotes are only special in the values of fields, and escaped only in field keys.
    assert_eq!(
        parts(r#""m",t="v\" "f"=1,g\"=2"#),
        point(
            r#""m""#,
            &[("t", r#""v\""#)],
            &[(r#""f""#, Value::Float(1.0)), (r#"g""#, Value::Float(2.0))],
            None,
        )
    );
}

#[test]
fn blanks_comments_and_line_breaks_are_no_points() {
    for line in [
        "",
        "\n",
        "\r\n",
        "   ",
        " \t \n",
        "# a comment",
        "  #x=\" y",
        "#\r\n",
    ] {
        assert_eq!(parse(line), Ok(None), "{line:?}");
    }
    assert_eq!(parts("  m   a=1   5   "), parts("m a=1 5"));
    assert_eq!(parts("m \ta=1 \t5\n"), parts("m a=1 5"));
}

#[test]
fn only_the_first_line_is_read() {
    assert_eq!(parts("m a=1\nm a=\n").fields[0].1, Value::Float(1.0));
}

#[test]
fn times_are_read_in_their_precision() {
    for (precision, nanoseconds) in [
        (Precision::Nanoseconds, 1_700),
        (Precision::Microseconds, 1_700_000),
        (Precision::Milliseconds, 1_700_000_000),
        (Precision::Seconds, 1_700_000_000_000),
    ] {
        let parts = parse_in(precision, b"m a=1 1700").unwrap().unwrap();
        assert_eq!(parts.time, Some(nanoseconds));
    }
    assert_eq!(
        parse_in(Precision::Seconds, b"m a=1 1700000000000"),
        Err((7, Reason::TimeOutOfRange("1700000000000".into())))
    );
}

#[test]
fn of_a_repeated_field_the_last_counts() {
    assert_eq!(
        parts("m a=1,b=2,a=3i").fields,
        [
            ("b".to_owned(), Value::Float(2.0)),
            ("a".to_owned(), Value::Int(3))
        ]
    );
    assert_eq!(
        parts(r#"m a"=1,a\"=2"#).fields,
        [("a\"".to_owned(), Value::Float(2.0))]
    );
    // A line of this size takes minutes if each field is compared with all others.
    let fields = |value| (0..100_000).map(move |n| format!("f{n}={value}i"));
    let line = format!(
        "m {}",
        fields(1).chain(fields(2)).collect::<Vec<_>>().join(",")
    );
    let parts = parts(line);
    assert_eq!(parts.fields.len(), 100_000);
    assert!(
        parts
            .fields
            .iter()
            .all(|(_, value)| *value == Value::Int(2))
    );
}

#[test]
fn errors_say_where_and_why() {
    use Reason::*;
    let text = str::to_owned;
    for (line, column, reason) in [
        (",t=1 a=1", 1, MissingName),
        ("m", 2, MissingFields),
        ("m\n", 2, MissingFields),
        ("m,t=v", 6, MissingFields),
        ("m,t=v \r\n", 7, MissingFields),
        ("m, a=1", 3, MissingTagKey),
        ("m,,t=v a=1", 3, MissingTagKey),
        ("m,=v a=1", 3, MissingTagKey),
        ("m,t a=1", 4, MissingTagValue(text("t"))),
        ("m,t=,u=1 a=1", 5, MissingTagValue(text("t"))),
        ("m,t= a=1", 5, MissingTagValue(text("t"))),
        ("m,t=v=w a=1", 6, EqualsInTagValue(text("t"))),
        ("m,t==w a=1", 5, EqualsInTagValue(text("t"))),
        ("m,t=1,u=2,t=3 a=1", 11, DuplicateTag(text("t"))),
        ("m =1", 3, MissingFieldKey),
        ("m a=1,=2", 7, MissingFieldKey),
        ("m a=1,", 7, MissingFieldKey),
        ("m a=1,,b=2", 7, MissingFieldKey),
        ("m a", 4, MissingFieldValue(text("a"))),
        ("m a b=1", 4, MissingFieldValue(text("a"))),
        ("m a=", 5, MissingFieldValue(text("a"))),
        ("m a= 5", 5, MissingFieldValue(text("a"))),
        ("m a=,b=1", 5, MissingFieldValue(text("a"))),
        ("m a=abc 5", 5, InvalidValue(text("abc"))),
        ("m a=truely", 5, InvalidValue(text("truely"))),
        ("m a=tRUE", 5, InvalidValue(text("tRUE"))),
        ("m a=+1", 5, InvalidValue(text("+1"))),
        ("m a='x'", 5, InvalidValue(text("'x'"))),
        ("m a=1x", 5, InvalidNumber(text("1x"))),
        ("m a=1\tb=2", 5, InvalidNumber(text("1\\tb=2"))),
        ("m a=0x1F", 5, InvalidNumber(text("0x1F"))),
        ("m a=NaN", 5, NotFinite(text("NaN"))),
        ("m a=-inf", 5, NotFinite(text("-inf"))),
        ("m a=+Inf", 5, NotFinite(text("+Inf"))),
        ("m a=1e999", 5, NotFinite(text("1e999"))),
        (
            "m a=9223372036854775808i",
            5,
            IntegerOutOfRange(text("9223372036854775808i")),
        ),
        (
            "m a=9223372036854775808u",
            5,
            UnsignedOutOfRange(text("9223372036854775808u")),
        ),
        ("m a=-1u", 5, InvalidNumber(text("-1u"))),
        ("m a=\"x 5", 5, UnclosedString),
        ("m a=\"x\\\" 5", 5, UnclosedString),
        ("m a=\"x\"y 5", 8, AfterString(text("y"))),
        ("m a=1 x", 7, InvalidTime(text("x"))),
        ("m a=1 -", 7, InvalidTime(text("-"))),
        ("m a=1 1.5", 7, InvalidTime(text("1.5"))),
        (
            "m a=1 9223372036854775808",
            7,
            TimeOutOfRange(text("9223372036854775808")),
        ),
        ("m a=1 5 6", 9, AfterTime(text("6"))),
        ("m a=1 5\t", 7, InvalidTime(text("5\\t"))),
        ("m a=1 5 \t", 9, AfterTime(text("\\t"))),
        ("m a=1 5\rx", 7, InvalidTime(text("5"))),
    ] {
        assert_eq!(parse(line), Err((column, reason)), "{line:?}");
    }
    assert_eq!(parse(b"m,t=\xff a=1"), Err((5, NotUtf8)));
}

#[test]
fn errors_read_as_advice() {
    let mut parser = Parser::default();
    let error = parser.parse(b"cpu,host=a usage=high").unwrap_err();
    assert_eq!(
        error.to_string(),
        "column 18: field value `high` is none of a float (1.5), an integer (1i), a boolean \
         (true, false) and a string: a string needs double quotes"
    );
    // What is cited stays on its line, and does not fill the terminal.
    let error = parser
        .parse(format!("m a=\u{1b}[2J{}", "x".repeat(1000)).as_bytes())
        .unwrap_err();
    let shown = error.to_string();
    assert!(!shown.contains('\u{1b}') && shown.len() < 250, "{shown}");
}

#[test]
fn a_parser_forgets_the_line_before() {
    let mut parser = Parser::default();
    parser.parse(br"m\ 1,a=1,b=2 x=1,y=2 5").unwrap();
    parser.parse(b"m,t=1 a=").unwrap_err();
    let line = parser.parse(b"n z=3").unwrap().unwrap();
    assert_eq!(
        (line.name(), line.tags().len(), line.fields().len()),
        ("n", 0, 1)
    );
    assert_eq!(line.time(), None);
}

#[test]
fn canonical_lines_come_back_byte_for_byte() {
    for line in [
        "m a=1\n",
        "m a=-0,b=0.1,c=1e+21,d=-12345.678,e=5e-324 -1\n",
        "cpu,host=a,dc=eu idle=1.5,cores=8i,up=true,model=\"x\" 1700000000000000000\n",
        "a\\,b\\ c=d,t\\ k\\,1\\=2=v\\ a\\,l\\=u f\\ k\\,1\\=2=1 1\n",
        "a\\b,k\\x=C:\\dir\\\\,x f\\y=false 1\n",
        "m s=\"two\nlines \\\"x\\\" \\\\\" 5\n",
        "\"m\",t=\"v\" \"f\"=1 9223372036854775806\n",
        "m,z=1,a=2 z=9223372036854775807i,a=-9223372036854775808i -9223372036854775806\n",
    ] {
        assert_eq!(write(&parts(line)), (line.to_owned(), Omitted::default()));
    }
}

#[test]
fn what_line_protocol_cannot_hold_is_left_out_and_counted() {
    let a = |value| ("a", Value::Float(value));
    let b = |key| (key, text("x"));
    let no_tags: &[(&str, &str)] = &[];
    for (name, tags, fields, line, omitted) in [
        // Floats that are no numbers.
        (
            "m",
            no_tags,
            [a(f64::NAN), b("b")],
            "m b=\"x\" 5\n",
            (0, 0, 1),
        ),
        ("m", no_tags, [a(f64::INFINITY), a(f64::NAN)], "", (1, 0, 0)),
        // Field keys that InfluxDB refuses, or that have no text.
        ("m", no_tags, [a(1.0), b("x\\")], "m a=1 5\n", (0, 0, 1)),
        ("m", no_tags, [a(1.0), b("x\\=y")], "m a=1 5\n", (0, 0, 1)),
        ("m", no_tags, [b("x\\ y"), a(1.0)], "m a=1 5\n", (0, 0, 1)),
        ("m", no_tags, [a(1.0), b("x\\,y")], "m a=1 5\n", (0, 0, 1)),
        ("m", no_tags, [b(""), a(1.0)], "m a=1 5\n", (0, 0, 1)),
        // Names without text, and that of a comment.
        ("", no_tags, [a(1.0), b("b")], "", (1, 0, 0)),
        ("# m", no_tags, [a(1.0), b("b")], "", (1, 0, 0)),
        ("\\", no_tags, [a(1.0), b("b")], "", (1, 0, 0)),
        // A tag without a value is none.
        (
            "m",
            &[("t", "")],
            [b("b"), a(1.0)],
            "m b=\"x\",a=1 5\n",
            (0, 0, 0),
        ),
        (
            "m",
            &[("", "v")],
            [b("b"), a(1.0)],
            "m b=\"x\",a=1 5\n",
            (0, 1, 0),
        ),
        (
            "m",
            &[("t", "\\")],
            [b("b"), a(1.0)],
            "m b=\"x\",a=1 5\n",
            (0, 1, 0),
        ),
    ] {
        let point = point(name, tags, &fields, Some(5));
        let (written, left_out) = write(&point);
        assert_eq!(written, line, "{point:?}");
        let counts = (left_out.points, left_out.tags, left_out.fields);
        assert_eq!((counts, left_out.unportable), (omitted, 0), "{point:?}");
        assert_eq!(
            left_out.losses().is_empty(),
            left_out.is_empty(),
            "{point:?}"
        );
    }
}

#[test]
fn what_no_spelling_is_common_to_is_written_as_telegraf_does_and_counted() {
    let one = |key| [(key, Value::Float(1.0))];
    let no_tags: &[(&str, &str)] = &[];
    for (name, tags, fields, line, unportable) in [
        ("m\tn\n", no_tags, one("a\x0c"), "m\\tn\\n a\\f=1 5\n", 2),
        ("m", &[("k\r", "v\x0b")], one("a"), "m,k\\r=v\\v a=1 5\n", 2),
        (
            "m\x01",
            &[("k", "v\x7f")],
            one("\0a"),
            "m\x01,k=v\x7f \\0a=1 5\n",
            3,
        ),
        (
            "m\\",
            &[("k\\", "C:\\"), ("l", "D:\\")],
            one("a"),
            "m,k=C:,l=D: a=1 5\n",
            4,
        ),
        // Two keys that would become one.
        (
            "m",
            &[("k", "1"), ("k\\", "2")],
            one("a"),
            "m,k=1 a=1 5\n",
            1,
        ),
        (
            "m",
            &[("k\\", "2"), ("k", "1")],
            one("a"),
            "m,k=2 a=1 5\n",
            1,
        ),
        (
            "m",
            &[("x,k", "1"), ("k\\", "2")],
            one("a"),
            "m,x\\,k=1,k=2 a=1 5\n",
            1,
        ),
        // What InfluxDB 1.x undoes, and others do not.
        ("m\\=n", no_tags, one("a\\\"b"), "m\\\\=n a\\\\\"b=1 5\n", 2),
    ] {
        let (written, omitted) = write(&point(name, tags, &fields, Some(5)));
        assert_eq!(
            (&*written, omitted.unportable),
            (line, unportable),
            "{name:?}"
        );
    }
    for time in [i64::MIN, i64::MIN + 1, i64::MAX] {
        let (written, omitted) = write(&point("m", &[], &one("a"), Some(time)));
        assert_eq!(
            (written, omitted.unportable),
            (format!("m a=1 {time}\n"), 1)
        );
    }
    for time in [i64::MIN + 2, i64::MAX - 1] {
        assert!(write(&point("m", &[], &one("a"), Some(time))).1.is_empty());
    }
}

#[test]
fn the_first_loss_of_each_kind_says_what_it_is() {
    let mut text = Vec::new();
    let mut line = LineWriter::new(&mut text, "m");
    line.tag("t", "a\tb");
    for (key, value) in [
        ("a", f64::NAN),
        ("b", f64::INFINITY),
        ("c\\", 1.0),
        ("d", 1.0),
    ] {
        line.field(key, value);
    }
    let omitted = line.finish(Some(1));
    let losses: Vec<_> = omitted.losses().iter().map(Loss::to_string).collect();
    assert_eq!(
        losses,
        [
            r"`a\tb` is written as `a\tb`: line protocol has no spelling that all read alike",
            "field `a` is NaN, which line protocol does not have: the field is left out",
            r"field key `c\` cannot be written: the field is left out",
        ]
    );
    assert_eq!((omitted.fields, omitted.unportable), (3, 1));
}

#[test]
fn blanks_before_name_fields_and_time_may_be_nul() {
    let expected = point("m", &[], &[("a", Value::Float(1.0))], Some(5));
    for line in [
        "\0\0m a=1 5",
        "m \0a=1 5",
        "m a=1 \x005",
        " \0\tm \0 a=1 \0 5",
    ] {
        assert_eq!(parts(line), expected, "{line:?}");
    }
    assert_eq!(parse("\0\0\n"), Ok(None));
    assert_eq!(parts("m\0 a=1 5").name, "m\0");
}

#[test]
fn a_name_is_what_influxdb_takes_it_for() {
    assert_eq!(parts(r#"a\=b\"c a=1"#).name, "a=b\"c");
    assert_eq!(
        parts(r#"m,k\"=v\" a=1"#).tags,
        [(r#"k\""#.into(), r#"v\""#.into())]
    );
}

#[test]
fn a_field_key_that_influxdb_refuses_is_refused() {
    for (line, column) in [
        (r"m a\\=b=7i", 5),
        (r"m a\\,b=7i", 5),
        (r"m x=1,a\\ b=7i", 9),
    ] {
        let (at, reason) = parse(line).unwrap_err();
        assert!(
            matches!(reason, Reason::EvenBackslashes(_)),
            "{line}: {reason}"
        );
        assert_eq!(at, column, "{line}");
    }
    assert_eq!(parts(r"m a\\\=b=7i").fields[0].0, r"a\\=b");
    assert_eq!(parts(r"m a\\b=7i").fields[0].0, r"a\\b");
}

#[test]
fn a_point_that_cannot_be_written_leaves_the_buffer_as_it_was() {
    let mut text = b"before\n".to_vec();
    let mut line = LineWriter::new(&mut text, "m");
    line.tag("t", "v");
    line.field("a", f64::NAN);
    assert!(!line.finish(Some(1)).is_empty());
    assert_eq!(text, b"before\n");
}

#[test]
fn lines_with_other_keys_than_the_one_before_are_read_as_well() {
    let mut parser = Parser::default();
    let lines = [
        "m,a=1,b=2 x=1,y=2,z=3",
        "m,a=1,b=2 x=1,y=2,z=3",
        "m,a=1 x=1,y=2",
        "m,b=2,a=1 y=2,x=1,z=3",
        "m,ab=1 xy=1",
        "m,a\\=1=1 x\\=1=1,y=2",
        "m,a=1 x=1,x=2,y=3",
        "m,a=1 x=1,y=3,x=2",
        "m,a=1 x=1,y=3",
        "m,a=1,a=2 x=1",
        "m x=1,y=2,z=3,w=4",
        "m,a=1,b= x=1",
        "m,a=1,b=2 x=,y=1",
        "m,a=1,b=2 x=1,y",
    ];
    for first in lines {
        for second in lines {
            // The same as by a parser that has read nothing before.
            let _ = parser.parse(first.as_bytes());
            let read = parser.parse(second.as_bytes());
            let read = read.map(|line| line.map(parts_of));
            let read = read.map_err(|error| (error.column, error.reason));
            assert_eq!(read, parse(second), "{second} after {first}");
        }
    }
}

/// Text with what line protocol is about in it.
fn text_with(special: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[a-z0-9_]{1,6}",
        3 => prop::sample::select(special).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 1..5).prop_map(|pieces| pieces.concat())
}

/// What is special in one place or another.
const SPECIAL: &[&str] = &[",", " ", "=", "\\", "\"", "#", "\x01", "é", "\u{1f980}"];
/// What all readers of line protocol understand alike in names and keys.
const COMMON: &[&str] = &[",", " ", "=", "é", "\u{1f980}"];

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<f64>()
            .prop_filter("finite", |value| value.is_finite())
            .prop_map(Value::Float),
        any::<i32>().prop_map(|value| Value::Float(f64::from(value) / 100.0)),
        any::<i64>().prop_map(Value::Int),
        any::<bool>().prop_map(Value::Bool),
        "(\n|\r|[ -~]|\"|\\\\){0,8}".prop_map(Value::String),
        text_with(SPECIAL).prop_map(Value::String),
    ]
}

/// A point that can be written, with these special characters in its name and keys.
fn any_point(special: &'static [&'static str]) -> impl Strategy<Value = Parts> {
    let text = || {
        text_with(special).prop_filter("writable", |text| {
            !text.ends_with('\\') && !text.starts_with(['#', '\t'])
        })
    };
    (
        text(),
        prop::collection::btree_map(text(), text(), 0..5),
        prop::collection::btree_map(text(), any_value(), 1..6),
        prop::option::of(any::<i64>()),
    )
        .prop_map(|(name, tags, fields, time)| Parts {
            name,
            tags: tags.into_iter().collect(),
            fields: fields.into_iter().collect(),
            time,
        })
}

/// Text made of the pieces of lines, right and wrong.
fn any_text() -> impl Strategy<Value = Vec<u8>> {
    let pieces = vec![
        "m", "cpu", ",", " ", "=", "\\", "\"", "\n", "\r\n", "#", "\t", "t=v", "a=1", "b=2i",
        "c=\"x\"", "d=t", "1", "1.5e3", "-", ".", "i", "u", "e", "17", "true", "é", "NaN", "\0",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..24)
        .prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_written_is_read_again(point in any_point(SPECIAL)) {
        let (line, omitted) = write(&point);
        // A field key with a backslash before an escape is left out.
        prop_assume!(omitted.points == 0 && omitted.fields == 0);
        prop_assert_eq!(parse(&line), Ok(Some(point.clone())), "{}", line);
        prop_assert_eq!(write(&parts(&line)).0, line);
    }

    #[test]
    fn whatever_is_read_can_be_written_and_means_the_same(text in any_text()) {
        if let Ok(Some(point)) = parse(&text) {
            let (line, omitted) = write(&point);
            // Some texts can be read that have no spelling.
            if omitted.is_empty() {
                prop_assert_eq!(parse(&line), Ok(Some(point)), "{}", line);
            }
        }
    }

    #[test]
    fn bytes_of_any_kind_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    /// Where the dialects agree, so does another reader of line protocol.
    #[test]
    fn another_parser_reads_the_same(point in any_point(COMMON)) {
        let (text, _) = write(&point);
        let mut lines = influxdb_line_protocol::parse_lines(&text);
        let line = lines.next().expect("one line");
        let line = line.map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
        prop_assert_eq!(line.series.measurement.as_str(), &point.name);
        let tags: Vec<_> = line.series.tag_set.iter().flatten().collect();
        prop_assert_eq!(tags.len(), point.tags.len());
        for ((key, value), (expected_key, expected)) in tags.into_iter().zip(&point.tags) {
            prop_assert_eq!((key.as_str(), value.as_str()), (&**expected_key, &**expected));
        }
        prop_assert_eq!(line.field_set.len(), point.fields.len());
        for ((key, value), (expected_key, expected)) in line.field_set.iter().zip(&point.fields) {
            use influxdb_line_protocol::FieldValue as Theirs;
            let value = match value {
                Theirs::F64(value) => Value::Float(*value),
                Theirs::I64(value) => Value::Int(*value),
                Theirs::Boolean(value) => Value::Bool(*value),
                Theirs::String(value) => Value::String(value.as_str().to_owned()),
                Theirs::U64(_) => return Err(TestCaseError::fail("unsigned")),
            };
            prop_assert_eq!((key.as_str(), &value), (&**expected_key, expected));
        }
        prop_assert_eq!(line.timestamp, point.time);
    }
}
