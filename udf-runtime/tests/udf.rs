//! What `#[udf]` makes of a struct and its methods.

use std::{
    io::{Cursor, Write},
    os::unix::net::UnixStream,
    sync::{Arc, Mutex},
    time::Duration,
};

use udf_runtime::{
    Agent, OnError, OnRestoreError, Spec, Udf, UdfHandler,
    prelude::*,
    proto::{
        self, EdgeType, InitRequest, Request, Response, prost::Message as _, request, response,
    },
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

/// What an agent with a `Caller` answers to an `Init` for this task, a point, and the end.
fn answers(task_id: &str) -> Vec<response::Message> {
    let init = InitRequest {
        task_id: task_id.into(),
        node_id: "caller2".into(),
        options: vec![],
    };
    let point = proto::Point {
        name: "cpu".into(),
        ..Default::default()
    };
    let mut input = Vec::new();
    for message in [request::Message::Init(init), request::Message::Point(point)] {
        let request = Request {
            message: Some(message),
        };
        input.extend(request.encode_length_delimited_to_vec());
    }
    let output = Output::default();
    // Data for a UDF that refused its options is an error of the host's.
    let _ = Agent::new(Cursor::new(input), output.clone()).run(UdfHandler::<Caller>::new());
    let bytes = output.0.lock().expect("no thread panicked").clone();
    let mut rest = &*bytes;
    let mut answers = Vec::new();
    while !rest.is_empty() {
        let response = Response::decode_length_delimited(&mut rest).expect("a whole frame");
        answers.extend(response.message);
    }
    answers
}

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no thread panicked").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn hooks_are_called_where_they_are() {
    let counts: Vec<_> = answers("task")
        .into_iter()
        .filter_map(|answer| match answer {
            response::Message::Point(point) => Some((point.name, point.fields_int["called"])),
            _ => None,
        })
        .collect();
    assert_eq!(counts, [("cpu".to_owned(), 2), ("last".to_owned(), 3)]);
}

#[test]
fn an_error_of_on_init_refuses() {
    let response::Message::Init(init) = &answers("refused")[0] else {
        panic!("no answer to Init")
    };
    assert!(!init.success);
    assert_eq!(init.error, "caller2 is refused");
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
    #[udf(stream, tick = "1ms")]
    struct Forgotten;

    impl OnPoint for Forgotten {
        fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
            out.point(point)
        }
    }

    let (host, agent) = UnixStream::pair().expect("a pair of sockets");
    let reader = agent.try_clone().expect("the same socket");
    let running = Agent::new(reader, agent)
        .start(UdfHandler::<Forgotten>::new())
        .expect("a thread");
    let init = Request {
        message: Some(request::Message::Init(InitRequest::default())),
    };
    (&host)
        .write_all(&init.encode_length_delimited_to_vec())
        .expect("the agent reads");
    // Nothing else comes, so only the tick can end the agent. The host's end stays open until then.
    let error = running.wait().expect_err("the tick fails").to_string();
    assert!(
        error.contains("`tick` is set, but `on_tick` is not implemented"),
        "{error}"
    );
    drop(host);
}
