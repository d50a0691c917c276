//! A UDF's state survives a stop of its task and a restart of kapacitord.

use std::path::PathBuf;
use std::time::Duration;

use kapacitor_tests::{Kapacitor, Task, Udf, Via, programs};

/// Long enough for a UDF to start, even on a busy machine. kapacitord crashes if it wants a snapshot before
/// the UDF has started.
const SNAPSHOTS: Duration = Duration::from_millis(500);

#[test]
fn state_survives_a_disabled_task_of_the_go_agent() {
    disable_and_enable(programs::go_example("moving_avg"), Via::Process);
}

#[test]
fn state_survives_a_restart_of_the_go_agent() {
    restart(programs::go_example("moving_avg"), Via::Process);
}

#[test]
fn state_survives_a_disabled_task_as_a_process() {
    disable_and_enable(programs::example("moving_avg"), Via::Process);
}

#[test]
fn state_survives_a_disabled_task_over_a_socket() {
    disable_and_enable(programs::example("moving_avg"), Via::Socket);
}

#[test]
fn state_survives_a_restart_as_a_process() {
    restart(programs::example("moving_avg"), Via::Process);
}

#[test]
fn state_survives_a_restart_over_a_socket() {
    restart(programs::example("moving_avg"), Via::Socket);
}

fn disable_and_enable(program: PathBuf, via: Via) {
    let kapacitor = start(program, via);
    kapacitor.stream(ID, SCRIPT);
    first_half(&kapacitor);
    kapacitor.task(ID).disable();
    kapacitor.settle(ID);
    kapacitor.task(ID).enable();
    second_half(&kapacitor);
}

fn restart(program: PathBuf, via: Via) {
    let mut kapacitor = start(program, via);
    kapacitor.stream(ID, SCRIPT);
    first_half(&kapacitor);
    kapacitor.restart();
    second_half(&kapacitor);
}

const ID: &str = "averages";
const SCRIPT: &str = "stream
    |from()
        .measurement('test')
        .groupBy('group')
    @movingAvg()
        .field('value')
        .size(4)
        .as('mean')
    |httpOut('mean')";

fn start(program: PathBuf, via: Via) -> Kapacitor {
    Kapacitor::builder()
        .udf(Udf::new("movingAvg", program, via))
        .snapshots_every(SNAPSHOTS)
        .start()
}

/// Fills half of the window, then waits for a snapshot.
fn first_half(kapacitor: &Kapacitor) {
    kapacitor.write("test,group=a value=2 1\ntest,group=b value=20 1\n");
    kapacitor.write("test,group=a value=4 2\ntest,group=b value=40 2\n");
    expect_means(&kapacitor.task(ID), 3.0, 30.0);
    kapacitor.snapshot();
}

/// Fills the other half. The averages are those of all four values.
fn second_half(kapacitor: &Kapacitor) {
    kapacitor.write("test,group=a value=6 3\ntest,group=b value=60 3\n");
    kapacitor.write("test,group=a value=8 4\ntest,group=b value=80 4\n");
    expect_means(&kapacitor.task(ID), 5.0, 50.0);
}

#[track_caller]
fn expect_means(task: &Task<'_>, a: f64, b: f64) {
    task.output_when("mean", |output| {
        let mean = |group: usize| output["series"][group]["values"][0][1].as_f64();
        mean(0) == Some(a) && mean(1) == Some(b)
    });
}

/// A snapshot of another UDF, as after an update that replaces the task's `@counter()`.
#[test]
fn a_snapshot_that_does_not_fit_is_refused() {
    let mut kapacitor = counter("strict");
    kapacitor.replace(counters("lenient"));
    // This one starts with a fresh state, so its snapshots are its own from now on.
    expect_seen(&kapacitor, 1);
    kapacitor.snapshot();

    kapacitor.replace(counters("strict"));
    let error = kapacitor.task(ID).expect_error();
    assert_eq!(
        error,
        "counter2: error restoring snapshot: \
         expected a snapshot of the UDF \"strict\", found one of \"lenient\""
    );
    // The snapshot would be refused at each start. Deleting the task deletes it.
    kapacitor.task(ID).delete();
    kapacitor.stream(ID, COUNTER);
    expect_seen(&kapacitor, 1);
}

#[test]
fn a_snapshot_that_does_not_fit_is_dropped_with_on_restore_error_fresh() {
    let mut kapacitor = counter("strict");
    kapacitor.replace(counters("lenient"));
    expect_seen(&kapacitor, 1);
    let line = kapacitor.log_line("starts with fresh state");
    assert!(line.contains("expected a snapshot of the UDF"), "{line}");
}

/// A snapshot of an older version of the same UDF. The default policy is "refuse".
#[test]
fn a_snapshot_of_another_state_version_is_refused() {
    let mut kapacitor = counter("strict");
    kapacitor.replace(updated_counters("strict"));
    let error = kapacitor.task(ID).expect_error();
    assert_eq!(
        error,
        "counter2: error restoring snapshot: \
         expected version 2 of the state, found version 1"
    );
    // The version that made the snapshot still accepts it.
    kapacitor.replace(counters("strict"));
    expect_seen(&kapacitor, 3);
}

#[test]
fn a_snapshot_of_another_state_version_is_dropped_with_on_restore_error_fresh() {
    let mut kapacitor = counter("lenient");
    kapacitor.replace(updated_counters("lenient"));
    expect_seen(&kapacitor, 1);
    kapacitor.log_line(
        "lenient starts with fresh state: \
         expected version 2 of the state, found version 1",
    );
    // From now on, its snapshots are its own.
    kapacitor.snapshot();
    kapacitor.restart();
    expect_seen(&kapacitor, 2);
}

const COUNTER: &str = "stream|from().measurement('m')@counter()|httpOut('out')";

fn counters(which: &str) -> Udf {
    Udf::new("counter", programs::test_udf("counters"), Via::Process).arg(which)
}

/// The same UDFs after an update.
fn updated_counters(which: &str) -> Udf {
    Udf::new(
        "counter",
        programs::test_udf("updated_counters"),
        Via::Process,
    )
    .arg(which)
}

/// Starts a task whose counter has counted two points and left a snapshot.
fn counter(which: &str) -> Kapacitor {
    let kapacitor = Kapacitor::builder()
        .udf(counters(which))
        .snapshots_every(SNAPSHOTS)
        .start();
    kapacitor.stream(ID, COUNTER);
    expect_seen(&kapacitor, 1);
    expect_seen(&kapacitor, 2);
    kapacitor.snapshot();
    kapacitor
}

/// Writes a point and waits for the count.
#[track_caller]
fn expect_seen(kapacitor: &Kapacitor, count: i64) {
    kapacitor.write(&format!("m value=1 {count}\n"));
    kapacitor.task(ID).output_when("out", |output| {
        let series = &output["series"][0];
        let at = series["columns"]
            .as_array()
            .and_then(|names| names.iter().position(|name| name == "seen"));
        at.is_some_and(|at| series["values"][0][at] == count)
    });
}
