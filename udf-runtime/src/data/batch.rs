//! [`Batch`]: points that belong together.

use std::collections::BTreeMap;

use udf_proto::BeginBatch;

use super::{Point, group::spell_group};
use crate::protocol::batches::BatchHead;

/// Points that belong together: a name, a group with its tags, and the points in their order.
///
/// In a batch a point carries its time, tags and fields; name and group are the batch's.
///
/// ```
/// use udf_runtime::{Batch, Point};
///
/// let mut batch = Batch::new("cpu");
/// batch.set_tag("host", "a");
/// for (time, usage) in [(1_000, 10.0), (2_000, 20.0)] {
///     let mut point = Point::new("");
///     point.set_time(time);
///     point.set_field("usage", usage);
///     batch.push(point);
/// }
/// assert_eq!(batch.len(), 2);
/// assert_eq!(batch.group(), "host=a");
/// assert_eq!(batch.tmax(), 2_000);
/// ```
///
/// Points of a stream are collected into the batch of the first one's group:
///
/// ```
/// use udf_runtime::{Batch, Point};
///
/// let points = ["a", "a"].map(|host| {
///     let mut point = Point::now("cpu");
///     point.set_tag("host", host);
///     point.set_dimensions(["host"]);
///     point
/// });
/// let batch: Batch = points.into_iter().collect();
/// assert_eq!((batch.name(), batch.group(), batch.len()), ("cpu", "host=a", 2));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    head: Head,
    points: Vec<Point>,
    /// Latest time of the batch. Without it, that of its latest point.
    tmax: Option<i64>,
}

/// The members that a batch's begin and end share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) name: String,
    /// As Kapacitor spells it.
    pub(crate) group: String,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) by_name: bool,
}

impl Head {
    /// The group of a point.
    pub(crate) fn of_point(point: &Point) -> Self {
        let mut tags = BTreeMap::new();
        for name in point.dimensions() {
            // A missing tag is an empty one, as in Kapacitor.
            let value = point.tag(name).unwrap_or_default();
            tags.insert(name.to_owned(), value.to_owned());
        }
        Self {
            name: point.name().to_owned(),
            group: point.group().to_owned(),
            tags,
            by_name: point.by_name(),
        }
    }

    /// The members, to be encoded in a batch's begin and end.
    pub(crate) fn encoded(&self) -> BatchHead<'_> {
        BatchHead {
            name: &self.name,
            group: &self.group,
            tags: &self.tags,
            by_name: self.by_name,
        }
    }

    /// Updates the spelling of the group, after a change of its parts.
    fn regroup(&mut self) {
        let tags = self.tags.iter().map(|(name, value)| (&**name, &**value));
        self.group.clear();
        spell_group(&mut self.group, self.by_name.then_some(&self.name), tags);
    }
}

impl Batch {
    /// Creates an empty batch.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            head: Head {
                name: name.to_owned(),
                ..Head::default()
            },
            ..Self::default()
        }
    }

    /// Creates an empty batch with the name, group, tags and [`tmax`](Self::tmax) of another.
    #[must_use]
    pub fn like(other: &Self) -> Self {
        Self {
            head: other.head.clone(),
            points: Vec::new(),
            tmax: Some(other.tmax()),
        }
    }

    /// Creates an empty batch for the group of a point: its name and the tags of its dimensions.
    ///
    /// ```
    /// use udf_runtime::{Batch, Point};
    ///
    /// let mut point = Point::new("cpu");
    /// point.set_tag("host", "a");
    /// point.set_tag("rack", "7");
    /// point.set_dimensions(["host"]);
    /// let batch = Batch::for_group_of(&point);
    /// assert_eq!((batch.name(), batch.group()), ("cpu", "host=a"));
    /// assert_eq!(batch.tags().collect::<Vec<_>>(), [("host", "a")]);
    /// ```
    #[must_use]
    pub fn for_group_of(point: &Point) -> Self {
        Self {
            head: Head::of_point(point),
            ..Self::default()
        }
    }

    /// A batch that Kapacitor sent.
    pub(crate) fn received(begin: BeginBatch, points: Vec<Point>, tmax: i64) -> Self {
        let BeginBatch {
            name,
            group,
            tags,
            by_name,
            size: _,
        } = begin;
        Self {
            head: Head {
                name,
                group,
                tags,
                by_name,
            },
            points,
            tmax: Some(tmax),
        }
    }

    /// The [`tmax`](Self::tmax) that was set or received.
    pub(super) fn own_tmax(&self) -> Option<i64> {
        self.tmax
    }

    pub(super) fn set_group(&mut self, group: String) {
        self.head.group = group;
    }

    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// Name of the measurement.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.head.name
    }

    /// Sets the name of the measurement.
    pub fn set_name(&mut self, name: &str) {
        name.clone_into(&mut self.head.name);
        self.head.regroup();
    }

    /// Group of the batch, as Kapacitor spells it: `host=a,cpu=0`, or empty.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.head.group
    }

    /// The value of one of the tags that make the group.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.head.tags.get(name).map(String::as_str)
    }

    /// The tags that make the group, sorted by name.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head
            .tags
            .iter()
            .map(|(name, value)| (&**name, &**value))
    }

    /// Sets one of the tags that make the group.
    pub fn set_tag(&mut self, name: &str, value: &str) {
        self.head.tags.insert(name.to_owned(), value.to_owned());
        self.head.regroup();
    }

    /// Removes one of the tags that make the group. Returns `false` if the batch does not have it.
    pub fn remove_tag(&mut self, name: &str) -> bool {
        let removed = self.head.tags.remove(name).is_some();
        self.head.regroup();
        removed
    }

    /// Whether the batch is also grouped by its name.
    #[must_use]
    pub fn by_name(&self) -> bool {
        self.head.by_name
    }

    /// Sets whether the batch is also grouped by its name.
    pub fn set_by_name(&mut self, by_name: bool) {
        self.head.by_name = by_name;
        self.head.regroup();
    }

    /// Latest time of the batch, in nanoseconds since the epoch, UTC: the one that was set or received, or that of
    /// the latest point, or 0.
    #[must_use]
    pub fn tmax(&self) -> i64 {
        self.tmax
            .unwrap_or_else(|| self.points.iter().map(Point::time).max().unwrap_or(0))
    }

    /// Sets the latest time of the batch, in nanoseconds since the epoch, UTC.
    pub fn set_tmax(&mut self, nanoseconds: i64) {
        self.tmax = Some(nanoseconds);
    }

    /// Appends a point.
    pub fn push(&mut self, point: Point) {
        self.points.push(point);
    }

    /// Number of points.
    #[must_use]
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether the batch has no points.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The points, in their order.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The points, to change, sort, add or remove them in place.
    pub fn points_mut(&mut self) -> &mut Vec<Point> {
        &mut self.points
    }

    /// The points, without the batch.
    #[must_use]
    pub fn into_points(self) -> Vec<Point> {
        self.points
    }
}

impl Point {
    /// A point without fields for the group of a batch: its name and tags, at its [`tmax`](Batch::tmax).
    ///
    /// The opposite of [`Batch::for_group_of`]. Tags that only points of the batch have are not part of it.
    ///
    /// ```
    /// use udf_runtime::{Batch, Point};
    ///
    /// let mut batch = Batch::new("cpu");
    /// batch.set_tag("host", "a");
    /// batch.set_tmax(10);
    /// let point = Point::for_group_of(&batch);
    /// assert_eq!((point.name(), point.group(), point.time()), ("cpu", "host=a", 10));
    /// assert_eq!(point.tag("host"), Some("a"));
    /// ```
    #[must_use]
    pub fn for_group_of(batch: &Batch) -> Self {
        let mut point = Self::new(batch.name());
        point.set_time(batch.tmax());
        for (name, value) in batch.tags() {
            point.push_tag(name, value);
        }
        let dimensions = batch.tags().map(|(name, _)| name);
        point.set_grouping(batch.group(), batch.by_name(), dimensions);
        point
    }
}

/// Returns the points, in their order.
impl IntoIterator for Batch {
    type Item = Point;
    type IntoIter = std::vec::IntoIter<Point>;

    fn into_iter(self) -> Self::IntoIter {
        self.points.into_iter()
    }
}

impl<'a> IntoIterator for &'a Batch {
    type Item = &'a Point;
    type IntoIter = std::slice::Iter<'a, Point>;

    fn into_iter(self) -> Self::IntoIter {
        self.points.iter()
    }
}

impl<'a> IntoIterator for &'a mut Batch {
    type Item = &'a mut Point;
    type IntoIter = std::slice::IterMut<'a, Point>;

    fn into_iter(self) -> Self::IntoIter {
        self.points.iter_mut()
    }
}

/// Creates a batch [for the group of](Batch::for_group_of) the first point. Without points, the batch is empty and has
/// no name.
impl FromIterator<Point> for Batch {
    fn from_iter<T: IntoIterator<Item = Point>>(points: T) -> Self {
        let points: Vec<_> = points.into_iter().collect();
        let head = points.first().map(Head::of_point).unwrap_or_default();
        Self {
            head,
            points,
            tmax: None,
        }
    }
}

impl Extend<Point> for Batch {
    fn extend<T: IntoIterator<Item = Point>>(&mut self, points: T) {
        self.points.extend(points);
    }
}
