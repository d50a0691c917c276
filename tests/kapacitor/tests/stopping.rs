//! For every kind of end: each process ends by itself, nothing is left behind, and accepted points are
//! delivered.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use kapacitor_tests::{Kapacitor, Signal, Task, Udf, Via, is_running, programs, wait};

/// The way to end a UDF.
#[derive(Clone, Copy, PartialEq)]
enum End {
    DisableTask,
    StopKapacitor,
    KillKapacitor,
    /// A signal to the UDF's server.
    Signal(Signal),
}

/// Tests each end for one program.
macro_rules! ends {
    ($($module:ident: $program:expr, $via:expr;)*) => {$(
        mod $module {
            use super::*;

            #[test]
            fn disabled_task() {
                end($program, $via, End::DisableTask);
            }

            #[test]
            fn stopped_kapacitor() {
                end($program, $via, End::StopKapacitor);
            }

            #[test]
            fn killed_kapacitor() {
                end($program, $via, End::KillKapacitor);
            }
        }
    )*};
}

ends! {
    go_process: programs::go_example("moving_avg"), Via::Process;
    go_socket: programs::go_example("mirror"), Via::Socket;
    process: programs::example("moving_avg"), Via::Process;
    socket: programs::example("mirror"), Via::Socket;
}

/// The Go agent handles signals only as a server.
mod signals {
    use super::*;

    #[test]
    fn interrupted_server_of_the_go_agent() {
        end(
            programs::go_example("mirror"),
            Via::Socket,
            End::Signal(Signal::INT),
        );
    }

    #[test]
    fn terminated_server_of_the_go_agent() {
        end(
            programs::go_example("mirror"),
            Via::Socket,
            End::Signal(Signal::TERM),
        );
    }

    #[test]
    fn interrupted_server() {
        end(
            programs::example("mirror"),
            Via::Socket,
            End::Signal(Signal::INT),
        );
    }

    #[test]
    fn terminated_server() {
        end(
            programs::example("mirror"),
            Via::Socket,
            End::Signal(Signal::TERM),
        );
    }

    #[test]
    fn interrupted_process() {
        signalled_process(Signal::INT);
    }

    #[test]
    fn terminated_process() {
        signalled_process(Signal::TERM);
    }
}

/// Kapacitor does not report how a process ended. The log of `on_stop` shows that it was not killed.
fn signalled_process(signal: Signal) {
    let udf = Udf::new("udf", programs::test_udf("announcing"), Via::Process);
    let mut kapacitor = Kapacitor::with(udf);
    kapacitor.stream("task", "stream|from().measurement('test')@udf()");
    kapacitor.runs_more_than("task", 0);
    let children = kapacitor.children();
    kapacitor_tests::signal(children[0], signal);
    kapacitor.log_line("has come to its end");
    ends(children[0]);
    assert!(kapacitor.is_alive());
}

/// A task that is stopped while it is busy.
///
/// The host then stops reading the UDF's output. With all of kapacitord locked, it first finishes its
/// current write to the UDF, and then waits for the process to end. So a UDF that is blocked in a write must
/// still read its input, and must end soon after the end of it. There is no such test with the official Go
/// agent, because that agent blocks kapacitord for ever.
mod under_load {
    use super::*;

    #[test]
    fn process() {
        stopped_under_load(Via::Process);
    }

    #[test]
    fn connection() {
        stopped_under_load(Via::Socket);
    }
}

fn stopped_under_load(via: Via) {
    let mut kapacitor = Kapacitor::with(Udf::new("udf", programs::test_udf("announcing"), via));
    // No node follows the UDF, because under load the host may send to a stopped node and crash.
    let script = "stream|from().measurement('test').groupBy('group')@udf()";
    let task = kapacitor.stream("task", script);
    let points = (0..5000).map(|i| format!("test,group={} value={i} {i}\n", i % 10));
    const ROUNDS: usize = 20;
    kapacitor.under_load(&points.collect::<String>(), Duration::ZERO, |load| {
        for round in 0..ROUNDS {
            kapacitor.runs_more_than("task", round);
            // Enough to fill the buffers between the host and the UDF.
            load.wait_for(3);
            task.disable();
            kapacitor.settle("task");
            task.enable();
        }
    });
    kapacitor.runs_more_than("task", ROUNDS);
    assert!(task.is_executing());
    let children = kapacitor.children();
    task.disable();
    for child in children {
        ends(child);
    }
    assert!(kapacitor.is_alive());
}

/// Points accepted before a signal are delivered after it. The UDF is busy with the first of many points,
/// and all others wait in the pipe or the socket.
mod accepted_points {
    use super::*;

    #[test]
    fn of_a_terminated_process() {
        delivered(Via::Process, Signal::TERM);
    }

    #[test]
    fn of_an_interrupted_process() {
        delivered(Via::Process, Signal::INT);
    }

    #[test]
    fn of_a_terminated_server() {
        delivered(Via::Socket, Signal::TERM);
    }

    #[test]
    fn of_an_interrupted_server() {
        delivered(Via::Socket, Signal::INT);
    }
}

fn delivered(via: Via, signal: Signal) {
    // Few enough for an unread socket, which holds about 270 of the host's small writes. A point takes two
    // writes.
    const POINTS: u64 = 100;
    let udf = Udf::new("udf", programs::test_udf("misbehaving"), via);
    let mut kapacitor = Kapacitor::with(udf);
    let script =
        "stream|from().measurement('m')@udf()|cumulativeSum('one').as('sum')|httpOut('out')";
    let task = kapacitor.stream("task", script);
    let gate = kapacitor.folder().join("gate");
    let first = format!("m act=\"wait for {}\",one=1i 0\n", gate.display());
    let others = (1..POINTS).map(|i| format!("m act=\"slow\",one=1i {i}\n"));
    kapacitor.write(&(first + &others.collect::<String>()));
    wait::until("the host to send all points", || {
        let sent = &task.describe()["stats"]["node-stats"]["udf2"]["collected"];
        (*sent == POINTS)
            .then_some(())
            .ok_or_else(|| format!("it has sent {sent}"))
    });
    let children = kapacitor.children();
    match via {
        Via::Process => kapacitor_tests::signal(children[0], signal),
        Via::Socket => kapacitor.server("udf").signal(signal),
    }
    fs::write(gate, "").expect("make a file");
    let task = kapacitor.task("task");
    task.output_when("out", |output| {
        output["series"][0]["values"][0][1].as_u64() == Some(POINTS)
    });
    match via {
        Via::Process => {
            for child in children {
                ends(child);
            }
        }
        Via::Socket => server_ends(&mut kapacitor),
    }
}

fn end(program: PathBuf, via: Via, how: End) {
    let mut kapacitor = Kapacitor::with(Udf::new("udf", program, via));
    let call = if via == Via::Process {
        "@udf().field('value').size(1)"
    } else {
        "@udf()"
    };
    let script = format!("stream|from().measurement('test'){call}|httpOut('out')");
    let task = kapacitor.stream("task", &script);
    kapacitor.write("test value=1 1\n");
    expect_time(&task, 1);
    let children = kapacitor.children();
    assert_eq!(children.len(), usize::from(via == Via::Process));

    match how {
        End::DisableTask => task.disable(),
        End::StopKapacitor => assert!(kapacitor.stop().success()),
        End::KillKapacitor => {
            kapacitor.process().signal(Signal::KILL);
            kapacitor.process().wait();
        }
        End::Signal(signal) => kapacitor.server("udf").signal(signal),
    }

    for child in children {
        ends(child);
    }
    if via == Via::Socket {
        // The server ends only after a signal, and removes its socket.
        let socket = kapacitor.folder().join("udf.sock");
        let server = kapacitor.server("udf");
        if !matches!(how, End::Signal(_)) {
            assert!(server.exited().is_none(), "the server has ended");
            server.signal(Signal::TERM);
        }
        server_ends(&mut kapacitor);
        assert!(!socket.exists(), "the socket is still there");
    }
    if !matches!(how, End::StopKapacitor | End::KillKapacitor) {
        assert!(kapacitor.is_alive());
    }
}

/// Waits for a UDF's process to end.
#[track_caller]
fn ends(process: u32) {
    wait::until("the UDF's process to end", || {
        (!is_running(process))
            .then_some(())
            .ok_or_else(|| "it still runs".into())
    });
}

/// Waits until the UDF's server ends with success.
#[track_caller]
fn server_ends(kapacitor: &mut Kapacitor) {
    let server = kapacitor.server("udf");
    let status = server.wait();
    assert!(
        status.success(),
        "the server has ended with {status}: {}",
        server.log()
    );
}

/// Waits for the point of this time, in nanoseconds.
#[track_caller]
fn expect_time(task: &Task<'_>, nanosecond: u8) {
    task.output_when("out", |output| {
        output["series"][0]["values"][0][0] == format!("1970-01-01T00:00:00.00000000{nanosecond}Z")
    });
}
