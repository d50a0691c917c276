//! Many tasks with a UDF each, started, changed and stopped in a random order under load.
//!
//! The official Go agent is not tested here, because it fails both tests. When a task is stopped, the host
//! stops reading the UDF's output and waits for the UDF to end, with all of kapacitord locked. A process
//! that is blocked in a write does not see the end of its input, and so blocks kapacitord for ever. And a
//! server of the Go agent ends when it cannot write to one connection.

use std::path::PathBuf;
use std::time::Duration;

use kapacitor_tests::{Kapacitor, Udf, Via, is_running, programs, wait};

/// The number of tasks, and of UDFs that run at the same time.
const TASKS: usize = 20;
/// The number of changes.
const CHANGES: usize = 200;

// The kinds of changes.
const DISABLE: usize = 0;
const ENABLE: usize = 1;
const RELOAD: usize = 2;

/// Shows that the host itself survives this.
#[test]
fn without_a_udf() {
    many(programs::go_example("mirror"), Via::Socket, "");
}

#[test]
fn connections() {
    many(programs::test_udf("announcing"), Via::Socket, "@udf()");
}

#[test]
fn processes() {
    many(programs::test_udf("announcing"), Via::Process, "@udf()");
}

fn many(program: PathBuf, via: Via, call: &str) {
    let mut kapacitor = Kapacitor::with(Udf::new("udf", program, via));
    // No node follows the UDF while tasks are stopped under load. Otherwise the host may send to a stopped
    // node and crash with "send on closed channel", independent of the UDF.
    let script = |tag: &str| format!("stream|from().measurement('m').groupBy('{tag}'){call}");
    let last = script("group") + "|httpOut('last')";
    let ids: Vec<String> = (0..TASKS).map(|i| format!("task_{i}")).collect();
    for id in &ids {
        kapacitor.stream(id, &script("group"));
    }

    let points: String = (0..20)
        .map(|i| format!("m,group={} value={i} {i}\n", i % 10))
        .collect();
    kapacitor.under_load(&points, Duration::from_millis(10), |_| {
        for id in ids.iter().filter(|_| !call.is_empty()) {
            kapacitor.runs_more_than(id, 0);
        }
        let mut enabled = [true; TASKS];
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        for _ in 0..CHANGES {
            let i = random.below(TASKS);
            let (id, enabled) = (&ids[i], &mut enabled[i]);
            let task = kapacitor.task(id);
            let runs = kapacitor.runs(id);
            let change = random.below(RELOAD + 1);
            if change != ENABLE {
                task.disable();
                *enabled = false;
                // Otherwise the host may end the next run together with this one.
                kapacitor.settle(id);
            }
            if change == RELOAD {
                task.redefine(&script(["group", "other"][random.below(2)]));
            }
            if change != DISABLE && !*enabled {
                task.enable();
                *enabled = true;
                if !call.is_empty() {
                    kapacitor.runs_more_than(id, runs);
                }
            }
        }
    });

    // After all changes, the tasks work.
    for id in &ids {
        let task = kapacitor.task(id);
        task.disable();
        kapacitor.settle(id);
        task.redefine(&last);
        task.enable();
    }
    kapacitor.write("m,group=last value=42 1\n");
    for id in &ids {
        kapacitor.task(id).output_when("last", |output| {
            let series = output["series"].as_array();
            series.is_some_and(|all| all.iter().any(|one| one["tags"]["group"] == "last"))
        });
    }
    let children = kapacitor.children();
    assert_eq!(children.len(), if via == Via::Process { TASKS } else { 0 });
    for id in &ids {
        assert_eq!(kapacitor.task(id).error(), "", "{id}");
        kapacitor.task(id).delete();
    }
    for child in children {
        wait::until("the UDF's process to end", || {
            (!is_running(child))
                .then_some(())
                .ok_or_else(|| "it still runs".into())
        });
    }
    assert!(kapacitor.is_alive());
    if via == Via::Socket {
        assert!(
            kapacitor.server("udf").exited().is_none(),
            "the server has ended"
        );
    }
}

/// Pseudorandom numbers, the same in each run.
struct Random(u64);

impl Random {
    /// A number from 0 to `limit` - 1, by xorshift.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}
