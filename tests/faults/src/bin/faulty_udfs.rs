//! UDFs for the fault tests: some that behave well, and some that make every mistake an author can make.

use std::collections::HashMap;
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use udf_runtime::prelude::*;
use udf_runtime::{SendError, Sender};

/// Sends every point back unchanged.
#[udf(stream)]
struct Mirror;

impl OnPoint for Mirror {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

/// Sends every batch back unchanged.
#[udf(batch)]
struct Batches;

impl OnBatch for Batches {
    fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
        out.batch(batch)
    }
}

/// Counts the points of each group and keeps the counts.
#[udf(stream)]
struct Keeper {
    #[state]
    counts: PerGroup<u64>,
    #[state]
    words: HashMap<String, Vec<Option<i8>>>,
}

impl OnPoint for Keeper {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let count = self.counts.of(&point);
        *count += 1;
        point.set_field("count", *count as i64);
        out.point(point)
    }
}

/// The same, but starts with a fresh state if a snapshot does not fit.
#[udf(stream, on_restore_error = "fresh")]
struct FreshKeeper {
    #[state]
    count: u64,
}

impl OnPoint for FreshKeeper {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        self.count += 1;
        point.set_field("count", self.count as i64);
        out.point(point)
    }
}

/// Has options of many kinds.
#[udf(stream)]
struct Strict {
    /// Name of a field.
    field: String,
    /// A number.
    #[option(range = 1..=100)]
    size: usize,
    /// A port.
    port: Option<NonZeroU16>,
    /// A lower and an upper bound.
    #[option(default = (0.0, 1.0))]
    between: (f64, f64),
    /// A duration.
    #[option(default = "10s")]
    period: Duration,
    /// A flag.
    #[option(flag)]
    quick: bool,
    /// A choice.
    #[option(default = Side::In)]
    side: Side,
    /// Names of tags.
    tags: Vec<String>,
}

/// A side.
#[derive(OptionValue)]
enum Side {
    In,
    Out,
}

impl OnPoint for Strict {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        let Self {
            field,
            size,
            port,
            between,
            period,
            quick,
            side,
            tags,
        } = self;
        let side = matches!(side, Side::Out);
        debug!("{field} {size} {port:?} {between:?} {period:?} {quick} {side} {tags:?}");
        out.point(point)
    }
}

/// Does what the field `act` of a point says, then sends the point.
#[udf(stream, custom_state)]
struct Misbehaving {
    /// The callback to panic in, other than `point`.
    #[option(default = "")]
    panic_in: String,
    #[skip]
    sender: Option<Sender>,
}

impl Misbehaving {
    fn may_panic(&self, callback: &str) {
        if self.panic_in == callback {
            panic!("a panic in {callback}");
        }
    }

    fn sender(&self) -> Sender {
        self.sender.clone().expect("on_init has set it")
    }

    /// Keeps sending from another thread until that fails, and logs the error.
    fn send_after_the_end(&self) {
        let sender = self.sender();
        thread::spawn(move || {
            let point = Point::new("from a thread");
            loop {
                if let Err(error) = sender.point(&point) {
                    return warn!("nothing can be sent any more: {error:?}");
                }
                thread::yield_now();
            }
        });
    }
}

impl OnPoint for Misbehaving {
    fn on_init(&mut self, task: &Task) -> Result<()> {
        self.sender = Some(task.sender());
        self.may_panic("init");
        Ok(())
    }

    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        match point.str("act").unwrap_or_default() {
            "fail" => bail!("this point is not to my liking"),
            "grow" => point.set_field("grown", "x".repeat(10_000).as_str()),
            "fail at length" => bail!("a long story {}", "x".repeat(1 << 20)),
            "panic" => panic!("this point is more than I can bear"),
            "panic at length" => panic!("a long story {}", "x".repeat(1 << 20)),
            "panic with a value" => std::panic::panic_any(7_u8),
            "panic in a thread" => in_a_thread(self.sender(), |_| panic!("all on my own")),
            "print" => print!("printed\nto stdout"),
            "print a lot" => println!("{}", "printed ".repeat(10_000)),
            "start a child" => {
                std::process::Command::new("echo")
                    .arg("of a child")
                    .status()?;
            }
            "log a lot" => warn!("a long line {}", "x".repeat(1 << 20)),
            "log lines" => warn!("{}", "line\n".repeat(1 << 20)),
            "exit" => std::process::exit(7),
            "poison" => poison(),
            "stuck" => loop {
                thread::park();
            },
            "later" => self.send_after_the_end(),
            "wrong edge" => {
                let sent = self.sender().batch(&Batch::for_group_of(&point));
                assert!(matches!(sent, Err(SendError::WrongEdge { .. })), "{sent:?}");
            }
            _ => {}
        }
        out.point(point)
    }

    fn on_stop(&mut self, _: &mut StreamOutput) -> Result<()> {
        self.may_panic("stop");
        if self.panic_in == "never, but stop never ends" {
            loop {
                thread::park();
            }
        }
        Ok(())
    }
}

impl CustomState for Misbehaving {
    fn snapshot(&self) -> Result<Vec<u8>> {
        self.may_panic("snapshot");
        Ok(vec![1])
    }

    fn restore(&mut self, _: &[u8]) -> Result<()> {
        self.may_panic("restore");
        Ok(())
    }
}

fn in_a_thread(sender: Sender, act: impl FnOnce(&Sender) + Send + 'static) {
    // The thread may panic, so its result is ignored.
    let _ = thread::spawn(move || act(&sender)).join();
}

/// Panics in a thread that holds a lock, then uses the poisoned lock in this thread.
fn poison() {
    let shared = Arc::new(Mutex::new(0));
    let theirs = shared.clone();
    let panicked = thread::spawn(move || {
        let _held = theirs.lock();
        panic!("with the lock held");
    });
    let _ = panicked.join();
    assert!(shared.is_poisoned());
    *shared.lock().unwrap_or_else(PoisonError::into_inner) += 1;
}

/// Fails on some points, which are dropped.
#[udf(stream, on_error = "drop")]
struct Dropping;

impl OnPoint for Dropping {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        fail_or_send(point, out)
    }
}

/// Fails on some points, which are passed on.
#[udf(stream, on_error = "pass")]
struct Passing;

impl OnPoint for Passing {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        fail_or_send(point, out)
    }
}

fn fail_or_send(mut point: Point, out: &mut StreamOutput) -> Result<()> {
    match point.str("act").unwrap_or_default() {
        "fail" => bail!("this point is not to my liking"),
        "grow" => point.set_field("grown", "x".repeat(10_000).as_str()),
        _ => {}
    }
    out.point(point)
}

/// Fails on some points, which are dropped, and may panic in a tick.
#[udf(stream, tick = "10ms", on_error = "drop")]
struct Ticking {
    #[option(default = "")]
    panic_in: String,
}

impl OnPoint for Ticking {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        fail_or_send(point, out)
    }

    fn on_tick(&mut self, _: i64, out: &mut StreamOutput) -> Result<()> {
        assert!(self.panic_in != "tick", "a panic in tick");
        out.point(Point::new("tick"))
    }
}

/// Sends batches from its output and from threads at the same time, and leaves some half written.
#[udf(batch)]
struct Crowd {
    #[skip]
    sender: Option<Sender>,
}

impl OnBatch for Crowd {
    fn on_init(&mut self, task: &Task) -> Result<()> {
        self.sender = Some(task.sender());
        Ok(())
    }

    fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
        let threads: Vec<_> = (0..10)
            .map(|number| {
                let sender = self.sender.clone();
                let mut batch = batch.clone();
                batch.set_tag("thread", &number.to_string());
                thread::spawn(move || {
                    for _ in 0..20 {
                        sender.as_ref().map_or(Ok(()), |it| it.batch(&batch))?;
                    }
                    Ok::<_, SendError>(())
                })
            })
            .collect();
        for round in 0..20 {
            let mut half = Batch::like(&batch);
            half.push(Point::new("never sent"));
            if round % 2 == 0 {
                drop(half);
            } else {
                std::mem::forget(half);
            }
            let mut whole = Batch::like(&batch);
            whole.extend(batch.points().iter().cloned());
            out.batch(whole)?;
        }
        for thread in threads {
            thread.join().expect("it does not panic")?;
        }
        Ok(())
    }
}

udf_runtime::main!(
    Mirror,
    Batches,
    Keeper,
    FreshKeeper,
    Strict,
    Misbehaving,
    Dropping,
    Passing,
    Ticking,
    Crowd,
);
