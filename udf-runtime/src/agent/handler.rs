//! The protocol's callbacks.

use std::collections::BTreeMap;
use std::time::Duration;

use udf_proto::{BeginBatch, EdgeType, EndBatch, InfoResponse, InitRequest, OptionInfo, ValueType};

use crate::bail;
use crate::data::Point;
use crate::error::Result;
use crate::output::{Output, Sender};

/// The protocol's eight callbacks, named as in the Go agent, and one for the clock.
///
/// `#[udf]` makes a handler from a struct. Write one by hand if the protocol itself matters. By
/// default a handler keeps no state, takes no batches, and sends nothing at the end. Only one callback
/// runs at a time. An `Err` ends the agent. Kapacitor gets it as an `ErrorResponse`, after everything
/// that was sent before.
///
/// # The end
/// At the end of the input and after a signal, the agent calls [`stop`](Self::stop) and drops the handler
/// before it ends. After an error, a panic or a failed write, it drops the handler without `stop`, and the
/// program may end before `Drop` has finished. A handler whose callback is stuck is not dropped.
///
/// ```
/// use udf_runtime::proto::{EdgeType, InitRequest};
/// use udf_runtime::{Agent, Handler, Info, Point, Result, Sender, StreamOutput, Verdict};
///
/// /// Counts the points and writes their number into each.
/// #[derive(Default)]
/// struct Count {
///     points: i64,
/// }
///
/// impl Handler for Count {
///     type Output = StreamOutput;
///
///     fn info(&mut self) -> Result<Info> {
///         Ok(Info::new(EdgeType::Stream))
///     }
///
///     fn init(&mut self, init: InitRequest, _sender: Sender) -> Result<Verdict> {
///         Ok(match init.options.first() {
///             None => Verdict::Accepted,
///             Some(option) => Verdict::Refused(format!("there is no option {:?}", option.name)),
///         })
///     }
///
///     fn snapshot(&mut self) -> Result<Vec<u8>> {
///         Ok(self.points.to_le_bytes().to_vec())
///     }
///
///     fn restore(&mut self, snapshot: &[u8]) -> Result<Verdict> {
///         Ok(match snapshot.try_into() {
///             Ok(bytes) => {
///                 self.points = i64::from_le_bytes(bytes);
///                 Verdict::Accepted
///             }
///             Err(_) => Verdict::Refused("a snapshot has 8 bytes".to_owned()),
///         })
///     }
///
///     fn point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
///         self.points += 1;
///         point.set_field("count", self.points);
///         out.point(point)
///     }
/// }
///
/// // Kapacitor would be at the other end. Here the input ends at once.
/// Agent::new(std::io::empty(), std::io::sink()).run(Count::default())?;
/// # Ok::<(), udf_runtime::AgentError>(())
/// ```
pub trait Handler: Send + 'static {
    /// [`StreamOutput`](crate::StreamOutput) or [`BatchOutput`](crate::BatchOutput): what the
    /// UDF provides.
    type Output: Output;

    /// The edge that the UDF wants, and its options. Kapacitor asks for this when it starts, and does not
    /// start without an answer. So this must not wait for anything.
    ///
    /// # Errors
    /// Ends the agent.
    fn info(&mut self) -> Result<Info>;

    /// Receives the options of one use of the UDF. Keep the sender to send from other threads.
    ///
    /// # Errors
    /// Ends the agent; wrong options are [refused](Verdict::Refused).
    fn init(&mut self, init: InitRequest, sender: Sender) -> Result<Verdict>;

    /// Returns the state, in any encoding. Kapacitor does not store an empty one.
    ///
    /// The answer follows all output of the input before it.
    ///
    /// # Errors
    /// Ends the agent.
    fn snapshot(&mut self) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    /// Restores a state, after `init` and before any data.
    ///
    /// # Errors
    /// Ends the agent; a state that does not fit is [refused](Verdict::Refused).
    fn restore(&mut self, snapshot: &[u8]) -> Result<Verdict> {
        let _ = snapshot;
        Ok(Verdict::Refused("this UDF keeps no state".to_owned()))
    }

    /// A batch begins. The points that follow belong to it. A handler that wants batches needs this.
    ///
    /// # Errors
    /// Ends the agent.
    fn begin_batch(&mut self, begin: BeginBatch, out: &mut Self::Output) -> Result<()> {
        let _ = (begin, out);
        bail!("this UDF takes no batches")
    }

    /// A point of the stream, or of the batch that has begun.
    ///
    /// # Errors
    /// Ends the agent.
    fn point(&mut self, point: Point, out: &mut Self::Output) -> Result<()>;

    /// The batch ends. A handler that wants batches needs this.
    ///
    /// # Errors
    /// Ends the agent.
    fn end_batch(&mut self, end: EndBatch, out: &mut Self::Output) -> Result<()> {
        let _ = (end, out);
        bail!("this UDF takes no batches")
    }

    /// The last callback, after the input has ended or the agent was stopped. It may still send.
    ///
    /// # Errors
    /// Ends the agent with an error instead of quietly.
    fn stop(&mut self, out: &mut Self::Output) -> Result<()> {
        let _ = out;
        Ok(())
    }

    /// The period of [`tick`](Self::tick), if there are ticks. Called once, after `init`.
    fn tick_every(&self) -> Option<Duration> {
        None
    }

    /// Called periodically, between the other callbacks, with the current time in nanoseconds
    /// since the epoch, UTC. A missed tick is not repeated.
    ///
    /// # Errors
    /// Ends the agent.
    fn tick(&mut self, now: i64, out: &mut Self::Output) -> Result<()> {
        let _ = (now, out);
        Ok(())
    }
}

/// The edge that a UDF wants, and its options. [`Handler::Output`] is the edge that it provides.
///
/// ```
/// use udf_runtime::Info;
/// use udf_runtime::proto::{EdgeType, ValueType};
///
/// let info = Info::new(EdgeType::Stream)
///     .option("field", &[ValueType::String])
///     .option("range", &[ValueType::Double, ValueType::Double]);
/// # let _ = info;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Info {
    pub(crate) wants: EdgeType,
    options: BTreeMap<String, OptionInfo>,
}

impl Info {
    /// Creates an `Info` without options.
    #[must_use]
    pub fn new(wants: EdgeType) -> Self {
        Self {
            wants,
            options: BTreeMap::new(),
        }
    }

    /// Adds an option and the types of its arguments.
    #[must_use]
    pub fn option(mut self, name: &str, arguments: &[ValueType]) -> Self {
        let value_types = arguments
            .iter()
            .map(|argument| i32::from(*argument))
            .collect();
        self.options
            .insert(name.to_owned(), OptionInfo { value_types });
        self
    }

    /// The answer to Kapacitor.
    pub(crate) fn response(self, provides: EdgeType) -> InfoResponse {
        InfoResponse {
            wants: self.wants.into(),
            provides: provides.into(),
            options: self.options,
        }
    }
}

/// The answer to an `Init` or a `Restore`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It fits.
    Accepted,
    /// It does not fit, with the reason, which becomes the task's error in Kapacitor.
    Refused(String),
}
