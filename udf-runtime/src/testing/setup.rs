//! [`Setup`]: how a UDF is started.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use log::LevelFilter;
use udf_proto::{Option as Call, OptionValue as Argument, ValueType, option_value};
use udf_tickscript::{Literal, parse_calls};

use super::log::Capture;
use super::{Failure, Harness, Subject};
use crate::agent::Limits;
use crate::line::Precision;
use crate::pipe::{GroupBy, TextReader};
use crate::udf::options::{Value, parse_assignment};

/// How a UDF is started: its options, and what Kapacitor does before the data reaches it.
///
/// ```
/// use udf_runtime::prelude::*;
/// use udf_runtime::testing::Harness;
///
/// /// Counts the points of each group.
/// #[udf(stream)]
/// struct Count {
///     /// Field for the count.
///     r#as: String,
///     #[state]
///     counts: PerGroup<i64>,
/// }
///
/// impl OnPoint for Count {
///     fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
///         let count = self.counts.of(&point);
///         *count += 1;
///         point.set_field(&self.r#as, *count);
///         out.point(point)
///     }
/// }
///
/// let mut udf = Harness::<Count>::setup()
///     .options(".as('n')")
///     .group_by(["host"])
///     .start()?;
/// let sent = udf.lines("m,host=a v=1 1\nm,host=b v=1 2\nm,host=a v=1 3")?;
/// sent.assert_lines(
///     "
///     m,host=a v=1,n=1i 1
///     m,host=b v=1,n=1i 2
///     m,host=a v=1,n=2i 3
///     ",
/// );
/// # Ok::<(), udf_runtime::testing::Failure>(())
/// ```
#[must_use = "`start` makes the UDF"]
pub struct Setup<U: Subject> {
    pub(super) make: Arc<dyn Fn() -> U::Handler + Send + Sync>,
    pub(super) options: Vec<Call>,
    /// What is wrong with the options as a text.
    pub(super) mistake: Option<String>,
    pub(super) group_by: GroupBy,
    pub(super) by_name: bool,
    pub(super) period: Option<Duration>,
    pub(super) precision: Precision,
    pub(super) clock: Option<i64>,
    pub(super) limits: Limits,
    pub(super) task_id: String,
    pub(super) node_id: String,
    pub(super) log: Option<Capture>,
}

impl<U: Subject> Setup<U> {
    pub(super) fn new(make: impl Fn() -> U::Handler + Send + Sync + 'static) -> Self {
        Self {
            make: Arc::new(make),
            options: Vec::new(),
            mistake: None,
            group_by: GroupBy::Nothing,
            by_name: false,
            period: None,
            precision: Precision::Nanoseconds,
            clock: None,
            limits: Limits::default(),
            task_id: "test".to_owned(),
            node_id: format!("{}2", U::name()),
            log: None,
        }
    }

    /// Adds options as TICKscript writes them: `.field('usage').size(10)`.
    ///
    /// An INT is not a DOUBLE there, and a double-quoted text not a string, as in a task.
    pub fn options(mut self, tickscript: &str) -> Self {
        match parse_calls(tickscript) {
            Ok(calls) => self.options.extend(calls.into_iter().map(call)),
            Err(error) => self.add_mistake(format!("the options are not TICKscript: {error}")),
        }
        self
    }

    /// Adds an option as `pipe --set` takes it: `size=10`.
    pub fn set(mut self, assignment: &str) -> Self {
        let parsed = match U::options() {
            Some(options) => parse_assignment(&options, assignment).map_err(|it| it.to_string()),
            None => Err("the types of a handler's options are not known; help: `options`".into()),
        };
        match parsed {
            Ok(call) => self.options.push(call),
            Err(error) => self.add_mistake(format!("`{assignment}`: {error}")),
        }
        self
    }

    fn add_mistake(&mut self, text: String) {
        self.mistake.get_or_insert(text);
    }

    /// Groups points by these tags, as TICKscript's `groupBy` does; `["*"]` are all tags.
    pub fn group_by<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        let tags: Vec<String> = tags.into_iter().map(Into::into).collect();
        self.group_by = match &*tags {
            [] => GroupBy::Nothing,
            [all] if all == "*" => GroupBy::AllTags,
            _ => GroupBy::Tags(tags),
        };
        self
    }

    /// Groups points by their name as well, as TICKscript's `groupByMeasurement` does.
    pub fn by_name(mut self) -> Self {
        self.by_name = true;
        self
    }

    /// The time span of the batches that are made of lines, by the points' own time. Without it, all lines of a call
    /// are one batch for each group and name.
    pub fn period(mut self, period: Duration) -> Self {
        self.period = Some(period);
        self
    }

    /// The unit of times in lines, in both directions. Nanoseconds by default.
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// The time at which the clock starts, in nanoseconds since the epoch, UTC. From there on, only
    /// [`Harness::advance`] moves it.
    ///
    /// Without it, the clock starts at 0, and follows the data: it stands at the latest time of a point or batch, as it
    /// does where data comes when it is made.
    pub fn clock(mut self, nanoseconds: i64) -> Self {
        self.clock = Some(nanoseconds);
        self
    }

    /// The agent's resource limits, such as the largest message.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The IDs of the task and of the UDF's node. `test`, and the UDF's name with a number, by default.
    pub fn task(mut self, task_id: &str, node_id: &str) -> Self {
        task_id.clone_into(&mut self.task_id);
        node_id.clone_into(&mut self.node_id);
        self
    }

    /// Keeps what the UDF logs, from a level on, for [`Harness::log`]. Without this, it goes nowhere.
    ///
    /// Only callbacks are listened to: a record of a thread of the UDF cannot be assigned to one of the tests that
    /// run side by side. This takes the place of the process's logger, so that a test program which installs
    /// another one cannot use it.
    pub fn capture_log(mut self, level: LevelFilter) -> Self {
        self.log = Some(Capture::new(level));
        self
    }

    /// Starts a UDF.
    ///
    /// # Errors
    /// The UDF refuses its options, or they are not TICKscript.
    pub fn start(&self) -> Result<Harness<U>, Failure> {
        let mut setup = self.clone();
        // Several may be started from one setup.
        setup.log = setup.log.map(|capture| capture.another());
        Harness::start(setup, None)
    }

    pub(super) fn reader(&self) -> Result<TextReader, Failure> {
        let reader = TextReader::new(
            self.group_by.clone(),
            self.by_name,
            self.period,
            self.precision,
        );
        reader.map_err(|error| Failure::of_test(error.to_string()))
    }
}

impl<U: Subject> Clone for Setup<U> {
    fn clone(&self) -> Self {
        Self {
            make: self.make.clone(),
            options: self.options.clone(),
            mistake: self.mistake.clone(),
            group_by: self.group_by.clone(),
            by_name: self.by_name,
            period: self.period,
            precision: self.precision,
            clock: self.clock,
            limits: self.limits.clone(),
            task_id: self.task_id.clone(),
            node_id: self.node_id.clone(),
            log: self.log.clone(),
        }
    }
}

impl<U: Subject> fmt::Debug for Setup<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("options", &self.options)
            .field("group_by", &self.group_by)
            .finish_non_exhaustive()
    }
}

/// The option as Kapacitor sends it.
fn call(call: udf_tickscript::Call) -> Call {
    Call {
        name: call.name,
        values: call.arguments.into_iter().map(argument).collect(),
    }
}

fn argument(literal: Literal) -> Argument {
    let value = match literal {
        Literal::Bool(value) => Value::Bool(value),
        Literal::Int(value) => Value::Int(value),
        Literal::Double(value) => Value::Double(value),
        Literal::String(value) => Value::String(value),
        Literal::Duration(value) => Value::Duration(value),
        // As Kapacitor sends it.
        Literal::Reference(_) => {
            return Argument {
                r#type: ValueType::Bool.into(),
                value: None,
            };
        }
    };
    Argument {
        r#type: value.value_type().into(),
        value: Some(option_value::Value::from(value)),
    }
}
