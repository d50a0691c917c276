//! What the fuzz targets share: UDFs, and an agent that reads bytes.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use support::host::{self, Talk};
use udf_runtime::proto::response::Message;
use udf_runtime::{Handler, Limits, prelude::*};

/// Sends every point back.
#[udf(stream)]
pub struct Mirror;

impl OnPoint for Mirror {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

/// Sends every batch back, then its first half.
#[udf(batch)]
pub struct Halves;

impl OnBatch for Halves {
    fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
        let mut half = Batch::like(&batch);
        half.extend(batch.points().iter().take(batch.len() / 2).cloned());
        out.batch(half)?;
        out.batch(batch)
    }
}

/// Sends the points of batches.
#[udf(batch -> stream)]
pub struct Apart;

impl OnBatch<StreamOutput> for Apart {
    fn on_batch(&mut self, batch: Batch, out: &mut StreamOutput) -> Result<()> {
        batch.into_iter().try_for_each(|point| out.point(point))
    }
}

/// Collects points into batches.
#[udf(stream -> batch, on_error = "pass")]
pub struct Together {
    #[state(expire = "1m")]
    open: PerGroup<u64>,
    #[skip]
    batch: Batch,
}

impl OnPoint<BatchOutput> for Together {
    fn on_point(&mut self, point: Point, out: &mut BatchOutput) -> Result<()> {
        point.number("value")?;
        *self.open.of(&point) += 1;
        if self.batch.len() > 2 {
            let batch = std::mem::replace(&mut self.batch, Batch::for_group_of(&point));
            out.batch(batch)?;
        }
        self.batch.push(point);
        Ok(())
    }

    fn on_stop(&mut self, out: &mut BatchOutput) -> Result<()> {
        out.batch(std::mem::take(&mut self.batch))
    }
}

/// Keeps state of many kinds.
#[udf(stream, on_error = "drop")]
pub struct Keeper {
    #[state]
    windows: PerGroup<Window>,
    #[state]
    words: BTreeMap<String, Vec<Option<i8>>>,
    #[state]
    last: Option<(i64, f64, String)>,
}

/// Some values.
#[state]
#[derive(Default)]
struct Window {
    values: Vec<f64>,
    kind: Kind,
}

/// A kind.
#[state]
#[derive(Default)]
enum Kind {
    #[default]
    None,
    One(i32),
    Two {
        name: String,
        count: u16,
    },
}

impl OnPoint for Keeper {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let value = point.number("value")?;
        let window = self.windows.of(&point);
        window.values.push(value);
        window.values.truncate(3);
        window.kind = match &window.kind {
            Kind::None => Kind::One(1),
            Kind::One(_) => Kind::Two {
                name: point.name().to_owned(),
                count: 1,
            },
            Kind::Two { name, count } if name.is_empty() => Kind::One((*count).into()),
            Kind::Two { .. } => Kind::None,
        };
        self.words
            .entry(point.name().to_owned())
            .or_default()
            .push(None);
        self.last = Some((point.time(), value, point.group().to_owned()));
        point.set_field("seen", window.values.len() as i64);
        out.point(point)
    }
}

/// Has options of many kinds.
#[udf(stream)]
pub struct Strict {
    field: String,
    #[option(range = 1..=100)]
    size: usize,
    port: Option<std::num::NonZeroU16>,
    #[option(default = (0.0, 1.0))]
    between: (f64, f64),
    #[option(default = "10s", range = "1s"..="1h")]
    period: Duration,
    #[option(flag)]
    quick: bool,
    #[option(default = Side::In)]
    side: Side,
    tags: Vec<(String, i8, bool)>,
    #[option(default = [1, 2, 3])]
    weights: [i64; 3],
}

/// A side.
#[derive(Clone, Copy, Debug, OptionValue)]
pub enum Side {
    In,
    Out,
}

impl OnPoint for Strict {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let Self {
            field,
            size,
            port,
            between,
            period,
            quick,
            side,
            tags,
            weights,
        } = self;
        point.set_field(
            "options",
            &*format!("{field} {size} {port:?} {between:?} {period:?} {quick} {side:?} {tags:?} {weights:?}"),
        );
        out.point(point)
    }
}

/// Limits of a few MiB per input, which leave the memory to the fuzzer.
#[must_use]
pub fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.message_bytes = 1 << 20;
    limits.batch_points = 1_000;
    limits
}

/// The output of an agent for an input, and how it ended. Checks the output with the model of Kapacitor.
///
/// # Panics
/// If Kapacitor would crash.
pub fn answer(handler: impl Handler, input: &[u8]) -> (Vec<Message>, Result<(), String>) {
    answer_from(handler, Cursor::new(input.to_vec()))
}

/// The same, for input from a reader.
///
/// # Panics
/// If Kapacitor would crash.
pub fn answer_from(
    handler: impl Handler,
    input: impl Read + Send + 'static,
) -> (Vec<Message>, Result<(), String>) {
    let Talk { responses, outcome } = host::answer(limits(), handler, input);
    let failed = matches!(responses.last(), Some(Message::Error(_)));
    assert_eq!(failed, outcome.is_err(), "{outcome:?}");
    (responses, outcome.map_err(|error| error.to_string()))
}
