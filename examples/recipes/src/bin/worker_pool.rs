//! Worker pool: slow work for many points at once, in which each group keeps its order.
//!
//! All points of a group go to the same worker, so that one cannot overtake another. A queue that
//! is full makes the callback wait, and with it Kapacitor; heartbeats keep the task alive meanwhile.
//!
//! The work here is a question to DNS. It stands for anything that waits: a database, an HTTP
//! interface, another program.
//!
//! ```text
//! stream
//!     |from()
//!         .measurement('cpu')
//!         .groupBy('host')
//!     @resolve()
//!         .tag('host')
//!         .workers(16)
//!     |httpOut('resolved')
//! ```

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::ToSocketAddrs as _;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use udf_runtime::Sender;
use udf_runtime::prelude::*;

/// Adds the IP address of the host that a tag names.
#[udf(stream)]
struct Resolve {
    /// Tag with the name of a host.
    #[option(default = "host")]
    tag: String,
    /// Tag that receives the address.
    #[option(default = "address")]
    r#as: String,
    /// Number of questions at a time.
    #[option(default = 8, range = 1..=1000)]
    workers: usize,
    /// Number of points that may wait for each worker.
    #[option(default = 100, range = 1..=100_000)]
    queue: usize,
    #[skip]
    pool: Vec<Worker>,
}

struct Worker {
    points: SyncSender<Point>,
    thread: JoinHandle<()>,
}

impl OnPoint for Resolve {
    fn on_init(&mut self, task: &Task) -> Result<()> {
        for number in 0..self.workers {
            let (points, queue) = sync_channel(self.queue);
            let (tag, name, sender) = (self.tag.clone(), self.r#as.clone(), task.sender());
            let thread = thread::Builder::new()
                .name(format!("worker {number}"))
                .spawn(move || work(&queue, &sender, &tag, &name))
                .context("starting a worker")?;
            self.pool.push(Worker { points, thread });
        }
        Ok(())
    }

    fn on_point(&mut self, point: Point, _: &mut StreamOutput) -> Result<()> {
        let mut hasher = DefaultHasher::new();
        point.group().hash(&mut hasher);
        let place = hasher.finish() as usize % self.pool.len();
        self.pool[place]
            .points
            .send(point)
            .context("a worker has ended")
    }

    /// Waits until all that was accepted is answered.
    fn on_stop(&mut self, _: &mut StreamOutput) -> Result<()> {
        // All queues end first, so that the workers finish side by side.
        let (queues, threads): (Vec<_>, Vec<_>) = self
            .pool
            .drain(..)
            .map(|worker| (worker.points, worker.thread))
            .unzip();
        drop(queues);
        for thread in threads {
            ensure!(thread.join().is_ok(), "a worker has panicked");
        }
        Ok(())
    }
}

/// What each worker does until its queue ends.
fn work(queue: &Receiver<Point>, sender: &Sender, tag: &str, name: &str) {
    for mut point in queue {
        let sent = address(&point, tag).and_then(|address| {
            point.set_tag(name, &address);
            Ok(sender.point(&point)?)
        });
        if let Err(error) = sent {
            return sender.fail(error);
        }
    }
}

fn address(point: &Point, tag: &str) -> Result<String> {
    let host = point.required_tag(tag)?;
    let mut addresses = (host, 0).to_socket_addrs().context(host)?;
    let address = addresses.next().context("a host without an address")?;
    Ok(address.ip().to_string())
}

udf_runtime::main!(Resolve);

#[cfg(test)]
mod tests {
    use udf_runtime::testing::{FailureKind, Harness, Setup};

    use super::*;

    fn setup() -> Setup<Resolve> {
        Harness::setup()
            .options(".workers(3).queue(2)")
            .group_by(["host"])
    }

    #[test]
    fn each_group_keeps_its_order() {
        let mut udf = setup().start().unwrap();
        // An address is its own answer, so that the test needs no network.
        let line = |time| format!("m,host=10.0.0.{} v=1 {time}\n", time % 2);
        let lines: String = (0..5000).map(line).collect();
        assert!(udf.lines(lines).unwrap().is_empty());

        let sent = udf.wait_for_output(5000).unwrap();
        for group in 0..2 {
            let host = format!("10.0.0.{group}");
            let points = sent.points().iter();
            let times: Vec<_> = points
                .filter(|point| point.tag("address") == Some(&host))
                .map(Point::time)
                .collect();
            let expected: Vec<_> = (0..5000).filter(|time| time % 2 == group).collect();
            assert_eq!(times, expected, "{host}");
        }
    }

    #[test]
    fn the_end_waits_for_all_that_was_accepted() {
        let mut udf = setup().start().unwrap();
        udf.lines("m,host=10.0.0.1 v=1 1\nm,host=10.0.0.2 v=1 2")
            .unwrap();
        udf.stop().unwrap();
        assert_eq!(udf.wait_for_output(0).unwrap().points().len(), 2);
    }

    #[test]
    fn an_error_of_a_worker_is_that_of_the_task() {
        let mut udf = setup().start().unwrap();
        udf.lines("m,rack=r1 v=1 1").unwrap();
        let failure = udf.wait_for_output(1).unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Ended);
        assert!(failure.text().contains("no tag \"host\""), "{failure}");
    }
}
