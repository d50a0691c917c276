//! Mistakes of a UDF's author. None of them harms Kapacitor, other connections or, where possible, the
//! UDF itself.

use fault_tests::{Signal, Udf, Via, both_ways};
use support::requests::{Requests, option, point, string};
use udf_runtime::proto::{Point, response::Message};

const PROGRAM: &str = env!("CARGO_BIN_EXE_faulty-udfs");
const MISBEHAVING: &[&str] = &["misbehaving"];
/// Kapacitor stops reading at a line of this many bytes.
const LONGEST_LINE: usize = 64 * 1024;

fn ready() -> Requests {
    Requests::new().init([])
}

fn act(time: i64, act: &str) -> Point {
    let mut point = point(time, 1.0);
    point.fields_string.insert("act".into(), act.into());
    point
}

/// Three points, of which the second makes the UDF do something.
fn acts(what: &str) -> Requests {
    ready()
        .point(point(1, 1.0))
        .point(act(2, what))
        .point(point(3, 1.0))
        .keepalive(4)
}

/// Lets a UDF do something that it survives, then ends it.
#[track_caller]
fn survives(via: Via, what: &str) -> Udf {
    let mut udf = Udf::start(via, PROGRAM, MISBEHAVING);
    udf.connection.send(acts(what)).close_input();
    let expected = [
        "init accepted",
        "point at 1",
        "point at 2",
        "point at 3",
        "keepalive 4",
    ];
    udf.connection.answer().expect(what, &expected);
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(0), "{what}");
    udf
}

/// Lets a UDF do something that ends it with this error.
#[track_caller]
fn fails(via: Via, what: &str, error: &str) -> Udf {
    let mut udf = Udf::start(via, PROGRAM, MISBEHAVING);
    udf.connection.send(acts(what)).close_input();
    let answer = udf.connection.answer();
    answer.expect(what, &["init accepted", "point at 1", error]);
    // The error becomes the task's status and a line in the log.
    assert!(
        answer.error().len() < LONGEST_LINE,
        "{} bytes",
        answer.error().len()
    );
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(1), "{what}");
    udf
}

/// Checks that no line of the log is so long that Kapacitor stops reading.
#[track_caller]
fn logs_short_lines(udf: &Udf) {
    let log = udf.process.log();
    let longest = log.lines().map(str::len).max().unwrap_or_default();
    assert!(longest < LONGEST_LINE, "a line of {longest} bytes");
    assert!(log.len() < 2 * LONGEST_LINE, "{} bytes", log.len());
}

both_ways! {
    an_error_names_its_point
    a_tolerated_error_names_its_point
    a_point_too_large_to_send_follows_the_error_policy
    a_panic_ends_its_agent_and_says_where
    a_panic_of_any_callback_ends_its_agent
    a_panic_in_a_thread_ends_nothing_else
    texts_of_a_mebibyte_are_cut
    prints_go_into_the_log
    an_exit_ends_the_process_with_whole_frames
    a_poisoned_lock_ends_nothing_else
    sends_after_the_end_are_refused
    the_wrong_edge_is_refused
    ten_threads_send_while_batches_are_open
}

fn an_error_names_its_point(via: Via) {
    let error =
        "error: this point is not to my liking (point 2: name \"cpu\", group \"group=a\", time 2)";
    fails(via, "fail", error)
        .process
        .logs("this point is not to my liking");
}

/// The text is the same as for an error that ends the UDF.
fn a_tolerated_error_names_its_point(via: Via) {
    for (udf, done, answers) in [
        ("dropping", "dropped", &["point at 1"][..]),
        (
            "passing",
            "passed on unchanged",
            &["point at 1", "point at 2"],
        ),
    ] {
        let mut udf = Udf::start(via, PROGRAM, &[udf]);
        udf.connection.send(acts("fail")).close_input();
        let expected = [&["init accepted"], answers, &["point at 3", "keepalive 4"]].concat();
        udf.connection.answer().expect(done, &expected);
        udf.process.logs(&format!(
            "point {done}: this point is not to my liking (name \"cpu\", group \"group=a\", time 2)"
        ));
        assert_eq!(udf.ended(), (via == Via::Pipes).then_some(0));
    }
}

fn a_point_too_large_to_send_follows_the_error_policy(via: Via) {
    for (udf, answers) in [
        ("misbehaving", &["point at 1", "error: a message of "][..]),
        ("dropping", &["point at 1", "point at 3", "keepalive 4"]),
        (
            "passing",
            &["point at 1", "point at 2", "point at 3", "keepalive 4"],
        ),
    ] {
        let mut udf = Udf::start(via, PROGRAM, &[udf, "--message-limit", "10000"]);
        udf.connection.send(acts("grow")).close_input();
        let expected = [&["init accepted"], answers].concat();
        udf.connection.answer().expect("too large", &expected);
        udf.process.logs("is larger than the limit of 10000 bytes");
        let code = i32::from(answers.len() == 2);
        assert_eq!(udf.ended(), (via == Via::Pipes).then_some(code));
    }
}

fn a_panic_ends_its_agent_and_says_where(via: Via) {
    let error = "error: point panicked: this point is more than I can bear (at tests/faults/src/bin/faulty_udfs.rs:";
    fails(via, "panic", error);
    fails(
        via,
        "panic with a value",
        "error: point panicked: a value that is not text (at ",
    );
}

fn a_panic_of_any_callback_ends_its_agent(via: Via) {
    for (callback, requests, answers) in [
        ("init", Requests::new(), &[][..]),
        (
            "restore",
            Requests::new().restore(&envelope()),
            &["init accepted"],
        ),
        ("snapshot", Requests::new().snapshot(), &["init accepted"]),
        (
            "stop",
            Requests::new().keepalive(1),
            &["init accepted", "keepalive 1"],
        ),
    ] {
        let mut udf = Udf::start(via, PROGRAM, MISBEHAVING);
        let init = Requests::new().init([option("panic_in", [string(callback)])]);
        udf.connection
            .send(init.raw(&requests.bytes()))
            .close_input();
        let error = format!("error: {callback} panicked: a panic in {callback} (at ");
        let expected = [answers, &[&*error]].concat();
        udf.connection.answer().expect(callback, &expected);
        assert_eq!(udf.ended(), (via == Via::Pipes).then_some(1), "{callback}");
    }
    let mut udf = Udf::start(via, PROGRAM, &["ticking"]);
    udf.connection
        .send(Requests::new().init([option("panic_in", [string("tick")])]));
    let answer = udf.connection.answer();
    answer.expect(
        "tick",
        &[
            "init accepted",
            "error: tick panicked: a panic in tick (at ",
        ],
    );
    udf.connection.close_input();
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(1));
}

fn envelope() -> Vec<u8> {
    let envelope = udf_runtime::state::Envelope {
        udf: "misbehaving",
        version: 1,
        state: &[1],
    };
    envelope.wrap()
}

fn a_panic_in_a_thread_ends_nothing_else(via: Via) {
    let udf = survives(via, "panic in a thread");
    udf.process.logs("panicked: all on my own (at ");
}

fn texts_of_a_mebibyte_are_cut(via: Via) {
    logs_short_lines(&survives(via, "log a lot"));
    logs_short_lines(&survives(via, "log lines"));
    logs_short_lines(&fails(
        via,
        "panic at length",
        "error: point panicked: a long story xxx",
    ));
    logs_short_lines(&fails(via, "fail at length", "error: a long story xxx"));
}

/// Kapacitor reads stdout as frames.
fn prints_go_into_the_log(via: Via) {
    let udf = survives(via, "print");
    if via == Via::Pipes {
        udf.process.logs("printed\nto stdout");
    }
    let udf = survives(via, "print a lot");
    if via == Via::Pipes {
        udf.process.logs("… (80000 bytes in all)\n");
        logs_short_lines(&udf);
    }
    let udf = survives(via, "start a child");
    if via == Via::Pipes {
        udf.process.logs("of a child\n");
    }
}

fn an_exit_ends_the_process_with_whole_frames(via: Via) {
    let mut udf = Udf::start(via, PROGRAM, MISBEHAVING);
    udf.connection.send(acts("exit")).close_input();
    let summary = udf.connection.answer().summary();
    assert!(summary.len() <= 2, "{summary:?}");
    assert_eq!(udf.process.wait(), Some(7));
}

fn a_poisoned_lock_ends_nothing_else(via: Via) {
    survives(via, "poison");
}

fn sends_after_the_end_are_refused(via: Via) {
    let mut udf = Udf::start(via, PROGRAM, MISBEHAVING);
    udf.connection.send(ready().point(act(1, "later"))).read();
    for _ in 0..10 {
        assert!(matches!(
            udf.connection.receive(),
            Some(Message::Init(_) | Message::Point(_))
        ));
    }
    udf.connection.close_input();
    // The model checks that the frames were whole.
    assert!(udf.connection.answer().points().count() >= 9);
    if via == Via::Socket {
        udf.process.logs("nothing can be sent any more: Closed");
    }
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(0));
}

fn the_wrong_edge_is_refused(via: Via) {
    survives(via, "wrong edge");
}

fn ten_threads_send_while_batches_are_open(via: Via) {
    let mut udf = Udf::start(via, PROGRAM, &["crowd"]);
    let mut requests = ready();
    for round in 0..5 {
        requests = (0..30).fold(requests.begin(30), |it, time| it.point(point(time, 1.0)));
        requests = requests.end(round);
    }
    udf.connection.send(requests).read().close_input();
    // The model checks that all batches are whole.
    let answer = udf.connection.answer();
    let batches = |message: &&Message| matches!(message, Message::End(_));
    assert_eq!(
        answer.messages.iter().filter(batches).count(),
        5 * (10 * 20 + 20)
    );
    assert_eq!(answer.points().count(), 5 * (10 * 20 + 20) * 30);
    assert!(answer.points().all(|point| point.name != "never sent"));
    assert_eq!(udf.ended(), (via == Via::Pipes).then_some(0));
}

/// Ticks that send while the host is silent, until the input ends.
#[test]
fn ticks_run_until_the_end_and_not_after_it() {
    let mut udf = Udf::start(Via::Pipes, PROGRAM, &["ticking"]);
    udf.connection.send(ready()).read();
    assert!(matches!(udf.connection.receive(), Some(Message::Init(_))));
    for _ in 0..5 {
        assert!(matches!(udf.connection.receive(), Some(Message::Point(it)) if it.name == "tick"));
    }
    udf.process.signal(Signal::SIGTERM);
    udf.connection.answer();
    assert_eq!(udf.ended(), Some(0));
}

/// Errors of frequent ticks that do not end the UDF are logged once in ten seconds.
#[test]
fn tolerated_errors_do_not_flood_the_log() {
    let mut udf = Udf::start(Via::Pipes, PROGRAM, &["ticking"]);
    udf.connection.send(ready());
    for time in 0..50 {
        udf.connection
            .send(Requests::new().point(act(time, "fail")));
        while !matches!(udf.connection.receive(), Some(Message::Point(it)) if it.name == "tick") {}
    }
    udf.connection.close_input();
    udf.connection.answer();
    assert_eq!(udf.ended(), Some(0));
    udf.process.logs("more errors like");
    let lines = udf.process.log().lines().count();
    assert!(lines < 10, "{lines} lines");
}
