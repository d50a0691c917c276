//! Input for property tests with [`proptest`]; needs the feature `proptest`.
//!
//! In Cargo.toml, beside the dependency that has no such feature:
//!
//! ```toml
//! [dev-dependencies]
//! proptest = "1"
//! udf-runtime = { version = "0.1", features = ["proptest"] }
//! ```
//!
//! [`Series`] makes points as the UDF expects them, and [`any_points`] those that it should survive:
//!
//! ```
//! use proptest::prelude::*;
//! use udf_runtime::prelude::*;
//! use udf_runtime::testing::{Harness, strategies::{Series, any_points}};
//!
//! /// Keeps the largest value of each group.
//! #[udf(stream, on_error = "drop")]
//! struct Largest {
//!     #[state]
//!     largest: PerGroup<Option<f64>>,
//! }
//!
//! impl OnPoint for Largest {
//!     fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
//!         let value = point.number("v")?;
//!         let largest = self.largest.of(&point);
//!         let new = largest.map_or(value, |largest| largest.max(value));
//!         *largest = Some(new);
//!         point.set_field("largest", new);
//!         out.point(point)
//!     }
//! }
//!
//! fn series() -> impl Strategy<Value = Vec<Point>> {
//!     Series::new("m")
//!         .tag("host", ["a", "b"])
//!         .float("v", -1e6..1e6)
//!         .points(0..20)
//! }
//!
//! proptest! {
//!     # #![proptest_config(ProptestConfig::with_cases(8))]
//!     # /*
//!     #[test]
//!     # */
//!     fn the_largest_is_not_below_the_value(points in series()) {
//!         let mut udf = Harness::<Largest>::setup().group_by(["host"]).start()?;
//!         for point in udf.points(points)?.points() {
//!             prop_assert!(point.float("largest")? >= point.float("v")?);
//!         }
//!     }
//!
//!     # /*
//!     #[test]
//!     # */
//!     fn a_restart_changes_nothing(points in series()) {
//!         Harness::<Largest>::setup().group_by(["host"]).restore_everywhere(points)?;
//!     }
//!
//!     # /*
//!     #[test]
//!     # */
//!     fn nothing_makes_it_fail(points in any_points(0..20)) {
//!         Harness::<Largest>::new("")?.points(points)?;
//!     }
//! }
//! # the_largest_is_not_below_the_value();
//! # a_restart_changes_nothing();
//! # nothing_makes_it_fail();
//! ```

use proptest::collection::{SizeRange, vec};
use proptest::num::f64;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just};

use crate::data::{Batch, FieldValue, Point};

/// The longest time between two points of a series, in nanoseconds.
const LONGEST_GAP: i64 = 20_000_000_000;

/// A measurement of which a UDF gets points, with the tags and fields that each of them has.
///
/// Times begin at 0, and rise by up to 20 s from point to point.
#[derive(Clone, Debug)]
#[must_use = "`points` or `batch` is the strategy"]
pub struct Series {
    name: String,
    tags: Vec<(String, Vec<String>)>,
    fields: Vec<(String, BoxedStrategy<Value>)>,
}

impl Series {
    /// A measurement without tags and fields.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            tags: Vec::new(),
            fields: Vec::new(),
        }
    }

    /// Adds a tag that has one of these values.
    ///
    /// # Panics
    /// There are none.
    pub fn tag<T: Into<String>>(mut self, key: &str, values: impl IntoIterator<Item = T>) -> Self {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        assert!(
            !values.is_empty(),
            "the tag {key:?} has no values to choose from"
        );
        self.tags.push((key.to_owned(), values));
        self
    }

    /// Adds a float field.
    pub fn float(self, key: &str, values: impl Strategy<Value = f64> + 'static) -> Self {
        self.field(key, values.prop_map(Value::Float))
    }

    /// Adds an integer field.
    pub fn int(self, key: &str, values: impl Strategy<Value = i64> + 'static) -> Self {
        self.field(key, values.prop_map(Value::Int))
    }

    /// Adds a string field.
    pub fn string(self, key: &str, values: impl Strategy<Value = String> + 'static) -> Self {
        self.field(key, values.prop_map(Value::String))
    }

    /// Adds a boolean field.
    pub fn bool(self, key: &str) -> Self {
        self.field(key, any::<bool>().prop_map(Value::Bool))
    }

    fn field(mut self, key: &str, values: impl Strategy<Value = Value> + 'static) -> Self {
        self.fields.push((key.to_owned(), values.boxed()));
        self
    }

    /// Points, in the order of their times.
    pub fn points(self, size: impl Into<SizeRange>) -> impl Strategy<Value = Vec<Point>> {
        let values: Vec<_> = self
            .fields
            .iter()
            .map(|(_, values)| values.clone())
            .collect();
        let tags: Vec<_> = self
            .tags
            .iter()
            .map(|(_, values)| select(values.clone()))
            .collect();
        vec((0..LONGEST_GAP, tags, values), size).prop_map(move |rows| {
            let mut time = 0;
            let point = |(gap, tags, values): (i64, Vec<String>, Vec<Value>)| {
                let mut point = Point::new(&self.name);
                point.set_time(time);
                time += gap;
                for ((key, _), value) in self.tags.iter().zip(&tags) {
                    point.set_tag(key, value);
                }
                for ((key, _), value) in self.fields.iter().zip(&values) {
                    point.set_field(key, value.borrowed());
                }
                point
            };
            rows.into_iter().map(point).collect()
        })
    }

    /// A batch of the measurement, whose points differ in their tags.
    pub fn batch(self, size: impl Into<SizeRange>) -> impl Strategy<Value = Batch> {
        let name = self.name.clone();
        self.points(size).prop_map(move |points| {
            let mut batch = Batch::new(&name);
            batch.extend(points);
            batch
        })
    }
}

/// Points of any kind: with strange names, any text in tags and fields, numbers that are NaN or infinite, and times from
/// all of history.
pub fn any_points(size: impl Into<SizeRange>) -> impl Strategy<Value = Vec<Point>> {
    vec(any_point(), size)
}

/// A point of any kind.
pub fn any_point() -> impl Strategy<Value = Point> {
    let tags = vec((key(), any::<String>()), 0..4);
    let fields = vec((key(), any_value()), 0..5);
    let time = prop_oneof![any::<i64>(), Just(0), 0..LONGEST_GAP];
    (key(), time, tags, fields).prop_map(|(name, time, tags, fields)| {
        let mut point = Point::new(&name);
        point.set_time(time);
        for (key, value) in &tags {
            point.set_tag(key, value);
        }
        for (key, value) in &fields {
            point.set_field(key, value.borrowed());
        }
        point
    })
}

/// A name: mostly a usual one, so that points have some in common.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(vec!["v", "value", "host", "m"]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        f64::ANY.prop_map(Value::Float),
        any::<i64>().prop_map(Value::Int),
        any::<bool>().prop_map(Value::Bool),
        any::<String>().prop_map(Value::String),
    ]
}

/// The value of a field.
#[derive(Clone, Debug)]
enum Value {
    Float(f64),
    Int(i64),
    Bool(bool),
    String(String),
}

impl Value {
    fn borrowed(&self) -> FieldValue<'_> {
        match self {
            Self::Float(value) => FieldValue::Float(*value),
            Self::Int(value) => FieldValue::Int(*value),
            Self::Bool(value) => FieldValue::Bool(*value),
            Self::String(value) => FieldValue::String(value),
        }
    }
}
