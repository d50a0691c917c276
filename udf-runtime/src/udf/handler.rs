//! [`UdfHandler`]: the protocol's callbacks, over a UDF of the author's layer.

use std::time::Duration;

use udf_proto::{BeginBatch, EdgeType, EndBatch, InitRequest};

use super::{OnError, OnRestoreError, Spec, Task, Udf, complaints::Complaints, pass};
use crate::agent::{Handler, Info, Verdict};
use crate::bail;
use crate::data::{Batch, Point, PointError};
use crate::error::{Error, Result};
use crate::output::{Output, SendError, Sender};
use crate::udf::state::{Envelope, OldState, StateError};

/// Points of a batch for which there is room before they have come.
const EXPECTED_POINTS: usize = 256;

/// The protocol's callbacks, over a UDF that `#[udf]` made of a struct.
pub struct UdfHandler<U: Udf> {
    spec: Spec,
    /// Made from the options of `Init`.
    udf: Option<U>,
    /// The options that it was made from.
    options: Vec<udf_proto::Option>,
    /// What the UDF was started with, to start it again.
    task: Option<Task>,
    /// The batch that has begun.
    batch: Option<(BeginBatch, Vec<Point>)>,
    complaints: Complaints,
}

impl<U: Udf> std::fmt::Debug for UdfHandler<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UdfHandler")
            .field("spec", &self.spec)
            .finish_non_exhaustive()
    }
}

impl<U: Udf> UdfHandler<U> {
    /// A handler that will make the UDF when its options come.
    #[must_use]
    pub fn new() -> Self {
        Self {
            spec: U::spec(),
            udf: None,
            options: Vec::new(),
            task: None,
            batch: None,
            complaints: Complaints::default(),
        }
    }

    /// What the UDF says of itself.
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The UDF, once `Init` was accepted.
    pub(crate) fn made(&self) -> Option<&U> {
        self.udf.as_ref()
    }

    /// The UDF, once `Init` was accepted.
    pub(crate) fn made_mut(&mut self) -> Option<&mut U> {
        self.udf.as_mut()
    }

    /// The UDF. `Init` comes before everything that needs it; the agent sees to that.
    fn udf(&mut self) -> Result<&mut U> {
        self.udf
            .as_mut()
            .ok_or_else(|| Error::msg("data came before Init"))
    }

    /// Restores a snapshot. Also answers whether code of the author's may have changed the UDF
    /// before it failed.
    fn take_back(&mut self, snapshot: &[u8]) -> (Result<()>, bool) {
        let opened = Envelope::unwrap(snapshot).and_then(|it| it.of(self.spec.name));
        let (found, state) = match opened {
            Ok(opened) => opened,
            Err(error) => return (Err(error.into()), false),
        };
        let expected = self.spec.state_version;
        let is_custom = self.spec.custom_state;
        let udf = match self.udf() {
            Ok(udf) => udf,
            Err(error) => return (Err(error), false),
        };
        if found == expected {
            return (udf.restore(state), is_custom);
        }
        let migrated = (found < expected).then(|| udf.migrate(found, OldState::new(state)));
        match migrated.flatten() {
            Some(migrated) => (migrated, true),
            None => (
                Err(StateError::OtherVersion { expected, found }.into()),
                false,
            ),
        }
    }

    /// Makes the UDF again from its options.
    fn start_again(&mut self) -> Result<Verdict> {
        let Some(task) = self.task.take() else {
            bail!("a snapshot came before Init");
        };
        self.udf = None;
        self.start(task)
    }

    /// Makes the UDF from the options that are kept.
    fn start(&mut self, task: Task) -> Result<Verdict> {
        let mut udf = match U::from_options(&self.options) {
            Ok(udf) => udf,
            Err(errors) => return Ok(Verdict::Refused(errors.to_string())),
        };
        if let Err(error) = udf.init(&task) {
            return Ok(Verdict::Refused(error.to_string()));
        }
        self.udf = Some(udf);
        self.task = Some(task);
        Ok(Verdict::Accepted)
    }

    fn on_point(&mut self, point: Point, out: &mut U::Output) -> Result<()> {
        let spare = match self.spec.on_error {
            OnError::Stop => None,
            on_error => {
                self.complaints.note_point(&point);
                (on_error == OnError::Pass).then(|| point.clone())
            }
        };
        match self.udf()?.point(point, out) {
            Ok(()) => Ok(()),
            Err(error) => self.bear(error, || {
                spare.map_or(Ok(()), |point| pass::point(point, out))
            }),
        }
    }

    fn on_batch(&mut self, batch: Batch, out: &mut U::Output) -> Result<()> {
        let spare = match self.spec.on_error {
            OnError::Stop => None,
            on_error => {
                self.complaints.note_batch(&batch);
                (on_error == OnError::Pass).then(|| batch.clone())
            }
        };
        match self.udf()?.batch(batch, out) {
            Ok(()) => Ok(()),
            Err(error) => self.bear(error, || {
                spare.map_or(Ok(()), |batch| pass::batch(batch, out))
            }),
        }
    }

    /// Does with an error of one point or batch what the author wants.
    #[cold]
    fn bear(&mut self, error: Error, pass: impl FnOnce() -> Result<()>) -> Result<()> {
        let error = self.about_option(error);
        // Where nothing can be sent any more, nothing is worth going on for.
        let is_cut_off = matches!(
            error.downcast_ref(),
            Some(SendError::Closed | SendError::Write(_))
        );
        if is_cut_off || self.spec.on_error == OnError::Stop {
            return Err(error);
        }
        self.complaints.add(&error, self.spec.on_error);
        pass()
    }

    /// Says which option gave the name of a field or tag that a point does not have.
    fn about_option(&self, error: Error) -> Error {
        let Some(name) = error.downcast_ref().map(PointError::looked_up) else {
            return error;
        };
        // Another option may have the same text, but not at the same place.
        let option = self
            .udf
            .as_ref()
            .and_then(|udf| udf.option_at(name.address()));
        match option {
            Some(option) => {
                let context = format!("option .{option}('{name}')");
                error.context(context)
            }
            None => error,
        }
    }
}

impl<U: Udf> Default for UdfHandler<U> {
    fn default() -> Self {
        Self::new()
    }
}

impl<U: Udf> Handler for UdfHandler<U> {
    type Output = U::Output;

    fn info(&mut self) -> Result<Info> {
        Ok(self.spec.info())
    }

    fn init(&mut self, init: InitRequest, sender: Sender) -> Result<Verdict> {
        self.options = init.options;
        self.start(Task::new(init.task_id, init.node_id, sender))
    }

    fn snapshot(&mut self) -> Result<Vec<u8>> {
        if !self.spec.keeps_state {
            return Ok(Vec::new());
        }
        let state = self.udf()?.snapshot()?;
        if state.is_empty() {
            return Ok(state);
        }
        let Spec {
            name,
            state_version,
            ..
        } = self.spec;
        Ok(Envelope {
            udf: name,
            version: state_version,
            state: &state,
        }
        .wrap())
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<Verdict> {
        let (restored, is_touched) = self.take_back(snapshot);
        let Err(error) = restored else {
            return Ok(Verdict::Accepted);
        };
        match self.spec.on_restore_error {
            OnRestoreError::Refuse => Ok(Verdict::Refused(error.to_string())),
            OnRestoreError::Fresh => {
                log::warn!("{} starts with fresh state: {error}", self.spec.name);
                if is_touched {
                    self.start_again()
                } else {
                    Ok(Verdict::Accepted)
                }
            }
        }
    }

    fn begin_batch(&mut self, begin: BeginBatch, _: &mut U::Output) -> Result<()> {
        // Kapacitor says how many points will come, but memory is not taken on its word alone.
        let expected = usize::try_from(begin.size).unwrap_or_default();
        self.batch = Some((begin, Vec::with_capacity(expected.min(EXPECTED_POINTS))));
        Ok(())
    }

    #[inline]
    fn point(&mut self, point: Point, out: &mut U::Output) -> Result<()> {
        match &mut self.batch {
            None => self.on_point(point, out),
            Some((_, points)) => {
                points.push(point);
                Ok(())
            }
        }
    }

    fn end_batch(&mut self, end: EndBatch, out: &mut U::Output) -> Result<()> {
        let Some((begin, mut points)) = self.batch.take() else {
            bail!("a batch ended that had not begun");
        };
        if U::Output::EDGE == EdgeType::Stream {
            // A batch's points have no name and dimensions, which a stream's must have.
            for point in &mut points {
                point.set_name(&begin.name);
                let dimensions = begin.tags.keys().map(String::as_str);
                point.set_grouping(&begin.group, begin.by_name, dimensions);
            }
        }
        self.on_batch(Batch::received(begin, points, end.tmax), out)
    }

    fn stop(&mut self, out: &mut U::Output) -> Result<()> {
        self.complaints.sum_up();
        match &mut self.udf {
            Some(udf) => udf.stop(out),
            None => Ok(()),
        }
    }

    fn tick_every(&self) -> Option<Duration> {
        self.udf.as_ref().and_then(U::tick_every)
    }

    fn tick(&mut self, now: i64, out: &mut U::Output) -> Result<()> {
        self.complaints.catch_up();
        self.udf()?.tick(now, out)
    }
}
