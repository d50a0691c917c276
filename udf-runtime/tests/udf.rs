//! What `#[udf]` makes of a struct and its methods.

use std::time::Duration;

use udf_runtime::{OnError, OnRestoreError, Spec, prelude::*, proto::EdgeType};

/// Gathers points
/// into batches.
///
/// More of it.
#[udf(
    stream -> batch,
    tick = "1m30s",
    on_error = "pass",
    on_restore_error = "fresh",
    state_version = 7
)]
struct HTTPStatusGatherer {
    #[skip]
    log: Vec<&'static str>,
}

impl HTTPStatusGatherer {
    fn on_init(&mut self, _: &Task) -> Result<()> {
        self.log.push("init");
        Ok(())
    }

    fn on_point(&mut self, _: Point, _: &mut BatchOutput) -> Result<()> {
        self.log.push("point");
        Ok(())
    }

    fn on_tick(&mut self, _: &mut BatchOutput) -> Result<()> {
        self.log.push("tick");
        Ok(())
    }
}

#[udf(batch -> stream, name = "other", on_error = "drop")]
struct Defaults;

impl Defaults {
    fn on_batch(&self, _: Batch, _: &mut StreamOutput) -> std::io::Result<()> {
        Err(std::io::Error::other("of another type"))
    }
}

#[test]
fn a_spec_says_what_the_attributes_say() {
    let Spec {
        name,
        docs,
        version,
        wants,
        provides,
        options,
        tick,
        on_error,
        on_restore_error,
        state_version,
        keeps_state,
    } = <HTTPStatusGatherer as udf_runtime::Udf>::spec();
    assert_eq!(name, "http_status_gatherer");
    assert_eq!(docs, "Gathers points\ninto batches.\n\nMore of it.");
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    assert_eq!((wants, provides), (EdgeType::Stream, EdgeType::Batch));
    assert!(options.is_empty());
    assert_eq!(tick, Some(Duration::from_secs(90)));
    assert_eq!(on_error, OnError::Pass);
    assert_eq!(on_restore_error, OnRestoreError::Fresh);
    assert_eq!(state_version, 7);
    assert!(!keeps_state);
}

#[test]
fn what_is_not_said_has_its_default() {
    let spec = <Defaults as udf_runtime::Udf>::spec();
    assert_eq!(spec.name, "other");
    assert_eq!(spec.docs, "");
    assert_eq!(
        (spec.wants, spec.provides),
        (EdgeType::Batch, EdgeType::Stream)
    );
    assert_eq!(spec.tick, None);
    assert_eq!(spec.on_error, OnError::Drop);
    assert_eq!(spec.on_restore_error, OnRestoreError::Refuse);
    assert_eq!(spec.state_version, 1);
}
