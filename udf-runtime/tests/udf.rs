//! What `#[udf]` makes of a struct and its methods.

use std::time::Duration;

use udf_runtime::testing::{FailureKind, Harness};
use udf_runtime::{
    OnError, OnRestoreError, Spec, Udf,
    prelude::*,
    proto::{self, EdgeType},
};

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

impl OnPoint<BatchOutput> for HTTPStatusGatherer {
    fn on_init(&mut self, _: &Task) -> Result<()> {
        self.log.push("init");
        Ok(())
    }

    fn on_point(&mut self, _: Point, _: &mut BatchOutput) -> Result<()> {
        self.log.push("point");
        Ok(())
    }

    fn on_tick(&mut self, _: i64, _: &mut BatchOutput) -> Result<()> {
        self.log.push("tick");
        Ok(())
    }
}

#[udf(batch -> stream, name = "other", on_error = "drop")]
struct Defaults;

impl OnBatch<StreamOutput> for Defaults {
    fn on_batch(&mut self, _: Batch, _: &mut StreamOutput) -> Result<()> {
        Ok(())
    }
}

/// Sends what it is called with.
#[udf(stream)]
struct Caller {
    #[option(default = "called")]
    name: String,
    #[skip]
    calls: i64,
}

impl OnPoint for Caller {
    fn on_init(&mut self, task: &Task) -> Result<()> {
        if task.task_id() == "refused" {
            bail!("{} is refused", task.node_id());
        }
        self.calls += 1;
        Ok(())
    }

    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        self.calls += 1;
        point.set_field(&self.name, self.calls);
        out.point(point)
    }

    fn on_stop(&mut self, out: &mut StreamOutput) -> Result<()> {
        self.calls += 1;
        let mut point = Point::new("last");
        point.set_field(&self.name, self.calls);
        out.point(point)
    }
}

#[test]
fn hooks_are_called_where_they_are() {
    let mut udf = Harness::<Caller>::new("").expect("it takes any task");
    assert_eq!(udf.lines("cpu v=1 1").unwrap(), "cpu v=1,called=2i 1\n");
    assert_eq!(udf.stop().unwrap(), "last called=3i 0\n");
}

#[test]
fn an_error_of_on_init_refuses() {
    let setup = Harness::<Caller>::setup().task("refused", "caller2");
    let refused = setup.start().unwrap_err();
    assert_eq!(refused.kind(), FailureKind::Refused);
    assert_eq!(refused.text(), "caller2 is refused");
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
        on_error,
        on_restore_error,
        state_version,
        keeps_state,
        ..
    } = HTTPStatusGatherer::spec();
    assert_eq!(name, "http_status_gatherer");
    assert_eq!(docs, "Gathers points\ninto batches.\n\nMore of it.");
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    assert_eq!((wants, provides), (EdgeType::Stream, EdgeType::Batch));
    assert!(options.is_empty());
    let udf = HTTPStatusGatherer::from_options(&[]).expect("there are no options");
    assert_eq!(udf.tick_every(), Some(Duration::from_secs(90)));
    assert_eq!(on_error, OnError::Pass);
    assert_eq!(on_restore_error, OnRestoreError::Fresh);
    assert_eq!(state_version, 7);
    assert!(!keeps_state);
}

#[test]
fn what_is_not_said_has_its_default() {
    let spec = Defaults::spec();
    assert_eq!(spec.name, "other");
    assert_eq!(spec.docs, "");
    assert_eq!(
        (spec.wants, spec.provides),
        (EdgeType::Batch, EdgeType::Stream)
    );
    assert_eq!(Defaults.tick_every(), None);
    assert_eq!(spec.on_error, OnError::Drop);
    assert_eq!(spec.on_restore_error, OnRestoreError::Refuse);
    assert_eq!(spec.state_version, 1);
}

/// A call of an option that takes a duration.
fn of_seconds(name: &str, seconds: i64) -> proto::Option {
    proto::Option {
        name: name.to_owned(),
        values: vec![proto::OptionValue {
            r#type: proto::ValueType::Duration.into(),
            value: Some(proto::option_value::Value::DurationValue(
                seconds * 1_000_000_000,
            )),
        }],
    }
}

#[test]
fn an_option_says_how_often_on_tick_is_called() {
    #[udf(stream, tick = flush)]
    struct ByOption {
        flush: Duration,
    }

    #[udf(stream, tick = flush, rename_all = "camelCase")]
    struct Maybe {
        #[option(name = "flush_every")]
        flush: Option<Duration>,
        #[option(default = 1)]
        window_size: u64,
    }

    impl OnPoint for ByOption {
        fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
            out.point(point)
        }
    }

    impl OnPoint for Maybe {
        fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
            assert_eq!(self.window_size, 1);
            out.point(point)
        }
    }

    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let by_option = ByOption::from_options(&[of_seconds("flush", 5)]).expect("it is allowed");
    assert_eq!(by_option.tick_every(), seconds(5));
    let maybe = Maybe::from_options(&[]).expect("the option is optional");
    assert_eq!(maybe.tick_every(), None);
    let maybe = Maybe::from_options(&[of_seconds("flush_every", 7)]).expect("it is allowed");
    assert_eq!(maybe.tick_every(), seconds(7));
    let names: Vec<_> = Maybe::spec()
        .options
        .iter()
        .map(|option| option.name)
        .collect();
    assert_eq!(names, ["flush_every", "windowSize"]);

    let refused = ByOption::from_options(&[of_seconds("flush", 0)]).err();
    assert_eq!(
        refused.map(|error| error.to_string()).as_deref(),
        Some(r#"option "flush": expected a DURATION other than 0, found 0s; help: .flush(10s)"#)
    );
}

#[test]
fn a_tick_without_on_tick_is_an_error_at_the_first_tick() {
    #[udf(stream, tick = "1s")]
    struct Forgotten;

    impl OnPoint for Forgotten {
        fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
            out.point(point)
        }
    }

    let mut udf = Harness::<Forgotten>::new("").expect("it has no options");
    let failure = udf.advance(Duration::from_secs(1)).unwrap_err();
    assert!(
        failure
            .to_string()
            .contains("`tick` is set, but `on_tick` is not implemented"),
        "{failure}"
    );
}
