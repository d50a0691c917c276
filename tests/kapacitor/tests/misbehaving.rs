//! UDFs that fail, panic, print, log too much or take too long. The fault shows in the right place, and
//! harms neither kapacitord nor other tasks and connections.

use std::time::Duration;

use kapacitor_tests::{Kapacitor, Task, Udf, Via, programs, wait};

/// Kapacitor's timeout for the UDFs. A callback's heartbeats come twice within it.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Runs each case as a process and over a socket.
macro_rules! both_ways {
    ($($case:ident)*) => {$(
        mod $case {
            use super::*;

            #[test]
            fn as_a_process() {
                super::$case(Via::Process);
            }

            #[test]
            fn over_a_socket() {
                super::$case(Via::Socket);
            }
        }
    )*};
}

both_ways! {
    error panic long_panic printing long_print long_line many_lines busy stuck
}

fn error(via: Via) {
    let mut tasks = Tasks::start(via);
    tasks.act("fail");
    tasks.bad_ends_with(
        "this point is not to my liking (point 2: name \"bad\", group \"\", time 2)",
    );
    tasks.logged("this point is not to my liking");
    tasks.others_work();
}

fn panic(via: Via) {
    let mut tasks = Tasks::start(via);
    tasks.act("panic");
    let error = tasks
        .bad_ends_with("point panicked: this point is more than I can bear (at tests/kapacitor");
    assert!(error.contains("misbehaving.rs:"), "{error}");
    assert!(error.ends_with("(point 2)"), "{error}");
    tasks.logged("this point is more than I can bear");
    tasks.others_work();
}

/// A line of 64 KiB would block the UDF for ever.
fn long_panic(via: Via) {
    let mut tasks = Tasks::start(via);
    tasks.act("long panic");
    let error = tasks.bad_ends_with("a long story xxx");
    assert!(error.len() < 64 * 1024, "{} bytes", error.len());
    tasks.others_work();
}

/// Prints go to the log, not between the protocol's messages.
fn printing(via: Via) {
    let mut tasks = Tasks::start(via);
    tasks.act("print");
    tasks.bad_works();
    tasks.logged("printed to stdout");
    tasks.others_work();
}

/// Like a batch printed with `{:?}`. Kapacitor keeps reading after it.
fn long_print(via: Via) {
    let mut tasks = Tasks::start(via);
    tasks.act("long print");
    tasks.bad_works();
    tasks.logged("printed at length xxx");
    tasks.act("print");
    tasks.logged("printed to stdout");
    tasks.others_work();
}

fn long_line(via: Via) {
    let mut tasks = Tasks::start(via);
    tasks.act("long line");
    tasks.bad_works();
    let line = tasks.logged("long line xxx");
    assert!(line.len() < 64 * 1024 + 1000, "{} bytes", line.len());
    tasks.others_work();
}

fn many_lines(via: Via) {
    let mut tasks = Tasks::start(via);
    tasks.act("many lines");
    tasks.bad_works();
    tasks.logged("line 0 of many");
    tasks.logged("line 99999 of many");
    tasks.others_work();
}

/// One point takes several timeouts.
fn busy(via: Via) {
    let mut tasks = Tasks::start(via);
    tasks.act("busy");
    tasks.bad_works();
    tasks.others_work();
}

/// The callback never returns. The UDF ends itself and reports the reason.
fn stuck(via: Via) {
    let mut tasks = Tasks::start_with(via, |udf| udf.arg("--call-limit").arg("3s"));
    tasks.act("stuck");
    let why = "point has not returned for 3s, the limit of one call";
    tasks.bad_ends_with(why);
    tasks.logged(why);
    tasks.others_work();
}

/// Two tasks that use the same UDF. In one of them, it misbehaves.
struct Tasks {
    kapacitor: Kapacitor,
    via: Via,
}

impl Tasks {
    fn start(via: Via) -> Tasks {
        Tasks::start_with(via, |udf| udf)
    }

    fn start_with(via: Via, change: impl FnOnce(Udf) -> Udf) -> Tasks {
        let udf = Udf::new("udf", programs::test_udf("misbehaving"), via);
        let kapacitor = Kapacitor::with(change(udf.timeout(TIMEOUT)));
        for id in ["bad", "good"] {
            kapacitor.stream(
                id,
                &format!("stream|from().measurement('{id}')@udf()|httpOut('out')"),
            );
        }
        // Checks that both work.
        kapacitor.write("bad value=1 1\ngood value=1 1\n");
        let tasks = Tasks { kapacitor, via };
        expect_value(&tasks.bad(), 1);
        expect_value(&tasks.good(), 1);
        tasks
    }

    fn bad(&self) -> Task<'_> {
        self.kapacitor.task("bad")
    }

    fn good(&self) -> Task<'_> {
        self.kapacitor.task("good")
    }

    fn act(&self, act: &str) {
        self.kapacitor
            .write(&format!("bad act=\"{act}\",value=2 2\n"));
    }

    /// Waits until the bad task ends with an error that contains `part`, and returns the error.
    ///
    /// The host notices a UDF's end only when the next point arrives for it.
    #[track_caller]
    fn bad_ends_with(&self, part: &str) -> String {
        let error = wait::until("an error of the bad task", || {
            self.kapacitor.write("bad value=3 3\n");
            Some(self.bad().error())
                .filter(|text| !text.is_empty())
                .ok_or_else(|| "none".into())
        });
        assert!(error.contains(part), "{error}");
        error
    }

    /// Checks that the point with the request comes through, and the next one too.
    #[track_caller]
    fn bad_works(&self) {
        expect_value(&self.bad(), 2);
        self.kapacitor.write("bad value=3 3\n");
        expect_value(&self.bad(), 3);
        assert_eq!(self.bad().error(), "");
    }

    /// Checks that the other task works, and that the failed one can be started again.
    #[track_caller]
    fn others_work(&mut self) {
        self.kapacitor.write("good value=4 4\n");
        expect_value(&self.good(), 4);
        assert_eq!(self.good().error(), "");
        self.bad().disable();
        self.kapacitor.settle("bad");
        self.bad().enable();
        self.kapacitor.write("bad value=5 5\n");
        expect_value(&self.bad(), 5);
        assert!(self.kapacitor.is_alive());
    }

    /// Waits for a line of Kapacitor's log, or of the log of the UDF's server.
    #[track_caller]
    fn logged(&mut self, part: &str) -> String {
        match self.via {
            Via::Process => self.kapacitor.log_line(part),
            Via::Socket => self.kapacitor.server("udf").log_line(part),
        }
    }
}

#[track_caller]
fn expect_value(task: &Task<'_>, value: i64) {
    task.output_when("out", |output| {
        let columns = output["series"][0]["columns"].as_array();
        let at = columns.and_then(|names| names.iter().position(|name| name == "value"));
        at.is_some_and(|at| output["series"][0]["values"][0][at] == value)
    });
}
