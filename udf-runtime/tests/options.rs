//! Options: what a UDF gets from them, and what the author of a TICKscript reads about mistakes.

use std::{num::NonZeroI8, time::Duration};

use udf_runtime::{
    Udf,
    options::{OptionSpec, OptionValue, Shape, ValueError, parse_assignment},
    prelude::*,
    proto::{self, ValueType, option_value::Value},
};

/// One option of each kind.
#[udf(stream)]
struct All {
    /// A field
    /// of the point.
    ///
    /// More about it.
    field: String,
    #[option(range = 1..=1_000_000)]
    size: usize,
    #[option(default = "avg")]
    r#as: String,
    #[option(default = 1.5, range = 0..100)]
    scale: f64,
    #[option(default = "1m30s", range = "1s"..)]
    every: Duration,
    byte: Option<u8>,
    nonzero: Option<NonZeroI8>,
    #[option(name = "limits", validate = ascending)]
    range: Option<(f64, f64)>,
    #[option(default = [1, 2, 3])]
    triple: [i32; 3],
    pair: Vec<(String, i64)>,
    #[option(flag)]
    verbose: bool,
    #[option(default = true)]
    strict: bool,
    #[option(default = Side::Inside)]
    side: Side,
    #[option(validate = not_local)]
    address: Option<Address>,
    small: Option<f32>,
}

fn ascending((from, to): &(f64, f64)) -> Result<(), String> {
    if from <= to {
        Ok(())
    } else {
        Err("the first is greater than the second".to_owned())
    }
}

fn not_local(address: &Address) -> bool {
    !address.0.is_loopback()
}

impl OnPoint for All {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, OptionValue)]
enum Side {
    Inside,
    #[option(rename = "out")]
    Outside,
    BothSides,
}

#[derive(Debug, PartialEq)]
struct Address(std::net::IpAddr);

impl OptionValue for Address {
    type Given = String;

    fn from_given(given: String) -> Result<Self, ValueError> {
        Ok(Self(given.parse()?))
    }

    fn to_given(&self) -> String {
        self.0.to_string()
    }
}

/// A call of an option.
fn call(name: &str, values: impl IntoIterator<Item = Value>) -> proto::Option {
    let argument = |value: Value| {
        let value_type = match value {
            Value::BoolValue(_) => ValueType::Bool,
            Value::IntValue(_) => ValueType::Int,
            Value::DoubleValue(_) => ValueType::Double,
            Value::StringValue(_) => ValueType::String,
            Value::DurationValue(_) => ValueType::Duration,
        };
        proto::OptionValue {
            r#type: value_type.into(),
            value: Some(value),
        }
    };
    proto::Option {
        name: name.to_owned(),
        values: values.into_iter().map(argument).collect(),
    }
}

fn int(value: i64) -> Value {
    Value::IntValue(value)
}

fn double(value: f64) -> Value {
    Value::DoubleValue(value)
}

fn string(value: &str) -> Value {
    Value::StringValue(value.to_owned())
}

fn seconds(value: i64) -> Value {
    Value::DurationValue(value * 1_000_000_000)
}

/// The two options that have to be there.
fn required() -> Vec<proto::Option> {
    vec![call("field", [string("usage")]), call("size", [int(10)])]
}

/// The error about the required options and these.
fn error(calls: impl IntoIterator<Item = proto::Option>) -> String {
    let calls: Vec<_> = required().into_iter().chain(calls).collect();
    All::from_options(&calls)
        .err()
        .expect("an option is wrong")
        .to_string()
}

fn read(calls: impl IntoIterator<Item = proto::Option>) -> All {
    let calls: Vec<_> = required().into_iter().chain(calls).collect();
    All::from_options(&calls)
        .map_err(|errors| errors.to_string())
        .expect("nothing is wrong")
}

#[test]
fn options_that_are_not_called_have_their_defaults() {
    let all = read([]);
    assert_eq!(all.field, "usage");
    assert_eq!(all.size, 10);
    assert_eq!(all.r#as, "avg");
    assert_eq!(all.scale, 1.5);
    assert_eq!(all.every, Duration::from_secs(90));
    assert_eq!(all.byte, None);
    assert_eq!(all.nonzero, None);
    assert_eq!(all.range, None);
    assert_eq!(all.triple, [1, 2, 3]);
    assert!(all.pair.is_empty());
    assert!(!all.verbose);
    assert!(all.strict);
    assert_eq!(all.side, Side::Inside);
    assert_eq!(all.address, None);
}

#[test]
fn options_that_are_called_have_what_they_are_given() {
    let all = read([
        call("as", [string("mean")]),
        call("scale", [double(2.0)]),
        call("every", [seconds(5)]),
        call("byte", [int(255)]),
        call("nonzero", [int(-128)]),
        call("limits", [double(1.0), double(2.0)]),
        call("triple", [int(7), int(8), int(9)]),
        call("pair", [string("a"), int(1)]),
        call("pair", [string("b"), int(2)]),
        call("verbose", []),
        call("strict", [Value::BoolValue(false)]),
        call("side", [string("out")]),
        call("address", [string("10.0.0.1")]),
        call("small", [double(0.1)]),
    ]);
    assert_eq!(all.r#as, "mean");
    assert_eq!(all.scale, 2.0);
    assert_eq!(all.every, Duration::from_secs(5));
    assert_eq!(all.byte, Some(255));
    assert_eq!(all.nonzero, NonZeroI8::new(-128));
    assert_eq!(all.range, Some((1.0, 2.0)));
    assert_eq!(all.triple, [7, 8, 9]);
    assert_eq!(all.pair, [("a".to_owned(), 1), ("b".to_owned(), 2)]);
    assert!(all.verbose);
    assert!(!all.strict);
    assert_eq!(all.side, Side::Outside);
    assert_eq!(all.address, Some(Address([10, 0, 0, 1].into())));
    assert_eq!(all.small, Some(0.1));
}

#[test]
fn all_problems_are_reported_at_once() {
    let errors = All::from_options(&[
        call("sise", [int(10)]),
        call("byte", [int(256)]),
        call("as", [string("a")]),
        call("as", [string("b")]),
        call("sise", [int(10)]),
    ])
    .err()
    .expect("five options are wrong");
    assert_eq!(
        errors.to_string(),
        r#"5 problems with the options:
- option "field" is missing (A field of the point); expected a STRING; help: .field('x')
- option "size" is missing; expected an INT from 1 to 1000000; help: .size(10)
- option "as": expected one call, found 2; help: .as('avg')
- option "byte": expected an INT from 0 to 255, found 256; help: .byte(10)
- unknown option "sise"; help: did you mean "size"?"#
    );
    let options: Vec<_> = errors.iter().map(|error| error.option()).collect();
    assert_eq!(options, ["field", "size", "as", "byte", "sise"]);
}

#[test]
fn each_problem_says_what_was_given_and_what_is_taken() {
    for (given, text) in [
        (
            call("scale", [double(100.0)]),
            r#"option "scale": expected a DOUBLE from 0.0 to below 100.0, found 100.0; help: .scale(1.5)"#,
        ),
        (
            call("scale", [int(2)]),
            r#"option "scale": expected a DOUBLE from 0.0 to below 100.0, found the INT 2 (a DOUBLE has a dot: 2.0); help: .scale(1.5)"#,
        ),
        (
            call("scale", [double(f64::NAN)]),
            r#"option "scale": expected a DOUBLE from 0.0 to below 100.0, found NaN; help: .scale(1.5)"#,
        ),
        (
            call("byte", [string("it's")]),
            r#"option "byte": expected an INT from 0 to 255, found the STRING 'it\'s'; help: .byte(10)"#,
        ),
        (
            call("byte", []),
            r#"option "byte": expected 1 argument, an INT from 0 to 255, found 0; help: .byte(10)"#,
        ),
        (
            call("nonzero", [int(0)]),
            r#"option "nonzero": expected an INT from -128 to 127, but not 0, found 0; help: .nonzero(10)"#,
        ),
        (
            call("every", [Value::DurationValue(5_000_000)]),
            r#"option "every": expected a DURATION from 1s, found 5ms; help: .every(90s)"#,
        ),
        (
            call("every", [seconds(-5)]),
            r#"option "every": expected a DURATION from 1s, found -5s: it is negative; help: .every(90s)"#,
        ),
        (
            call("limits", [double(1.0)]),
            r#"option "limits": expected 2 arguments (DOUBLE, DOUBLE), found 1; help: .limits(1.5, 1.5)"#,
        ),
        (
            call("limits", [double(2.0), double(1.0)]),
            r#"option "limits": 2.0, 1.0 is not allowed: the first is greater than the second; help: .limits(1.5, 1.5)"#,
        ),
        (
            call("pair", [string("a"), string("b")]),
            r#"option "pair", argument 2: expected an INT, found the STRING 'b'; help: .pair('x', 10)"#,
        ),
        (
            call("verbose", [Value::BoolValue(true)]),
            r#"option "verbose": expected no argument, found 1; help: .verbose()"#,
        ),
        (
            call("side", [string("insde")]),
            r#"option "side": expected one of 'inside', 'out', 'both_sides', found 'insde'; help: did you mean 'inside'?"#,
        ),
        (
            call("side", [string("left")]),
            r#"option "side": expected one of 'inside', 'out', 'both_sides', found 'left'; help: .side('inside')"#,
        ),
        (
            call("address", [string("nowhere")]),
            r#"option "address": expected a STRING, found 'nowhere': invalid IP address syntax; help: .address('10.0.0.1')"#,
        ),
        (
            call("address", [string("127.0.0.1")]),
            r#"option "address": '127.0.0.1' is not allowed; help: .address('10.0.0.1')"#,
        ),
        (
            call("small", [double(1e300)]),
            &format!(
                r#"option "small": expected a DOUBLE, found {}.0: it is too large; help: .small(1.5)"#,
                1e300
            ),
        ),
        (
            call("window", [int(1)]),
            r#"unknown option "window"; expected one of "field", "size", "as", "scale", "every", "byte", "nonzero", "limits", "triple", "pair", "verbose", "strict", "side", "address", "small""#,
        ),
    ] {
        assert_eq!(error([given]), text);
    }
}

#[test]
fn a_reference_is_not_a_string() {
    let reference = |name: &str| proto::Option {
        name: name.to_owned(),
        values: vec![proto::OptionValue {
            r#type: ValueType::Bool.into(),
            value: None,
        }],
    };
    for (name, text) in [
        (
            "as",
            r#"option "as": expected a STRING, found a reference, which has double quotes; help: write single quotes, as .as('avg')"#,
        ),
        (
            "byte",
            r#"option "byte": expected an INT from 0 to 255, found a reference, which has double quotes; help: .byte(10)"#,
        ),
        (
            "strict",
            r#"option "strict": expected a BOOL, found a reference, which has double quotes; help: .strict(TRUE)"#,
        ),
    ] {
        assert_eq!(error([reference(name)]), text);
    }
}

#[test]
fn values_that_no_host_sends_are_reported() {
    let with = |value_type: i32, value: Option<Value>| proto::Option {
        name: "byte".to_owned(),
        values: vec![proto::OptionValue {
            r#type: value_type,
            value,
        }],
    };
    for (given, what) in [
        (with(ValueType::Int.into(), None), "an INT without a value"),
        (
            with(ValueType::Int.into(), Some(string("x"))),
            "an INT that holds a STRING",
        ),
        (
            with(ValueType::Bool.into(), Some(int(1))),
            "a BOOL that holds an INT",
        ),
        (with(77, Some(int(1))), "a value of the unknown type 77"),
        (with(-1, None), "a value of the unknown type -1"),
    ] {
        assert_eq!(
            error([given]),
            format!(
                r#"option "byte": expected an INT from 0 to 255, found {what}; help: .byte(10)"#
            )
        );
    }
    // Any number of calls of any length gets an answer of readable length.
    let long = "x".repeat(1 << 20);
    let many = (0..100_000).map(|i| call(&format!("{i}{long:.100}"), []));
    let answer = error(many.chain([call("side", [string(&long)]), call(&long, [])]));
    assert!(
        answer
            .starts_with("100002 problems with the options:\n- option \"side\": expected one of ")
    );
    assert!(answer.ends_with("\n- and 99982 more"));
    assert!(answer.len() < 16_384, "{}", answer.len());
}

#[test]
fn every_integer_takes_what_its_type_holds() {
    #[udf(stream)]
    struct Integers {
        #[option(default = 0)]
        a: i8,
        #[option(default = 0)]
        b: u16,
        #[option(default = 0)]
        c: i64,
        #[option(default = 0)]
        d: u64,
        #[option(default = 0)]
        e: u128,
        #[option(default = 0)]
        f: i128,
        #[option(default = 1)]
        g: std::num::NonZeroU64,
        #[option(default = 9_223_372_036_854_775_807)]
        h: u64,
    }

    impl OnPoint for Integers {
        fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> Result<()> {
            Ok(())
        }
    }

    let read = |name: &str, value: i64| Integers::from_options(&[call(name, [int(value)])]);
    for (name, from, to) in [
        ("a", i8::MIN.into(), i8::MAX.into()),
        ("b", 0, u16::MAX.into()),
        ("c", i64::MIN, i64::MAX),
        ("d", 0, i64::MAX),
        ("e", 0, i64::MAX),
        ("f", i64::MIN, i64::MAX),
        ("g", 1, i64::MAX),
    ] {
        for value in [
            i64::MIN,
            -32_769,
            -129,
            -128,
            -1,
            0,
            1,
            127,
            128,
            65_536,
            i64::MAX,
        ] {
            let allowed = (from..=to).contains(&value);
            assert_eq!(read(name, value).is_ok(), allowed, "{name} {value}");
        }
    }
    let integers = read("a", -128).expect("within");
    assert_eq!(
        (
            integers.a, integers.b, integers.c, integers.d, integers.e, integers.f
        ),
        (-128, 0, 0, 0, 0, 0)
    );
    assert_eq!((integers.g.get(), integers.h), (1, i64::MAX as u64));
}

#[test]
fn an_error_says_which_of_several_arguments_is_wrong() {
    #[udf(stream)]
    struct Several {
        trio: Option<(bool, Duration, Side)>,
        pair: Option<(i8, String)>,
        sides: Option<[Side; 2]>,
        bytes: Option<[u8; 2]>,
    }

    impl OnPoint for Several {
        fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> Result<()> {
            let _ = (&self.trio, &self.pair, &self.sides, &self.bytes);
            Ok(())
        }
    }

    let misspelt = string("insde");
    for (given, text) in [
        (
            call("trio", [Value::BoolValue(true), seconds(1), misspelt]),
            r#"option "trio", argument 3: expected one of 'inside', 'out', 'both_sides', found 'insde'; help: did you mean 'inside'?"#,
        ),
        (
            call("pair", [int(128), string("a")]),
            r#"option "pair", argument 1: expected an INT from -128 to 127, found 128; help: .pair(10, 'x')"#,
        ),
        (
            call("sides", [string("out"), string("left")]),
            r#"option "sides", argument 2: expected one of 'inside', 'out', 'both_sides', found 'left'; help: .sides('inside', 'inside')"#,
        ),
        (
            call("bytes", [int(1), int(256)]),
            r#"option "bytes", argument 2: expected an INT from 0 to 255, found 256; help: .bytes(10, 10)"#,
        ),
    ] {
        let error = Several::from_options(&[given]).err().expect("one is wrong");
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn a_default_that_is_not_allowed_is_reported_when_it_is_used() {
    const DEFAULT: i64 = 11;

    #[udf(stream)]
    struct Mistaken {
        #[option(default = DEFAULT, range = 1..=10)]
        size: i64,
        #[option(default = 3, validate = not_three)]
        count: u32,
    }

    fn not_three(count: &u32) -> bool {
        *count != 3
    }

    impl OnPoint for Mistaken {
        fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> Result<()> {
            let _ = (self.size, self.count);
            Ok(())
        }
    }

    assert_eq!(Mistaken::spec().options[0].default.as_deref(), Some("11"));
    assert_eq!(
        Mistaken::from_options(&[])
            .err()
            .expect("both are wrong")
            .to_string(),
        r#"2 problems with the options:
- option "size": the default 11 is not allowed; expected an INT from 1 to 10; help: call the option, and report this to the author of the UDF
- option "count": the default 3 is not allowed; expected an INT from 0 to 4294967295; help: call the option, and report this to the author of the UDF"#
    );
    let given = [call("size", [int(1)]), call("count", [int(2)])];
    assert!(Mistaken::from_options(&given).is_ok());
}

fn spec(name: &str) -> OptionSpec {
    let spec = All::spec()
        .options
        .into_iter()
        .find(|option| option.name == name);
    spec.expect("there is such an option")
}

#[test]
fn the_options_describe_themselves() {
    let names: Vec<_> = All::spec()
        .options
        .iter()
        .map(|option| option.name)
        .collect();
    assert_eq!(
        names,
        [
            "field", "size", "as", "scale", "every", "byte", "nonzero", "limits", "triple", "pair",
            "verbose", "strict", "side", "address", "small"
        ]
    );
    let field = spec("field");
    assert_eq!(field.docs, "A field\nof the point.\n\nMore about it.");
    assert_eq!(
        (field.shape, &*field.types),
        (Shape::Required, &[ValueType::String][..])
    );
    assert_eq!(spec("size").range.as_deref(), Some("from 1 to 1000000"));
    assert_eq!(spec("every").default.as_deref(), Some("90s"));
    assert_eq!(spec("every").range.as_deref(), Some("from 1s"));
    assert_eq!(spec("as").default.as_deref(), Some("'avg'"));
    assert_eq!(spec("as").shape, Shape::Optional);
    assert_eq!(spec("triple").default.as_deref(), Some("1, 2, 3"));
    assert_eq!(spec("triple").signature(), ".triple(INT, INT, INT)");
    assert_eq!(spec("triple").example_call(), ".triple(1, 2, 3)");
    assert_eq!(spec("pair").shape, Shape::Repeatable);
    assert_eq!(spec("verbose").shape, Shape::Flag);
    assert_eq!(spec("verbose").types, []);
    assert_eq!(spec("verbose").default, None);
    assert_eq!(spec("verbose").example_call(), ".verbose()");
    assert_eq!(spec("strict").default.as_deref(), Some("TRUE"));
    assert_eq!(spec("side").choices, ["inside", "out", "both_sides"]);
    assert_eq!(spec("side").takes(), "one of 'inside', 'out', 'both_sides'");
}

fn assigned(text: &str) -> proto::Option {
    parse_assignment(&All::spec().options, text).expect(text)
}

#[test]
fn assignments_are_read_by_the_declared_types() {
    for (text, expected) in [
        ("field=usage_user", call("field", [string("usage_user")])),
        ("field=a,b=c'", call("field", [string("a,b=c'")])),
        (r"field=a\,b", call("field", [string(r"a\,b")])),
        ("field=", call("field", [string("")])),
        ("size=10", call("size", [int(10)])),
        ("scale=2", call("scale", [double(2.0)])),
        ("every=1h30m", call("every", [seconds(5400)])),
        ("limits=1,5.5", call("limits", [double(1.0), double(5.5)])),
        ("pair=a,1", call("pair", [string("a"), int(1)])),
        (r"pair=a\,b\\,1", call("pair", [string(r"a,b\"), int(1)])),
        (r"pair=a\b,1", call("pair", [string(r"a\b"), int(1)])),
        ("verbose", call("verbose", [])),
        ("verbose=true", call("verbose", [])),
        ("strict=FALSE", call("strict", [Value::BoolValue(false)])),
        ("side=out", call("side", [string("out")])),
    ] {
        assert_eq!(assigned(text), expected, "{text}");
    }
}

#[test]
fn assignments_that_cannot_be_read_are_reported() {
    for (text, expected) in [
        (
            "size",
            r#"option "size": expected an INT from 1 to 1000000, found no value; help: size=10"#,
        ),
        (
            "size=ten",
            r#"option "size": expected an INT from 1 to 1000000, found "ten"; help: size=10"#,
        ),
        (
            "size=1.5",
            r#"option "size": expected an INT from 1 to 1000000, found "1.5"; help: size=10"#,
        ),
        (
            "scale=inf",
            r#"option "scale": expected a DOUBLE from 0.0 to below 100.0, found "inf"; help: scale=1.5"#,
        ),
        (
            "every=90",
            r#"option "every": expected a DURATION from 1s, found "90"; help: every=90s"#,
        ),
        (
            "limits=1",
            r#"option "limits": expected 2 arguments (DOUBLE, DOUBLE), found 1; help: limits=1.5,1.5"#,
        ),
        (
            "pair=a,b,1",
            r#"option "pair": expected 2 arguments (STRING, INT), found 3; help: pair=x,10"#,
        ),
        (
            "strict=yes",
            r#"option "strict": expected a BOOL, found "yes"; help: strict=TRUE"#,
        ),
        (
            "verbose=false",
            r#"option "verbose": a flag cannot be unset; help: leave it out"#,
        ),
        (
            "verbose=1",
            r#"option "verbose": expected no value, found "1"; help: verbose"#,
        ),
        (
            "side",
            r#"option "side": expected one of 'inside', 'out', 'both_sides', found no value; help: side=inside"#,
        ),
        (
            "size=010",
            r#"option "size": expected an INT from 1 to 1000000, found "010", which TICKscript reads as octal; help: size=10"#,
        ),
    ] {
        let error = parse_assignment(&All::spec().options, text).expect_err(text);
        assert_eq!(error.to_string(), expected);
    }
    let error = parse_assignment(&All::spec().options, "feild=x").expect_err("a slip");
    assert!(
        error
            .to_string()
            .starts_with(r#"unknown option "feild"; help: did you mean "field"?"#)
    );
    let error = parse_assignment(&[], "x=1").expect_err("no options");
    assert_eq!(
        error.to_string(),
        r#"unknown option "x"; the UDF has no options"#
    );
}

#[test]
fn an_example_of_an_assignment_can_be_read() {
    for option in All::spec().options {
        let values: Vec<_> = option
            .example
            .iter()
            .map(|value| value.trim_matches('\''))
            .collect();
        let text = match &*values {
            [] => option.name.to_owned(),
            values => format!("{}={}", option.name, values.join(",")),
        };
        let call = assigned(&text);
        assert_eq!(call.values.len(), option.types.len(), "{text}");
    }
}

#[test]
fn examples_are_values_that_the_option_takes() {
    #[udf(stream)]
    struct Particular {
        #[option(validate = descending)]
        pair: (f64, f64),
        #[option(args(min, max, width), validate = ascending)]
        window: (i64, i64, Duration),
        #[option(validate = |size| size.is_multiple_of(7))]
        of_no_candidate: u32,
        #[option(range = 0.25..0.3)]
        narrow: f64,
        #[option(validate = |path| path.is_absolute())]
        path: std::path::PathBuf,
        #[option(args(from, to), validate = never)]
        never: (String, i64),
    }

    fn descending((from, to): &(f64, f64)) -> bool {
        from > to
    }

    fn ascending((min, max, _): &(i64, i64, Duration)) -> bool {
        min < max
    }

    fn never(_: &(String, i64)) -> bool {
        false
    }

    impl OnPoint for Particular {
        fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> Result<()> {
            let _ = (self.pair, self.window, self.of_no_candidate, self.narrow);
            let _ = (&self.path, &self.never);
            Ok(())
        }
    }

    let options = Particular::spec().options;
    let calls: Vec<_> = options.iter().map(OptionSpec::example_call).collect();
    assert_eq!(
        calls,
        [
            ".pair(3.5, 0.5)",
            ".window(10, 20, 30s)",
            ".of_no_candidate(0)",
            ".narrow(0.25)",
            ".path('/tmp/x')",
            ".never(<from>, <to>)",
        ]
    );
    assert_eq!(
        options[1].signature(),
        ".window(min INT, max INT, width DURATION)"
    );
    assert_eq!(
        options[1].takes(),
        "3 arguments (min INT, max INT, width DURATION)"
    );
    let wrong = call("window", [int(1), double(2.0), seconds(1)]);
    let errors = Particular::from_options(&[wrong])
        .err()
        .expect("it is wrong");
    let error = errors.iter().find(|error| error.option() == "window");
    assert_eq!(
        error.map(ToString::to_string).as_deref(),
        Some(
            r#"option "window", argument "max": expected an INT, found the DOUBLE 2.0; help: .window(10, 20, 30s)"#
        )
    );
}
