//! Poller: reads a value from a file again and again, and sends it beside the points that come.
//!
//! It has a thread, since nothing calls a UDF for something that happens outside of Kapacitor.
//! The file stands for any source: a device, a database, an HTTP interface.
//!
//! ```text
//! stream
//!     |from()
//!         .measurement('cpu')
//!     @poller()
//!         .file('/sys/class/thermal/thermal_zone0/temp')
//!         .every(10s)
//!         .as('temperature')
//!     |httpOut('polled')
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use udf_runtime::Sender;
use udf_runtime::prelude::*;

/// Sends the number in a file, again and again, beside the points that come.
#[udf(stream)]
struct Poller {
    /// File with a number.
    file: PathBuf,
    /// Time between two reads.
    #[option(default = "10s", range = "1ms"..)]
    every: Duration,
    /// Measurement of the points that are sent.
    #[option(default = "polled")]
    r#as: String,
    /// How many reads in a row may fail before the task ends with an error.
    #[option(default = 3, range = 1..)]
    failures: u32,
    /// The thread ends when this is dropped, and so with the UDF.
    #[skip]
    alive: Option<mpsc::Sender<()>>,
}

impl OnPoint for Poller {
    fn on_init(&mut self, task: &Task) -> Result<()> {
        let (alive, ended) = mpsc::channel();
        self.alive = Some(alive);
        let poll = Poll {
            file: self.file.clone(),
            name: self.r#as.clone(),
            every: self.every,
            failures: self.failures,
            sender: task.sender(),
        };
        thread::Builder::new()
            .name("poller".to_owned())
            .spawn(move || poll.run(&ended))
            .context("starting the thread")?;
        Ok(())
    }

    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

/// What the thread needs.
struct Poll {
    file: PathBuf,
    name: String,
    every: Duration,
    failures: u32,
    sender: Sender,
}

impl Poll {
    fn run(&self, ended: &mpsc::Receiver<()>) {
        let mut failed = 0;
        loop {
            match read_number(&self.file) {
                Ok(value) => {
                    failed = 0;
                    let mut point = Point::now(&self.name);
                    point.set_field("value", value);
                    if self.sender.point(&point).is_err() {
                        // The UDF has ended.
                        return;
                    }
                }
                Err(error) => {
                    failed += 1;
                    warn!("{error}");
                    if failed == self.failures {
                        let tried = format!("{failed} reads in a row have failed");
                        return self.sender.fail(error.context(tried));
                    }
                }
            }
            // A sleep that ends when the UDF does.
            if ended.recv_timeout(self.every) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }
}

fn read_number(file: &Path) -> Result<f64> {
    let read = || -> Result<f64> { Ok(fs::read_to_string(file)?.trim().parse()?) };
    read().with_context(|| file.display().to_string())
}

udf_runtime::main!(Poller);

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use udf_runtime::testing::{FailureKind, Harness};

    use super::*;

    fn start(file: &Path) -> Harness<Poller> {
        Harness::setup()
            .options(".every(1ms).as('temperature').failures(2)")
            .set(&format!("file={}", file.display()))
            .start()
            .unwrap()
    }

    #[test]
    fn what_is_in_the_file_is_sent_beside_the_points_that_come() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("temperature");
        fs::write(&file, "21.5\n").unwrap();
        let mut udf = start(&file);
        assert_eq!(udf.lines("m v=1 1").unwrap(), "m v=1 1\n");
        let sent = udf.wait_for_output(2).unwrap();
        for point in sent.points() {
            assert_eq!(point.name(), "temperature");
            assert_eq!(point.float("value").unwrap(), 21.5);
        }
    }

    #[test]
    fn a_file_that_goes_away_ends_the_task() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("temperature");
        fs::write(&file, "21.5\n").unwrap();
        let mut udf = start(&file);
        udf.wait_for_output(1).unwrap();
        fs::remove_file(&file).unwrap();
        // What was read before may still come.
        let failure = udf.wait_for_output(usize::MAX).unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Ended);
        let text = failure.text();
        assert!(text.contains("2 reads in a row have failed"), "{text}");
        assert!(text.contains("/temperature: "), "{text}");
    }
}
