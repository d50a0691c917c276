//! The group of a point.

use std::collections::BTreeMap;

use udf_proto::BeginBatch;

use crate::data::{Point, spell_group};
use crate::line::Line;

use super::GroupBy;

/// Finds the groups of points as Kapacitor does, with the dimensions in the order of their names.
pub(super) struct Grouping {
    by: GroupBy,
    by_name: bool,
    /// The group of the last point.
    id: String,
    /// With [`GroupBy::AllTags`], the tags of the last point, and where they stand in its line. Only the
    /// first of the dimensions are in use.
    dimensions: Vec<String>,
    order: Vec<usize>,
}

impl Grouping {
    pub(super) fn new(mut by: GroupBy, by_name: bool) -> Self {
        if let GroupBy::Tags(tags) = &mut by {
            tags.sort_unstable();
            tags.dedup();
        }
        Grouping {
            by,
            by_name,
            id: String::new(),
            dimensions: Vec::new(),
            order: Vec::new(),
        }
    }

    /// Groups the point of a line.
    pub(super) fn of(&mut self, line: &Line<'_>) -> Group<'_> {
        self.id.clear();
        let name = self.by_name.then(|| line.name());
        let dimensions = match &self.by {
            GroupBy::Nothing => {
                spell_group(&mut self.id, name, []);
                &[]
            }
            GroupBy::Tags(tags) => {
                let values = tags.iter().map(|tag| (tag.as_str(), value_of(line, tag)));
                spell_group(&mut self.id, name, values);
                tags.as_slice()
            }
            GroupBy::AllTags => {
                self.order.clear();
                self.order.extend(0..line.tags().len());
                self.order.sort_unstable_by_key(|index| line.tag(*index).0);
                let tags = self.order.iter().map(|index| line.tag(*index));
                spell_group(&mut self.id, name, tags.clone());
                for (used, (tag, _)) in tags.enumerate() {
                    match self.dimensions.get_mut(used) {
                        Some(dimension) => tag.clone_into(dimension),
                        None => self.dimensions.push(tag.to_owned()),
                    }
                }
                &self.dimensions[..self.order.len()]
            }
        };
        Group {
            id: &self.id,
            dimensions,
            by_name: self.by_name,
            is_all_tags: self.by == GroupBy::AllTags,
        }
    }
}

/// The value of a tag; empty where the point does not have it.
fn value_of<'a>(line: &Line<'a>, tag: &str) -> &'a str {
    let found = line.tags().find(|(name, _)| *name == tag);
    found.map_or("", |(_, value)| value)
}

/// The group of a point.
#[derive(Clone, Copy)]
pub(super) struct Group<'a> {
    pub(super) id: &'a str,
    pub(super) dimensions: &'a [String],
    pub(super) by_name: bool,
    is_all_tags: bool,
}

impl Group<'_> {
    /// Makes the point of a line.
    #[inline]
    pub(super) fn point(&self, line: &Line<'_>, time: i64) -> Point {
        let mut point = Point::new(line.name());
        point.set_time(time);
        if !self.id.is_empty() {
            let dimensions = self.dimensions.iter().map(String::as_str);
            point.set_grouping(self.id, self.by_name, dimensions);
        }
        fill(&mut point, line);
        point
    }

    /// Begins a batch of so many points, the first of which is that of a line.
    pub(super) fn begin(&self, line: &Line<'_>, points: usize) -> BeginBatch {
        let owned = |(tag, value): (&str, &str)| (tag.to_owned(), value.to_owned());
        let mut tags = BTreeMap::new();
        if self.is_all_tags {
            tags.extend(line.tags().map(owned));
        } else {
            let dimensions = self.dimensions.iter();
            tags.extend(dimensions.map(|tag| owned((tag, value_of(line, tag)))));
        }
        BeginBatch {
            name: line.name().to_owned(),
            group: self.id.to_owned(),
            tags,
            // More points would not fit into memory.
            size: i64::try_from(points).unwrap_or(0),
            by_name: self.by_name,
        }
    }
}

/// Makes the point of a line in a batch, as Kapacitor sends it: name and dimensions are the batch's.
#[inline]
pub(super) fn batched_point(group: &str, line: &Line<'_>, time: i64) -> Point {
    let mut point = Point::new("");
    point.set_time(time);
    point.set_group(group);
    fill(&mut point, line);
    point
}

/// Gives a point without tags and fields those of a line.
#[inline]
fn fill(point: &mut Point, line: &Line<'_>) {
    for (tag, value) in line.tags() {
        point.push_tag(tag, value);
    }
    for (field, value) in line.fields() {
        point.push_field(field, value);
    }
}
