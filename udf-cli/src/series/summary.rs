//! What is in the data, for a form that names it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::table::Table;

/// What is in the data.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) points: usize,
    pub(crate) bad_lines: usize,
    pub(crate) without_time: usize,
    /// The time from the first to the last point.
    pub(crate) seconds: f64,
    pub(crate) measurements: Vec<String>,
    /// Those with the most values first.
    pub(crate) tags: Vec<Tag>,
    /// Those with numbers first.
    pub(crate) fields: Vec<FieldSummary>,
}

/// A tag of the data.
#[derive(Debug, Serialize)]
pub(crate) struct Tag {
    pub(crate) name: String,
    /// How many values it has.
    pub(crate) values: usize,
}

/// A field of the data.
#[derive(Debug, Serialize)]
pub(crate) struct FieldSummary {
    pub(crate) name: String,
    pub(crate) is_number: bool,
    /// The lowest and the highest value.
    pub(crate) range: Option<(f64, f64)>,
}

impl Summary {
    pub(crate) fn of(table: &Table) -> Self {
        let mut measurements: Vec<String> = Vec::new();
        let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for series in &table.series {
            if !measurements.contains(&series.key.measurement) {
                measurements.push(series.key.measurement.clone());
            }
            for (tag, value) in &series.key.tags {
                values.entry(tag).or_default().push(value);
            }
        }
        let tags = values.into_iter().map(|(name, mut values)| {
            values.sort_unstable();
            values.dedup();
            Tag {
                name: name.to_owned(),
                values: values.len(),
            }
        });
        let mut tags: Vec<_> = tags.collect();
        tags.sort_by_key(|tag| std::cmp::Reverse(tag.values));
        let fields = table.fields().into_iter().map(|name| FieldSummary {
            name: name.to_owned(),
            is_number: table.is_number(name),
            range: table.range(name),
        });
        let mut fields: Vec<_> = fields.collect();
        fields.sort_by_key(|field| !field.is_number);
        let span = table.span.unwrap_or_default();
        Summary {
            points: table.points,
            bad_lines: table.bad_lines,
            without_time: table.without_time,
            seconds: (span.1 as f64 - span.0 as f64) / 1e9,
            measurements,
            tags,
            fields,
        }
    }
}
