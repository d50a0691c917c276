//! [`Sent`]: what a UDF has sent.

use std::fmt::{self, Display, Write as _};

use super::difference::difference;
use super::host::Data;
use crate::data::{Batch, Point};
use crate::line::{Omitted, Precision};
use crate::pipe::{write_batch, write_point};

/// What a UDF has sent: points or batches, in their order.
///
/// It compares with line protocol, and displays as such, so that it fits `assert_eq!`, [`assert_lines`],
/// `insta::assert_snapshot!` and `expect_test::expect!`. Each batch has a comment line before its points, so that an
/// empty one can be seen:
///
/// [`assert_lines`]: Self::assert_lines
///
/// ```
/// use udf_runtime::prelude::*;
/// use udf_runtime::testing::Harness;
///
/// /// Passes batches on.
/// #[udf(batch)]
/// struct Mirror;
///
/// impl OnBatch for Mirror {
///     fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
///         out.batch(batch)
///     }
/// }
///
/// let mut udf = Harness::<Mirror>::setup().group_by(["host"]).start()?;
/// let sent = udf.lines("cpu,host=a usage=1 10\ncpu,host=b usage=2 20")?;
/// sent.assert_lines(
///     r#"
///     ## batch "cpu", group "host=a", tmax 10
///     cpu,host=a usage=1 10
///     ## batch "cpu", group "host=b", tmax 20
///     cpu,host=b usage=2 20
///     "#,
/// );
/// assert_eq!(sent.batches()[1].tmax(), 20);
/// # Ok::<(), udf_runtime::testing::Failure>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Sent {
    data: Data,
    precision: Precision,
}

impl Sent {
    pub(super) fn new(data: Data, precision: Precision) -> Self {
        Self { data, precision }
    }

    /// The points, of a UDF that provides a stream.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.data.points
    }

    /// The batches, of a UDF that provides batches.
    #[must_use]
    pub fn batches(&self) -> &[Batch] {
        &self.data.batches
    }

    /// The points alone.
    #[must_use]
    pub fn into_points(self) -> Vec<Point> {
        self.data.points
    }

    /// The batches alone.
    #[must_use]
    pub fn into_batches(self) -> Vec<Batch> {
        self.data.batches
    }

    /// Whether nothing was sent. An empty batch is something.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data == Data::default()
    }

    /// The lines that `pipe` writes: without comments.
    #[must_use]
    pub fn lines(&self) -> String {
        let mut text = String::new();
        for point in self.points() {
            write_point(point, self.precision, &mut text);
        }
        for batch in self.batches() {
            write_batch(batch, self.precision, &mut text);
        }
        text
    }

    /// Panics with the difference unless the lines are the expected ones. White space around a line and blank
    /// lines do not count, so that the expected text may be indented.
    #[track_caller]
    pub fn assert_lines(&self, expected: &str) {
        assert_lines(self, expected);
    }
}

/// Panics with the difference unless a text has the expected lines. White space around a line and blank lines do
/// not count.
///
/// [`Sent::assert_lines`] is the short form. This one compares any other text, such as [`Sent::lines`].
#[track_caller]
pub fn assert_lines(found: &(impl Display + ?Sized), expected: &str) {
    let found = found.to_string();
    let difference = difference(expected, &found);
    assert!(
        difference.is_none(),
        "the lines differ (- expected, + found):\n{}\nAll found lines:\n{found}",
        difference.unwrap_or_default()
    );
}

/// Line protocol. What of a point or batch it does not hold stands in comments behind it.
impl Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for point in self.points() {
            let omitted = write_point(point, self.precision, &mut text);
            comment_on(&omitted, &mut text)?;
        }
        for batch in self.batches() {
            let (name, group, tmax) = (batch.name(), batch.group(), batch.tmax());
            let tmax = tmax.div_euclid(self.precision.nanoseconds());
            writeln!(text, "# batch {name:?}, group {group:?}, tmax {tmax}")?;
            let omitted = write_batch(batch, self.precision, &mut text);
            comment_on(&omitted, &mut text)?;
        }
        f.write_str(&text)
    }
}

fn comment_on(omitted: &Omitted, text: &mut String) -> fmt::Result {
    omitted
        .losses()
        .iter()
        .try_for_each(|loss| writeln!(text, "# {loss}"))
}

/// The lines, so that a failing `assert_eq!` is readable.
impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl PartialEq<str> for Sent {
    fn eq(&self, other: &str) -> bool {
        let text = self.to_string();
        text == other
    }
}

impl PartialEq<&str> for Sent {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl PartialEq<String> for Sent {
    fn eq(&self, other: &String) -> bool {
        self == other.as_str()
    }
}
