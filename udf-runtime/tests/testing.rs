//! The test kit, as authors of UDFs use it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use udf_runtime::proto::{BeginBatch, EdgeType, EndBatch, InitRequest};
use udf_runtime::testing::{
    Cuts, FailureKind, HandlerHarness, Harness, Level, LevelFilter, Script, assert_lines,
};
use udf_runtime::{Handler, Info, Limits, SendError, Sender, Verdict, line::Precision, prelude::*};

/// Sums up a field for each group.
#[udf(stream, tick = "10s")]
struct Sum {
    /// Field to sum up.
    field: String,
    /// Points that count.
    #[option(default = 1_000, range = 1..)]
    most: u64,
    /// Factor of each value.
    #[option(default = 1.0)]
    factor: f64,
    /// How long to wait.
    #[option(default = "1m")]
    wait: Duration,
    /// Whether to be strict.
    #[option(flag)]
    strict: bool,
    #[state(expire = "100s")]
    sums: PerGroup<f64>,
    #[state]
    ticks: i64,
}

impl OnPoint for Sum {
    fn on_init(&mut self, task: &Task) -> Result<()> {
        if self.field == "unwanted" {
            bail!("{} of {} does not want it", task.node_id(), task.task_id());
        }
        Ok(())
    }

    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let value = point.number(&self.field)?;
        assert!(value < 1e9, "too much");
        let sum = self.sums.of(&point);
        *sum += value * self.factor;
        point.set_field("sum", *sum);
        out.point(point)
    }

    fn on_tick(&mut self, now: i64, out: &mut StreamOutput) -> Result<()> {
        self.ticks += 1;
        let mut point = Point::new("tick");
        point.set_time(now);
        point.set_field("number", self.ticks);
        out.point(point)
    }

    fn on_stop(&mut self, out: &mut StreamOutput) -> Result<()> {
        let mut point = Point::new("end");
        point.set_field("groups", self.sums.len() as i64);
        out.point(point)
    }
}

/// Keeps the points of each batch that are above a limit.
#[udf(batch)]
struct Above {
    #[option(default = 0.0)]
    limit: f64,
    #[state]
    batches: i64,
}

impl OnBatch for Above {
    fn on_batch(&mut self, mut batch: Batch, out: &mut BatchOutput) -> Result<()> {
        self.batches += 1;
        let limit = self.limit;
        batch
            .points_mut()
            .retain(|point| point.number("v").is_ok_and(|value| value > limit));
        out.batch(batch)
    }
}

fn sum() -> Harness<Sum> {
    Harness::setup()
        .options(".field('v')")
        .group_by(["host"])
        .start()
        .expect("the options are right")
}

// ---- options ----

#[test]
fn options_are_those_of_a_tickscript() {
    let udf =
        Harness::<Sum>::new(".field('it\\'s').most(5).factor(-2.5)\n  .wait(1500ms).strict()")
            .unwrap();
    let Sum {
        field,
        most,
        factor,
        wait,
        strict,
        ..
    } = udf.udf();
    assert_eq!((&**field, *most, *factor, *strict), ("it's", 5, -2.5, true));
    assert_eq!(*wait, Duration::from_millis(1500));
}

#[test]
fn options_are_assignments_as_well() {
    let setup = Harness::<Sum>::setup()
        .set("field=v")
        .set("most=7")
        .set("wait=2h");
    let udf = setup.start().unwrap();
    assert_eq!(udf.udf().most, 7);
    assert_eq!(udf.udf().wait, Duration::from_secs(7200));
}

#[test]
fn refused_options_are_a_value_with_all_problems() {
    let failure = Harness::<Sum>::new(".field(5).most(0).factor(\"x\").sise(1)").unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Refused);
    let names: Vec<_> = failure.problems().map(|problem| problem.option()).collect();
    assert_eq!(names, ["field", "most", "factor", "sise"]);
    for problem in failure.problems() {
        assert!(failure.text().contains(&problem.to_string()), "{failure}");
    }
    assert!(
        failure
            .text()
            .contains("found a reference, which has double quotes"),
        "{failure}"
    );
}

#[test]
fn an_error_of_on_init_refuses_without_problems_of_options() {
    let setup = Harness::<Sum>::setup().options(".field('unwanted')");
    let failure = setup.task("cpu", "sum9").start().unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Refused);
    assert_eq!(failure.text(), "sum9 of cpu does not want it");
    assert_eq!(failure.problems().count(), 0);
}

#[test]
fn a_mistake_in_the_options_text_is_the_tests_own() {
    for (setup, expected) in [
        (
            Harness::<Sum>::setup().options(".field('v'"),
            "the options are not TICKscript: line 1, column 11: expected `,` or `)`, found the end",
        ),
        (
            Harness::<Sum>::setup().set("field").set("no=1"),
            "`field`: option \"field\": expected a STRING, found no value",
        ),
    ] {
        let failure = setup.start().unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Test);
        assert!(failure.text().starts_with(expected), "{failure}");
    }
}

// ---- input and output ----

#[test]
fn lines_are_grouped_and_keep_the_order_of_their_fields() {
    let sent = sum().lines(
        "
        m,host=a z=1,v=1,a=2i 1
        # A comment.
        m,host=b v=10 2
        m,host=a v=2 3",
    );
    let sent = sent.unwrap();
    assert_eq!(
        sent,
        "m,host=a z=1,v=1,a=2i,sum=1 1\nm,host=b v=10,sum=10 2\nm,host=a v=2,sum=3 3\n"
    );
    assert_eq!(sent.points()[1].group(), "host=b");
}

#[test]
fn points_are_grouped_as_lines_are() {
    let mut udf = sum();
    let of = |host, value| {
        let mut point = Point::new("m");
        point.set_tag("host", host);
        point.set_field("v", value);
        point
    };
    let sent = udf
        .points([of("a", 1.0), of("b", 10.0), of("a", 2.0)])
        .unwrap();
    let sums: Vec<_> = sent
        .points()
        .iter()
        .map(|point| point.float("sum").unwrap())
        .collect();
    assert_eq!(sums, [1.0, 10.0, 3.0]);
    assert_eq!(
        udf.lines("m,host=b v=1 9").unwrap(),
        "m,host=b v=1,sum=11 9\n"
    );
    assert_eq!(
        udf.point(of("a", 1.0)).unwrap().points()[0].group(),
        "host=a"
    );
}

#[test]
fn groups_have_their_name_and_all_tags_where_that_is_asked_for() {
    let setup = Harness::<Sum>::setup()
        .options(".field('v')")
        .group_by(["*"])
        .by_name();
    let mut udf = setup.start().unwrap();
    let sent = udf.lines("m,b=2,a=1 v=1 1").unwrap();
    assert_eq!(sent.points()[0].group(), "m\na=1,b=2");
    let mut point = Point::new("m");
    point.set_tag("b", "2");
    point.set_tag("a", "1");
    point.set_field("v", 1.0);
    let sent = udf.point(point).unwrap();
    assert_eq!(
        sent.points()[0].float("sum").unwrap(),
        2.0,
        "it is the same group"
    );
}

#[test]
fn lines_become_batches_by_group_and_period() {
    let setup = Harness::<Above>::setup()
        .options(".limit(1.0)")
        .group_by(["host"])
        .period(Duration::from_nanos(10));
    let mut udf = setup.start().unwrap();
    let sent = udf
        .lines("m,host=a v=2 3\nm,host=b v=1 4\nm,host=a v=3 1\nm,host=a v=5 12")
        .unwrap();
    sent.assert_lines(
        r#"
        # batch "m", group "host=a", tmax 10
        m,host=a v=3 1
        m,host=a v=2 3
        # batch "m", group "host=b", tmax 10
        # batch "m", group "host=a", tmax 20
        m,host=a v=5 12
        "#,
    );
    assert_lines(
        &sent.lines(),
        "m,host=a v=3 1\nm,host=a v=2 3\nm,host=a v=5 12",
    );
    assert_eq!(udf.udf().batches, 3);
}

#[test]
fn batches_come_back_whole_however_large() {
    let mut batch = Batch::new("m");
    batch.set_tag("host", "a");
    for time in 0..20_000 {
        let mut point = Point::new("");
        point.set_time(time);
        point.set_field("v", 1.0);
        batch.push(point);
    }
    batch.set_tmax(77_777);
    let sent = Harness::<Above>::new("").unwrap().batch(batch).unwrap();
    let [batch] = sent.batches() else {
        panic!("{sent}")
    };
    assert_eq!(
        (batch.len(), batch.group(), batch.tmax()),
        (20_000, "host=a", 77_777)
    );
    assert_eq!(batch.points()[19_999].time(), 19_999);
}

#[test]
fn times_have_the_precision_of_the_setup() {
    let setup = Harness::<Sum>::setup()
        .options(".field('v')")
        .precision(Precision::Seconds);
    let mut udf = setup.start().unwrap();
    let sent = udf.lines("m v=1 60").unwrap();
    assert_eq!(sent, "m v=1,sum=1 60\n");
    assert_eq!(sent.points()[0].time(), 60_000_000_000);
}

#[test]
fn what_no_line_can_hold_is_in_a_comment() {
    let mut udf = sum();
    udf.udf_mut().factor = f64::INFINITY;
    let sent = udf.lines("m v=1 1").unwrap();
    sent.assert_lines(
        "
        m v=1 1
        # field `sum` is inf, which line protocol does not have: the field is left out
        ",
    );
    assert_eq!(sent.lines(), "m v=1 1\n");
}

#[test]
fn a_file_is_read_and_named_when_it_is_bad() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input.lp");
    std::fs::write(&path, "m v=1 1\nm v=2 2\n").unwrap();
    assert_eq!(sum().file(&path).unwrap().points().len(), 2);
    std::fs::write(&path, "m v=1 1\nm v=x 2\n").unwrap();
    let failure = sum().file(&path).unwrap_err();
    let expected = format!(
        "{}: the input is not line protocol: line 2, column 5: ",
        path.display()
    );
    assert!(failure.text().starts_with(&expected), "{failure}");
    let failure = sum().file(folder.path().join("none")).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Test);
}

#[test]
fn a_bad_line_sends_nothing_and_ends_nothing() {
    let mut udf = sum();
    let failure = udf.lines("m v=1 1\nm text=\"a\nb\" 1\nm").unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Test);
    assert!(failure.text().contains("line 4, "), "{failure}");
    assert_eq!(udf.lines("m v=1 1").unwrap(), "m v=1,sum=1 1\n");
}

#[test]
fn input_of_the_other_edge_is_a_mistake_of_the_test() {
    let failure = sum().batch(Batch::new("m")).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Test);
    let failure = Harness::<Above>::new("")
        .unwrap()
        .point(Point::new("m"))
        .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Test);
}

#[test]
fn the_end_of_the_input_calls_on_stop_and_nothing_follows() {
    let mut udf = sum();
    udf.lines("m,host=a v=1 1").unwrap();
    assert_eq!(udf.stop().unwrap(), "end groups=1i 0\n");
    let failure = udf.lines("m v=1 1").unwrap_err();
    assert_eq!(failure.text(), "the UDF has ended: it was stopped");
}

#[test]
fn unequal_lines_are_shown_as_a_difference() {
    let sent = sum().lines("m,host=a v=1 1\nm,host=a v=2 2").unwrap();
    let panic = std::panic::catch_unwind(|| {
        sent.assert_lines("m,host=a v=1,sum=1 1\nm,host=a v=2,sum=4 2")
    });
    let text = *panic.unwrap_err().downcast::<String>().unwrap();
    assert!(
        text.contains("  m,host=a v=1,sum=1 1\n- m,host=a v=2,sum=4 2\n+ m,host=a v=2,sum=3 2\n"),
        "{text}"
    );
}

// ---- time ----

#[test]
fn ticks_come_when_the_test_lets_time_pass() {
    let mut udf = sum();
    assert!(udf.advance(Duration::from_secs(9)).unwrap().is_empty());
    udf.advance(Duration::from_secs(11))
        .unwrap()
        .assert_lines("tick number=1i 10000000000\ntick number=2i 20000000000");
    assert_eq!(udf.now(), 20_000_000_000);
    // Data that is later moves the clock, and passes ticks.
    let sent = udf.lines("m v=1 45000000000").unwrap();
    assert_eq!(sent.points().len(), 1);
    assert_eq!(
        udf.advance(Duration::from_secs(5)).unwrap(),
        "tick number=3i 50000000000\n"
    );
}

#[test]
fn groups_expire_by_the_clock_and_the_data() {
    let mut udf = Harness::<Sum>::setup()
        .options(".field('v')")
        .group_by(["host"])
        .precision(Precision::Seconds)
        .start()
        .unwrap();
    udf.lines("m,host=a v=1 0\nm,host=b v=1 0\nm,host=b v=1 90")
        .unwrap();
    assert_eq!(udf.udf().sums.len(), 2);
    udf.lines("m,host=b v=1 130").unwrap();
    assert_eq!(
        udf.udf().sums.len(),
        1,
        "the data says that time has passed"
    );

    // A clock that the test has set knows that the second point is from the future.
    let mut udf = Harness::<Sum>::setup()
        .options(".field('v')")
        .group_by(["host"])
        .precision(Precision::Seconds)
        .clock(1_000_000_000)
        .start()
        .unwrap();
    udf.lines("m,host=a v=1 1\nm,host=b v=1 1000").unwrap();
    assert_eq!(udf.udf().sums.len(), 2);
    assert_eq!(udf.lines("m,host=a v=1").unwrap(), "m,host=a v=1,sum=2 1\n");
}

// ---- state ----

#[test]
fn a_restart_keeps_the_state_and_nothing_else() {
    let mut udf = sum();
    udf.lines("m,host=a v=1 1").unwrap();
    udf.udf_mut().factor = 100.0;
    udf.restart().unwrap();
    assert_eq!(
        udf.lines("m,host=a v=1 2").unwrap(),
        "m,host=a v=1,sum=2 2\n"
    );
}

#[test]
fn a_snapshot_is_restored_into_a_new_udf() {
    let mut udf = sum();
    let fresh = udf.snapshot().unwrap();
    udf.lines("m,host=a v=1 1").unwrap();
    let full = udf.snapshot().unwrap();
    udf.restore(&fresh).unwrap();
    assert_eq!(udf.udf().sums.len(), 0);
    udf.restore(&full).unwrap();
    assert_eq!(udf.udf().sums.len(), 1);
    // Kapacitor keeps no empty one, so that there is nothing to restore.
    udf.restore(&[]).unwrap();
    assert_eq!(udf.udf().sums.len(), 0);
}

#[test]
fn a_snapshot_that_does_not_fit_is_refused() {
    let mut udf = sum();
    let failure = udf.restore(b"garbage").unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Refused);
    assert!(failure.text().contains("snapshot"), "{failure}");
    let failure = udf.lines("m v=1 1").unwrap_err();
    assert!(
        failure.text().starts_with("the UDF has ended: "),
        "{failure}"
    );
    let other = Harness::<Above>::new("").unwrap().snapshot().unwrap();
    assert_eq!(
        sum().restore(&other).unwrap_err().kind(),
        FailureKind::Refused
    );
}

#[test]
fn a_udf_that_keeps_all_its_state_is_restored_everywhere() {
    let script = Script::new()
        .lines("m,host=a v=1 1\nm,host=b v=5 2\nm,host=a v=2 3")
        .advance(Duration::from_secs(25))
        .lines("m,host=b v=2 30000000000")
        .advance(Duration::from_secs(15));
    let setup = Harness::<Sum>::setup()
        .options(".field('v')")
        .group_by(["host"]);
    setup.restore_everywhere(script).unwrap();

    let lines: String = (0..1_000)
        .map(|time| format!("m,host=h{} v=1 {time}\n", time % 7))
        .collect();
    setup.restore_everywhere(&lines).unwrap();
    setup
        .restore_at(&lines, Cuts::Random { count: 5, seed: 3 })
        .unwrap();

    // The sum is NaN, which is not equal to itself.
    let setup = Harness::<Sum>::setup().options(".field('v').factor(0.0)");
    let mut point = Point::new("m");
    point.set_field("v", f64::NEG_INFINITY);
    setup
        .restore_everywhere(vec![point.clone(), point])
        .unwrap();

    let setup = Harness::<Above>::setup().group_by(["host"]);
    setup
        .restore_everywhere("m,host=a v=1 1\nm,host=b v=1 1")
        .unwrap();
}

/// Sends the last value with each point, and loses it in a restore once it has seen a large one.
#[udf(stream)]
struct Forgetful {
    #[state]
    last: f64,
    #[skip]
    large: bool,
}

impl OnPoint for Forgetful {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        self.large |= point.number("v")? >= 100.0;
        if self.large {
            point.set_field("large", true);
        }
        point.set_field("last", self.last);
        self.last = point.number("v")?;
        out.point(point)
    }
}

#[test]
fn the_report_shows_the_shortest_input() {
    let lines: String = (0..300)
        .map(|time| format!("m v={} {time}\n", (time % 10) * 20))
        .collect();
    let setup = Harness::<Forgetful>::setup();
    let difference = setup
        .restore_at(&lines, Cuts::Random { count: 30, seed: 1 })
        .unwrap_err();
    let cut = difference.cut().unwrap();
    assert!((6..=300).contains(&cut), "{difference}");
    let text = difference.to_string();
    let input: Vec<_> = text
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .collect();
    let [first, "  --- snapshot and restore ---", second] = &*input else {
        panic!("{difference}")
    };
    assert!(
        first.starts_with("  m v=1") && second.starts_with("  m v="),
        "{difference}"
    );
    assert!(
        text.contains("large=T") || text.contains("large=true"),
        "{difference}"
    );
    assert!(
        text.contains(&format!("300 steps and is cut after step {cut} (seed 1)")),
        "{difference}"
    );
}

/// Counts its snapshots in its output.
#[udf(stream, custom_state)]
struct Counting {
    #[skip]
    snapshots: AtomicI64,
}

impl OnPoint for Counting {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        point.set_field("snapshots", self.snapshots.load(Ordering::Relaxed));
        out.point(point)
    }
}

impl CustomState for Counting {
    fn snapshot(&self) -> Result<Vec<u8>> {
        Ok(vec![self.snapshots.fetch_add(1, Ordering::Relaxed) as u8])
    }

    fn restore(&mut self, state: &[u8]) -> Result<()> {
        match state {
            [0] => Ok(()),
            _ => bail!("cannot be read"),
        }
    }
}

#[test]
fn a_snapshot_that_changes_the_udf_or_is_refused_is_reported() {
    let error = Harness::<Counting>::setup()
        .restore_everywhere("m v=1 1")
        .unwrap_err();
    assert_eq!(error.cut(), None);
    assert!(
        error
            .to_string()
            .starts_with("the output of step 1 differs since snapshots"),
        "{error}"
    );

    let mut udf = Harness::<Counting>::new("").unwrap();
    udf.snapshot().unwrap();
    assert_eq!(udf.restart().unwrap_err().text(), "cannot be read");
}

// ---- faults ----

#[test]
fn an_error_says_what_the_task_shows_after_what_was_sent() {
    let mut udf = sum();
    let failure = udf
        .lines("m,host=a v=1 1\nm,host=a w=1 2\nm,host=a v=1 3")
        .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Ended);
    assert!(
        failure.text().starts_with("option .field('v'): "),
        "{failure}"
    );
    assert!(
        failure
            .text()
            .ends_with("(point 2: name \"m\", group \"host=a\", time 2)"),
        "{failure}"
    );
    assert_eq!(failure.sent(), "m,host=a v=1,sum=1 1\n");
    let again = udf.advance(Duration::from_secs(10)).unwrap_err();
    assert_eq!(again.kind(), FailureKind::Test);
    assert!(again.text().ends_with(failure.text()), "{again}");
}

#[test]
fn a_panic_is_an_error_of_its_point() {
    let failure = sum().lines("m v=1 1\nm v=1e9 2").unwrap_err();
    assert_eq!(failure.text(), "point panicked: too much (point 2)");
    assert_eq!(failure.sent().points().len(), 1);
}

#[test]
fn a_host_that_is_gone_takes_no_more() {
    let mut udf = sum();
    udf.disconnect_after(2);
    let failure = udf.lines("m v=1 1\nm v=1 2\nm v=1 3").unwrap_err();
    assert_eq!(failure.kind(), FailureKind::HostGone);
    assert_eq!(failure.sent().points().len(), 2);
    assert!(
        failure.text().starts_with("writing to Kapacitor failed"),
        "{failure}"
    );

    let mut udf = sum();
    udf.disconnect();
    assert_eq!(udf.stop().unwrap_err().kind(), FailureKind::HostGone);

    let mut udf = sum();
    udf.disconnect();
    assert_eq!(udf.snapshot().unwrap_err().kind(), FailureKind::HostGone);
}

/// Sends each point twice, if it is not too large.
#[udf(stream, on_error = "drop")]
struct Twice;

impl OnPoint for Twice {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point.clone())?;
        out.point(point)
    }
}

#[test]
fn an_output_that_is_too_large_fails_only_where_the_author_says_so() {
    let mut limits = Limits::default();
    limits.message_bytes = 64;
    // The error is logged, and the next point handled.
    let mut udf = Harness::<Twice>::setup()
        .limits(limits.clone())
        .start()
        .unwrap();
    let failure = udf
        .lines(format!("m v=\"{}\" 1\nm v=1 2", "x".repeat(64)))
        .unwrap_err();
    // A point that large does not even come in.
    assert_eq!(failure.kind(), FailureKind::Ended);

    let mut udf = Harness::<Growing>::setup().limits(limits).start().unwrap();
    let failure = udf.lines("m v=1 1").unwrap_err();
    assert!(
        failure.text().contains("larger than the limit of 64 bytes"),
        "{failure}"
    );
}

/// Sends what is too large.
#[udf(stream)]
struct Growing;

impl OnPoint for Growing {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        point.set_field("text", &*"x".repeat(100));
        out.point(point)
    }
}

// ---- threads ----

/// Lets a thread send what comes, and one point before.
#[udf(stream)]
struct Threaded {
    #[skip]
    worker: Option<mpsc::Sender<Point>>,
    #[skip]
    ended: Option<mpsc::Receiver<SendError>>,
}

impl OnPoint for Threaded {
    fn on_init(&mut self, task: &Task) -> Result<()> {
        let sender = task.sender();
        let (worker, points) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        sender.point(&Point::new("early"))?;
        thread::spawn(move || {
            for point in points {
                if Point::name(&point) == "poison" {
                    sender.fail(udf_runtime::Error::msg("the worker fails"));
                } else if sender.point(&point).is_err() {
                    break;
                }
            }
            // As a poller does, until the UDF has ended.
            let error = loop {
                if let Err(error) = sender.point(&Point::new("late")) {
                    break error;
                }
                thread::yield_now();
            };
            let _ = end.send(error);
        });
        (self.worker, self.ended) = (Some(worker), Some(ended));
        Ok(())
    }

    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point.clone())?;
        self.worker
            .as_ref()
            .expect("`on_init` made it")
            .send(point)?;
        Ok(())
    }
}

#[test]
fn what_threads_send_is_waited_for_and_kept_apart() {
    let mut udf = Harness::<Threaded>::new("").unwrap();
    assert_eq!(udf.lines("m v=1 1\nm v=2 2").unwrap(), "m v=1 1\nm v=2 2\n");
    let sent = udf.wait_for_output(3).unwrap();
    let names: Vec<_> = sent
        .points()
        .iter()
        .map(|point| (point.name(), point.time()))
        .collect();
    assert_eq!(names, [("early", 0), ("m", 1), ("m", 2)]);
    assert!(udf.wait_for_output(0).unwrap().is_empty());
}

#[test]
fn a_thread_ends_the_udf_with_its_error() {
    let mut udf = Harness::<Threaded>::new("").unwrap();
    udf.lines("m v=1 1\npoison v=1 2").unwrap();
    let failure = udf.wait_for_output(100).unwrap_err();
    assert_eq!(
        (failure.kind(), failure.text()),
        (FailureKind::Ended, "the worker fails")
    );
    assert_eq!(failure.sent().points()[0].name(), "early");
    let failure = udf.lines("m v=1 1").unwrap_err();
    assert_eq!(failure.text(), "the UDF has ended: the worker fails");
}

#[test]
fn threads_end_when_the_harness_is_dropped() {
    let mut udf = Harness::<Threaded>::new("").unwrap();
    let ended = udf.udf_mut().ended.take().unwrap();
    drop(udf);
    let error = ended.recv_timeout(Duration::from_secs(60)).unwrap();
    assert!(matches!(error, SendError::Closed));
}

#[test]
fn the_failure_of_a_thread_is_waited_for() {
    let mut udf = Harness::<Threaded>::new("").unwrap();
    // The thread fails at any time from here on. The call that has caused it does not show that.
    udf.lines("poison v=1 1").unwrap();
    let failure = udf.wait_for_failure();
    assert_eq!(
        (failure.kind(), failure.text()),
        (FailureKind::Ended, "the worker fails")
    );
    let failure = udf.wait_for_failure();
    assert_eq!(
        (failure.kind(), failure.text()),
        (FailureKind::Test, "the UDF has ended: the worker fails")
    );
}

#[test]
fn a_callback_that_ends_the_udf_fails_the_call_of_its_input() {
    /// Ends itself by its sender.
    #[udf(stream)]
    struct Ending {
        #[skip]
        sender: Option<Sender>,
    }

    impl OnPoint for Ending {
        fn on_init(&mut self, task: &Task) -> Result<()> {
            self.sender = Some(task.sender());
            Ok(())
        }

        fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
            let sender = self.sender.as_ref().expect("`on_init` made it");
            sender.fail(udf_runtime::Error::msg("enough"));
            out.point(point)
        }
    }

    let mut udf = Harness::<Ending>::new("").unwrap();
    let failure = udf.lines("m v=1 1").unwrap_err();
    assert_eq!(
        (failure.text(), failure.sent().points().len()),
        ("enough", 1)
    );
}

// ---- log ----

/// Logs in every callback.
#[udf(stream, tick = "10s", on_error = "drop")]
struct Talking {
    name: String,
    #[state]
    seen: i64,
}

impl OnPoint for Talking {
    fn on_init(&mut self, _: &Task) -> Result<()> {
        info!("{} begins", self.name);
        Ok(())
    }

    fn on_point(&mut self, point: Point, _: &mut StreamOutput) -> Result<()> {
        self.seen += 1;
        point.number("v")?;
        debug!("a detail");
        warn!("{} has seen {}", self.name, self.seen);
        Ok(())
    }

    fn on_tick(&mut self, _: i64, _: &mut StreamOutput) -> Result<()> {
        error!("{} ticks", self.name);
        Ok(())
    }
}

fn talking(name: &str, level: LevelFilter) -> Harness<Talking> {
    let setup = Harness::<Talking>::setup().options(&format!(".name('{name}')"));
    let started = setup.capture_log(level).start();
    started.expect("it has all options")
}

#[test]
fn the_log_has_the_levels_and_texts_of_the_callbacks() {
    let mut udf = talking("a", LevelFilter::Info);
    udf.lines("m v=1 1").unwrap();
    udf.advance(Duration::from_secs(10)).unwrap();
    let log = udf.log();
    assert_eq!(log, "INFO a begins\nWARN a has seen 1\nERROR a ticks\n");
    assert_eq!(log.records().nth(1), Some((Level::Warn, "a has seen 1")));
    assert_ne!(log, "INFO a begins\n");
    assert!(udf.log().is_empty());
    // The next UDF writes to the same log, and the SDK as well.
    udf.restart().unwrap();
    udf.lines("m w=1 1").unwrap();
    let log = udf.log().to_string();
    assert!(log.starts_with("INFO a begins\n"), "{log}");
    assert!(
        log.contains("ERROR point dropped: the point has no field \"v\""),
        "{log}"
    );

    let mut udf = talking("b", LevelFilter::Debug);
    udf.lines("m v=1 1").unwrap();
    assert!(udf.log().to_string().contains("DEBUG a detail\n"));
    // What the test itself logs is not the UDF's.
    warn!("by the test");
    assert!(udf.log().is_empty());
}

#[test]
fn the_logs_of_tests_that_run_side_by_side_are_kept_apart() {
    let both = Arc::new(Barrier::new(2));
    let run = |name: &'static str| {
        let both = both.clone();
        thread::spawn(move || {
            let mut udf = talking(name, LevelFilter::Warn);
            let mut expected = String::new();
            for seen in 1..100 {
                both.wait();
                udf.lines("m v=1 1").unwrap();
                expected += &format!("WARN {name} has seen {seen}\n");
            }
            assert_eq!(udf.log(), &*expected);
        })
    };
    for test in [run("a"), run("b")] {
        test.join().unwrap();
    }
}

#[test]
#[should_panic(expected = "help: call `capture_log` on the setup")]
fn a_log_that_was_not_captured_is_a_mistake_of_the_test() {
    sum().log();
}

// ---- handlers ----

/// Adds up batches; written by hand.
struct Total {
    sum: i64,
    factor: i64,
}

impl Handler for Total {
    type Output = StreamOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(EdgeType::Batch))
    }

    fn init(&mut self, init: InitRequest, _: Sender) -> Result<Verdict> {
        Ok(match &*init.options {
            [] => Verdict::Accepted,
            [option, ..] => Verdict::Refused(format!("unknown option {}", option.name)),
        })
    }

    fn begin_batch(&mut self, _: BeginBatch, _: &mut StreamOutput) -> Result<()> {
        Ok(())
    }

    fn point(&mut self, point: Point, _: &mut StreamOutput) -> Result<()> {
        self.sum += point.int("v")? * self.factor;
        Ok(())
    }

    fn end_batch(&mut self, end: EndBatch, out: &mut StreamOutput) -> Result<()> {
        let mut point = Point::new(&end.name);
        point.set_time(end.tmax);
        point.set_field("sum", self.sum);
        out.point(point)
    }

    fn snapshot(&mut self) -> Result<Vec<u8>> {
        Ok(self.sum.to_le_bytes().to_vec())
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<Verdict> {
        self.sum = i64::from_le_bytes(snapshot.try_into()?);
        Ok(Verdict::Accepted)
    }
}

#[test]
fn a_handler_written_by_hand_is_tested_as_a_udf_is() {
    let setup = HandlerHarness::of(|| Total { sum: 0, factor: 2 });
    let mut total = setup.start().unwrap();
    assert_eq!(total.lines("m v=1i 1\nm v=2i 2").unwrap(), "m sum=6i 2\n");
    total.handler_mut().factor = 3;
    assert_eq!(total.lines("m v=1i 3").unwrap(), "m sum=9i 3\n");
    total.restart().unwrap();
    assert_eq!(total.handler().factor, 2);
    assert_eq!(total.lines("m v=1i 4").unwrap(), "m sum=11i 4\n");
    let batches = ["a", "b"].map(|name| {
        let mut batch = Batch::new(name);
        let mut point = Point::now(name);
        point.set_field("v", 1);
        batch.push(point);
        batch
    });
    let sent = total.batches(batches).unwrap().into_points();
    let sums = [0, 1].map(|index: usize| sent[index].int("sum"));
    assert_eq!(sums, [Ok(13), Ok(15)]);
    let failure = total.point(Point::new("m")).unwrap_err();
    assert!(failure.text().contains("wants batches"), "{failure}");

    setup.restore_everywhere("m v=1i 1\nn v=2i 2").unwrap();
    let refused = setup.clone().options(".size(1)").start().unwrap_err();
    assert_eq!(
        (refused.kind(), refused.text()),
        (FailureKind::Refused, "unknown option size")
    );
    let mistake = setup.set("size=1").start().unwrap_err();
    assert_eq!(mistake.kind(), FailureKind::Test);
}
