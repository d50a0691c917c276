//! Hostile input: the answer says what is wrong with it, everything before it is answered, and neither the
//! process nor other connections are harmed.

use fault_tests::{Answer, Process, Signal, SocketServer, Udf, Via, both_ways, expect};
use support::requests::{Requests, option, point, string};
use udf_runtime::proto::{
    Option as OptionCall, OptionValue, Point, RestoreRequest, ValueType, option_value::Value,
    prost::Message as _, request::Message,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_faulty-udfs");
const MIB: usize = 1 << 20;

/// Input and the expected answers. Each expected text is a part of one response's summary.
struct Case {
    name: &'static str,
    /// The UDF's name and flags.
    arguments: &'static [&'static str],
    input: Vec<u8>,
    expected: &'static [&'static str],
}

impl Case {
    fn new(
        name: &'static str,
        arguments: &'static [&'static str],
        input: Requests,
        expected: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            arguments,
            input: input.bytes(),
            expected,
        }
    }
}

const MIRROR: &[&str] = &["mirror"];
const BATCHES: &[&str] = &["batches"];
const STRICT: &[&str] = &["strict"];
const KEEPER: &[&str] = &["keeper"];
const FRESH: &[&str] = &["fresh-keeper"];

fn ready() -> Requests {
    Requests::new().init([])
}

fn one_point() -> Requests {
    ready().point(point(1, 1.0))
}

/// Pseudorandom bytes, the same in each run.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

/// A frame around bytes.
fn frame(body: &[u8]) -> Vec<u8> {
    let mut frame = varint(body.len() as u64);
    frame.extend_from_slice(body);
    frame
}

fn varint(value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    udf_runtime::proto::prost::encoding::encode_varint(value, &mut bytes);
    bytes
}

/// Input that is not a stream of frames, or frames that are not requests.
fn broken_frames() -> Vec<Case> {
    // An accepted Init has 20 bytes, a point 95.
    vec![
        Case::new("an empty input", MIRROR, Requests::new(), &[]),
        Case::new(
            "noise",
            MIRROR,
            Requests::new().raw(&noise(100_000)),
            &["error: "],
        ),
        Case::new(
            "noise after valid requests",
            MIRROR,
            one_point().raw(&noise(100_000)),
            &["init accepted", "point at 1", "error: "],
        ),
        Case::new(
            "a whole frame of noise",
            MIRROR,
            one_point().raw(&frame(&noise(1_000))),
            &["init accepted", "point at 1", "error: message 3 at offset"],
        ),
        Case::new(
            "text",
            MIRROR,
            Requests::new().raw(b"GET / HTTP/1.1\r\n\r\n"),
            &["error: the input is text, and not Kapacitor's protocol; help: "],
        ),
        Case::new(
            "an end inside a length",
            MIRROR,
            one_point().raw(&[0x80]),
            &[
                "init accepted",
                "point at 1",
                "error: the input ended inside of the frame",
            ],
        ),
        Case::new(
            "an end inside a frame",
            MIRROR,
            one_point().raw(&[9, 1, 2]),
            &["init accepted", "point at 1", "after 3 bytes of it"],
        ),
        Case::new(
            "a length of 2 GiB",
            MIRROR,
            one_point().raw(&varint(2 << 30)),
            &[
                "init accepted",
                "point at 1",
                "2147483648 bytes, more than the limit of 67108864",
            ],
        ),
        Case::new(
            "a length of 4 GiB",
            MIRROR,
            one_point().raw(&varint(4 << 30)),
            &[
                "init accepted",
                "point at 1",
                "4294967296 bytes, more than the limit of 67108864",
            ],
        ),
        Case::new(
            "a length of 2^63",
            MIRROR,
            one_point().raw(&varint(1 << 63)),
            &[
                "init accepted",
                "point at 1",
                "9223372036854775808 bytes, more than the limit",
            ],
        ),
        Case::new(
            "a length of 2^64 - 1",
            MIRROR,
            one_point().raw(&varint(u64::MAX)),
            &[
                "init accepted",
                "point at 1",
                "18446744073709551615 bytes, more than the limit",
            ],
        ),
        Case::new(
            "a length of 11 bytes",
            MIRROR,
            one_point().raw(&[0x80; 10]).raw(&[1]),
            &["init accepted", "point at 1", "error: the length at offset"],
        ),
        Case::new(
            "a length beyond 64 bits",
            MIRROR,
            one_point().raw(&[0xff; 9]).raw(&[2]),
            &["init accepted", "point at 1", "error: the length at offset"],
        ),
        Case::new(
            "a limit set by a flag",
            &["mirror", "--message-limit", "50"],
            one_point(),
            &["init accepted", "bytes, more than the limit of 50 bytes"],
        ),
        Case::new(
            "an empty frame",
            MIRROR,
            one_point().raw(&[0]),
            &[
                "init accepted",
                "point at 1",
                "its kind is unknown to this version",
            ],
        ),
        Case::new(
            "a message of an unknown kind",
            MIRROR,
            one_point().raw(&frame(&[0x9a, 0x06, 1, 7])),
            &[
                "init accepted",
                "point at 1",
                "its kind is unknown to this version",
            ],
        ),
        Case::new(
            "unknown fields of every wire type beside a known one",
            MIRROR,
            // Field 100 as a varint, 64 bits, bytes and 32 bits. Then field 3, a keepalive of time 5.
            ready().raw(&frame(&[
                0xa0, 0x06, 0x96, 0x01, 0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xa2, 0x06, 2, 9, 9,
                0xa5, 0x06, 1, 2, 3, 4, 0x1a, 2, 0x08, 5,
            ])),
            &["init accepted", "keepalive 5"],
        ),
        Case::new(
            "a wrong wire type of a message",
            MIRROR,
            // Field 17, which is a point, as a varint.
            one_point().raw(&frame(&[0x88, 0x01, 1])),
            &["init accepted", "point at 1", "is not a request: "],
        ),
        Case::new(
            "a wrong wire type in a point",
            MIRROR,
            // The point's time as bytes.
            one_point().raw(&frame(&[0x8a, 0x01, 3, 0x0a, 1, 1])),
            &["init accepted", "point at 1", "is not a request: "],
        ),
        Case::new(
            "a point with a field that is longer than the point",
            MIRROR,
            one_point().raw(&frame(&[0x8a, 0x01, 2, 0x12, 9])),
            &["init accepted", "point at 1", "is not a request: "],
        ),
        Case::new(
            "text that is not UTF-8",
            MIRROR,
            one_point().raw(&frame(&[0x8a, 0x01, 4, 0x12, 2, 0xc3, 0x28])),
            &["init accepted", "point at 1", "is not a request: "],
        ),
        Case::new(
            "an option that is not UTF-8",
            STRICT,
            Requests::new().raw(&frame(&[0x12, 5, 0x0a, 3, 0x0a, 1, 0xff])),
            &["error: message 1 at offset 0 is not a request: "],
        ),
    ]
}

/// Valid messages at places where they are not allowed.
fn misplaced_messages() -> Vec<Case> {
    vec![
        Case::new(
            "a point before Init",
            MIRROR,
            Requests::new().info().point(point(1, 1.0)),
            &[
                "info",
                "error: message 2 at offset 3: a point came before Init",
            ],
        ),
        Case::new(
            "a batch before Init",
            BATCHES,
            Requests::new().begin(1),
            &["error: message 1 at offset 0: a batch came before Init"],
        ),
        Case::new(
            "Init twice",
            MIRROR,
            ready().init([]),
            &["init accepted", "a second Init"],
        ),
        Case::new(
            "Restore before Init",
            KEEPER,
            Requests::new().restore(&[1]),
            &["restore refused: a Restore came before an Init was accepted"],
        ),
        Case::new(
            "Snapshot before Init",
            KEEPER,
            Requests::new().snapshot(),
            &["snapshot of 0 bytes"],
        ),
        Case::new(
            "a batch for a UDF that wants a stream",
            MIRROR,
            one_point().begin(1),
            &[
                "init accepted",
                "point at 1",
                "a batch began, for a UDF that wants a stream",
            ],
        ),
        Case::new(
            "a point outside of a batch",
            BATCHES,
            one_point(),
            &["init accepted", "a point outside of a batch"],
        ),
        Case::new(
            "a batch in a batch",
            BATCHES,
            ready().begin(0).end(1).begin(1).begin(1),
            &[
                "init accepted",
                "begin of 0",
                "end at 1",
                "while another was open",
            ],
        ),
        Case::new(
            "an end without a begin",
            BATCHES,
            ready().end(1),
            &["init accepted", "a batch ended that had not begun"],
        ),
        Case::new(
            "an end twice",
            BATCHES,
            ready().begin(0).end(1).end(1),
            &[
                "init accepted",
                "begin of 0",
                "end at 1",
                "a batch ended that had not begun",
            ],
        ),
        Case::new(
            "batches with wrong sizes",
            BATCHES,
            [1 << 62, -1, i64::MIN, 7]
                .into_iter()
                .fold(ready(), |it, size| {
                    it.begin(size).point(point(1, 1.0)).end(1)
                }),
            &[
                "init accepted",
                "begin of 1",
                "point at 1",
                "end at 1",
                "begin of 1",
                "point at 1",
                "end at 1",
                "begin of 1",
                "point at 1",
                "end at 1",
                "begin of 1",
                "point at 1",
                "end at 1",
            ],
        ),
        Case::new(
            "batches of 0, 1, 2 and 3 points",
            BATCHES,
            (0..4).fold(ready(), |it, size| {
                (0..size)
                    .fold(it.begin(size), |it, time| it.point(point(time, 1.0)))
                    .end(size)
            }),
            &[
                "init accepted",
                "begin of 0",
                "end at 0",
                "begin of 1",
                "point at 0",
                "end at 1",
                "begin of 2",
                "point at 0",
                "point at 1",
                "end at 2",
                "begin of 3",
                "point at 0",
                "point at 1",
                "point at 2",
                "end at 3",
            ],
        ),
        Case::new(
            "an input that ends inside a batch",
            BATCHES,
            ready().begin(2).point(point(1, 1.0)),
            &["init accepted"],
        ),
        Case::new(
            "data after an Init that was refused",
            STRICT,
            ready().point(point(1, 1.0)).keepalive(7).begin(1),
            &["init refused: ", "keepalive 7"],
        ),
    ]
}

/// Snapshots that do not fit.
fn bad_snapshots() -> Vec<Case> {
    use udf_runtime::state::{Envelope, StateWriter};
    let envelope = |udf, version, state: &[u8]| {
        Envelope {
            udf,
            version,
            state,
        }
        .wrap()
    };
    let fields = |value: &str| {
        let mut writer = StateWriter::new();
        writer
            .field("count", &value)
            .expect("a text can be written");
        writer
            .field("words", &value)
            .expect("a text can be written");
        writer.finish()
    };
    // The header of an array of 2^32 - 1 elements, without elements.
    let promising = envelope("keeper", 1, &[0xdd, 0xff, 0xff, 0xff, 0xff]);
    let nested = envelope("keeper", 1, &[0x91; 100_000]);
    let restored = |snapshot: &[u8]| ready().restore(snapshot).point(point(1, 1.0)).keepalive(7);
    let refused = |name, snapshot: &[u8], expected| {
        Case::new(name, KEEPER, ready().restore(snapshot), expected)
    };
    vec![
        refused(
            "a snapshot of noise",
            &noise(10_000),
            &[
                "init accepted",
                "restore refused: expected a snapshot of this SDK, found 10000 bytes of something else",
            ],
        ),
        refused(
            "an empty snapshot",
            &[],
            &[
                "init accepted",
                "restore refused: expected a snapshot of this SDK, found nothing",
            ],
        ),
        refused(
            "another UDF's snapshot",
            &envelope("other", 1, &[]),
            &[
                "init accepted",
                "restore refused: expected a snapshot of the UDF \"keeper\", found one of \"other\"",
            ],
        ),
        refused(
            "another version's snapshot",
            &envelope("keeper", 2, &[]),
            &[
                "init accepted",
                "expected version 1 of the state, found version 2",
            ],
        ),
        refused(
            "a snapshot with a value of another type",
            &envelope("keeper", 1, &fields("x")),
            &["init accepted", "restore refused: the snapshot's `words"],
        ),
        refused(
            "a snapshot that claims a large size",
            &promising,
            &[
                "init accepted",
                "restore refused: the snapshot's state does not hold fields",
            ],
        ),
        refused(
            "a snapshot that is nested",
            &nested,
            &[
                "init accepted",
                "restore refused: the snapshot's state does not hold fields",
            ],
        ),
        refused(
            "a snapshot with trailing bytes",
            &[envelope("keeper", 1, &[]), vec![0]].concat(),
            &[
                "init accepted",
                "restore refused: expected a snapshot of this SDK, found 40 bytes of something else",
            ],
        ),
        Case::new(
            "noise, with on_restore_error = fresh",
            FRESH,
            restored(&noise(100)),
            &[
                "init accepted",
                "restore accepted",
                "point at 1",
                "keepalive 7",
            ],
        ),
        Case::new(
            "a value of another type, with on_restore_error = fresh",
            FRESH,
            restored(&envelope("fresh_keeper", 1, &fields("x"))),
            &[
                "init accepted",
                "restore accepted",
                "point at 1",
                "keepalive 7",
            ],
        ),
    ]
}

/// Wrong options, and some right ones.
fn bad_options() -> Vec<Case> {
    use Value::{BoolValue, DoubleValue, DurationValue, IntValue};
    let good = || {
        vec![
            option("field", [string("usage")]),
            option("size", [IntValue(10)]),
        ]
    };
    let init = |options: Vec<OptionCall>| {
        Requests::new().request(Message::Init(udf_runtime::proto::InitRequest {
            options,
            task_id: "task".into(),
            node_id: "strict2".into(),
        }))
    };
    let with = |call: OptionCall| {
        let mut calls = good();
        calls.retain(|it| it.name != call.name);
        calls.push(call);
        init(calls)
    };
    let lying = OptionCall {
        name: "size".into(),
        values: vec![OptionValue {
            r#type: ValueType::Int.into(),
            value: Some(string("ten")),
        }],
    };
    let reference = OptionCall {
        name: "field".into(),
        values: vec![OptionValue {
            r#type: ValueType::Bool.into(),
            value: None,
        }],
    };
    let unheard_of = OptionCall {
        name: "size".into(),
        values: vec![OptionValue {
            r#type: 99,
            value: None,
        }],
    };
    let refused = |name, input, expected| Case::new(name, STRICT, input, expected);
    vec![
        refused("good options", init(good()), &["init accepted"]),
        refused("no options", init(vec![]), &["init refused: "]),
        refused(
            "several mistakes",
            init(vec![option("size", [IntValue(0)]), option("tag", [])]),
            &["size"],
        ),
        refused(
            "an unknown option",
            with(option("sice", [IntValue(1)])),
            &["sice"],
        ),
        refused(
            "a wrong type",
            with(option("size", [string("10")])),
            &["size"],
        ),
        refused(
            "a float for an integer",
            with(option("size", [DoubleValue(10.0)])),
            &["size"],
        ),
        refused(
            "out of range",
            with(option("size", [IntValue(101)])),
            &["101"],
        ),
        refused(
            "at the end of the range",
            with(option("size", [IntValue(i64::MIN)])),
            &["-9223372036854775808"],
        ),
        refused("no argument", with(option("size", [])), &["size"]),
        refused(
            "an argument too many",
            with(option("size", [IntValue(1), IntValue(2)])),
            &["size"],
        ),
        refused(
            "zero for a nonzero integer",
            with(option("port", [IntValue(0)])),
            &["port"],
        ),
        refused(
            "too large for its integer type",
            with(option("port", [IntValue(65_536)])),
            &["port"],
        ),
        refused(
            "a pair with one argument",
            with(option("between", [DoubleValue(0.5)])),
            &["between"],
        ),
        refused(
            "a negative duration",
            with(option("period", [DurationValue(-1)])),
            &["period"],
        ),
        refused(
            "a flag with an argument",
            with(option("quick", [BoolValue(true)])),
            &["quick"],
        ),
        refused(
            "an unknown choice",
            with(option("side", [string("up")])),
            &["side"],
        ),
        refused("double quotes", with(reference), &["single quotes"]),
        refused(
            "a type that differs from the value's",
            with(lying),
            &["size"],
        ),
        refused("an unknown type", with(unheard_of), &["size"]),
        refused("called twice", init([good(), good()].concat()), &["size"]),
        refused("an empty name", with(option("", [])), &["init refused"]),
        refused(
            "a name of a MiB",
            with(option(&"n".repeat(MIB), [])),
            &["init refused"],
        ),
        refused(
            "100,000 calls of one option",
            init([good(), vec![option("tags", [string("t")]); 100_000]].concat()),
            &["init accepted"],
        ),
        refused(
            "100,000 calls of unknown options",
            init(vec![option("nothing", []); 100_000]),
            &["init refused"],
        ),
    ]
}

/// Runs each case in a new process.
fn over_pipes(cases: Vec<Case>) {
    for case in cases {
        let (mut process, mut connection) = Process::on_pipes(PROGRAM, case.arguments);
        let writing = connection.write_aside(case.input.clone());
        connection.read();
        // Fails if the UDF has ended and does not read the rest.
        let _ = writing.join();
        connection.close_input();
        let answer = connection.answer();
        answer.expect(case.name, case.expected);
        let code = process.wait();
        assert_eq!(code, Some(i32::from(answer.failed())), "{}", case.name);
    }
}

/// Runs each case in a new connection to one server for each UDF, while another connection to it stays
/// open and working.
fn over_a_socket(cases: Vec<Case>) {
    let mut servers: Vec<(_, Process, SocketServer, _)> = Vec::new();
    for case in cases {
        let found = servers.iter().position(|(it, ..)| *it == case.arguments);
        let at = found.unwrap_or_else(|| {
            let (process, server) = SocketServer::start(PROGRAM, case.arguments);
            let mut neighbour = server.connect();
            neighbour.send(Requests::new().info());
            servers.push((case.arguments, process, server, neighbour));
            servers.len() - 1
        });
        let mut connection = servers[at].2.connect();
        let writing = connection.write_aside(case.input.clone());
        connection.read();
        let _ = writing.join();
        connection.close_input();
        connection.answer().expect(case.name, case.expected);
    }
    for (arguments, mut process, server, mut neighbour) in servers {
        server.is_alive();
        neighbour.send(Requests::new().keepalive(9)).close_input();
        neighbour
            .answer()
            .expect(arguments[0], &["info", "keepalive 9"]);
        assert!(!process.log().contains("panicked"), "{}", process.log());
        process.signal(Signal::SIGTERM);
        assert_eq!(process.wait(), Some(0));
    }
}

macro_rules! tables {
    ($($table:ident)*) => {$(
        mod $table {
            #[test]
            fn over_pipes() {
                super::over_pipes(super::$table());
            }

            #[test]
            fn over_a_socket() {
                super::over_a_socket(super::$table());
            }
        }
    )*};
}

tables! { broken_frames misplaced_messages bad_snapshots bad_options }

both_ways! { claimed_sizes_take_no_memory a_large_point_comes_back a_batch_without_end_hits_the_limit altered_requests_get_valid_answers }

/// A frame's claimed size takes no memory before its bytes arrive.
fn claimed_sizes_take_no_memory(via: Via) {
    let mut udf = Udf::start(via, PROGRAM, MIRROR);
    udf.connection.send(ready().keepalive(1));
    expect_next(&mut udf, "init accepted");
    expect_next(&mut udf, "keepalive 1");
    let before = udf.process.peak_memory();
    let promise = [varint(60 << 20), vec![0x8a, 0x01], vec![0; 100_000]].concat();
    udf.connection.write(&promise).expect("the UDF reads");
    // The bytes are in the pipe. Once the UDF has read them, it waits for more.
    udf.process.sleeps();
    let grown = udf.process.peak_memory() - before;
    assert!(
        grown < 2 * MIB as u64,
        "memory grew by {grown} bytes for 100,000 received bytes"
    );
    udf.connection.close_input();
    let answer = udf.connection.answer();
    assert!(
        answer
            .error()
            .contains("the input ended inside of the frame"),
        "{answer:?}"
    );
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(1));
}

#[track_caller]
fn expect_next(udf: &mut Udf, expected: &str) {
    let message = udf.connection.receive().into_iter().collect();
    let summary = Answer { messages: message }.summary();
    expect(expected, &summary, &[expected]);
}

/// A point of 60 MiB is within the limit, and takes memory of a few times that at most.
fn a_large_point_comes_back(via: Via) {
    let mut udf = Udf::start(via, PROGRAM, MIRROR);
    let mut large = point(1, 1.0);
    large
        .fields_string
        .insert("text".into(), "x".repeat(60 * MIB));
    let requests = ready().point(large).point(point(2, 1.0)).keepalive(1);
    let writing = udf.connection.write_aside(requests.bytes());
    expect_next(&mut udf, "init accepted");
    expect_next(&mut udf, "point at 1");
    expect_next(&mut udf, "point at 2");
    expect_next(&mut udf, "keepalive 1");
    writing.join().unwrap();
    let peak = udf.process.peak_memory();
    assert!(
        peak < 400 * MIB as u64,
        "{peak} bytes for a point of 60 MiB"
    );
    udf.connection.close_input();
    let answer = udf.connection.answer();
    let sizes: Vec<_> = answer.points().map(Point::encoded_len).collect();
    assert!(sizes[0] > 60 * MIB && sizes[1] < 100, "{sizes:?}");
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(0));
}

/// A batch is held until it ends. The limit on its points stops one without end.
fn a_batch_without_end_hits_the_limit(via: Via) {
    let mut udf = Udf::start(via, PROGRAM, BATCHES);
    // Points with little more than their overhead, of which 20 million would be too many.
    let one = Requests::new().point(Point::default()).bytes();
    let many = one.repeat(100_000);
    udf.connection.send(ready().begin(0)).read();
    for _ in 0..101 {
        if udf.connection.write(&many).is_err() {
            break;
        }
    }
    let answer = udf.connection.answer();
    answer.expect(
        "10 million points and one",
        &[
            "init accepted",
            "the batch has more than 10000000 points, the limit of one batch",
        ],
    );
    udf.connection.close_input();
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(1));
}

/// Requests with some bytes changed, in one server or in one process each.
fn altered_requests_get_valid_answers(via: Via) {
    let requests = Requests::new()
        .info()
        .init([])
        .restore(&[1, 2, 3])
        .point(point(1, 1.0))
        .point(point(2, 2.0))
        .snapshot()
        .keepalive(5)
        .bytes();
    let noise = noise(4_000);
    let server = match via {
        Via::Pipes => None,
        Via::Socket => Some(SocketServer::start(PROGRAM, KEEPER)),
    };
    for change in noise
        .chunks(8)
        .take(if via == Via::Pipes { 100 } else { 500 })
    {
        let mut input = requests.clone();
        for pair in change.chunks(2) {
            let at = (usize::from(pair[0]) * 7 + usize::from(pair[1])) % input.len();
            input[at] ^= pair[1] | 1;
        }
        let (process, mut connection) = match &server {
            None => {
                let (process, connection) = Process::on_pipes(PROGRAM, KEEPER);
                (Some(process), connection)
            }
            Some((_, server)) => (None, server.connect()),
        };
        // The UDF may end before it has read everything.
        let _ = connection.write(&input);
        connection.close_input();
        let answer = connection.answer();
        if let Some(mut process) = process {
            assert_eq!(
                process.wait(),
                Some(i32::from(answer.failed())),
                "{change:?}"
            );
            assert!(!process.log().contains("panicked"), "{}", process.log());
        }
    }
    if let Some((process, server)) = &server {
        server.is_alive();
        assert!(!process.log().contains("panicked"), "{}", process.log());
    }
}

/// A refused restore does not end the agent: it gets its answer.
#[test]
fn a_restore_of_the_largest_size_is_answered() {
    let mut udf = Udf::start(Via::Pipes, PROGRAM, KEEPER);
    let snapshot = noise(32 * MIB);
    let requests = ready().request(Message::Restore(RestoreRequest { snapshot }));
    let writing = udf.connection.write_aside(requests.bytes());
    expect_next(&mut udf, "init accepted");
    expect_next(&mut udf, "restore refused");
    writing.join().unwrap();
    udf.connection.close_input();
    assert_eq!(udf.ended(), Some(0));
}
