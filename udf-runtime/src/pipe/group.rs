//! The group of a point.

use std::collections::BTreeMap;

use udf_proto::BeginBatch;

use crate::data::Point;
use crate::line::Line;

use super::GroupBy;

/// Finds and spells the groups of points as Kapacitor does: `tag=value,tag=value` in the order of
/// the tags' names, behind the point's name and a line break where that counts, too.
pub(super) struct Grouping {
    by: GroupBy,
    by_name: bool,
    /// Of the point that was grouped last: its dimensions, one behind the other, and its group.
    id: String,
    dimensions: Vec<String>,
    used: usize,
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
            used: 0,
        }
    }

    /// Groups the point of a line.
    pub(super) fn of(&mut self, line: &Line<'_>) -> Group<'_> {
        self.id.clear();
        if self.by_name {
            self.id.push_str(line.name());
        }
        let dimensions = match &self.by {
            GroupBy::Nothing => &[],
            GroupBy::Tags(tags) => tags.as_slice(),
            GroupBy::AllTags => {
                self.used = 0;
                for (tag, _) in line.tags() {
                    if self.used == self.dimensions.len() {
                        self.dimensions.push(String::new());
                    }
                    tag.clone_into(&mut self.dimensions[self.used]);
                    self.used += 1;
                }
                let used = &mut self.dimensions[..self.used];
                used.sort_unstable();
                used
            }
        };
        let mut separator = if self.by_name { "\n" } else { "" };
        for dimension in dimensions {
            self.id.push_str(separator);
            separator = ",";
            self.id.push_str(dimension);
            self.id.push('=');
            let tag = line.tags().find(|(tag, _)| tag == dimension);
            self.id.push_str(tag.map_or("", |(_, value)| value));
        }
        Group {
            id: &self.id,
            dimensions,
            by_name: self.by_name,
        }
    }
}

/// The group of a point.
#[derive(Clone, Copy)]
pub(super) struct Group<'a> {
    pub(super) id: &'a str,
    pub(super) dimensions: &'a [String],
    pub(super) by_name: bool,
}

impl Group<'_> {
    /// Makes the point of a line.
    #[inline]
    pub(super) fn point(&self, line: &Line<'_>, time: i64) -> Point {
        let mut point = Point::new(line.name());
        point.set_time(time);
        if !self.id.is_empty() {
            point.set_group(self.id);
            point.set_by_name(self.by_name);
            point.set_dimensions(self.dimensions.iter().map(String::as_str));
        }
        fill(&mut point, line);
        point
    }

    /// Begins a batch of so many points, of which a line is the first.
    pub(super) fn begin(&self, line: &Line<'_>, points: usize) -> BeginBatch {
        let mut tags = BTreeMap::new();
        for tag in self.dimensions {
            let found = line.tags().find(|(name, _)| name == tag);
            let value = found.map_or("", |(_, value)| value);
            tags.insert(tag.clone(), value.to_owned());
        }
        BeginBatch {
            name: line.name().to_owned(),
            group: self.id.to_owned(),
            tags,
            // A batch of so many points would not fit into memory.
            size: i64::try_from(points).unwrap_or(0),
            by_name: self.by_name,
        }
    }
}

/// Gives a point, which has none, the tags and fields of a line.
#[inline]
pub(super) fn fill(point: &mut Point, line: &Line<'_>) {
    for (tag, value) in line.tags() {
        point.push_tag(tag, value);
    }
    for (field, value) in line.fields() {
        point.push_field(field, value);
    }
}
