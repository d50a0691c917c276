//! Points as columns: for each measurement and tag set, the values of each field over time.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::Serialize;
use udf_runtime::FieldValue;
use udf_runtime::line::{Line, Parser, Precision};

/// Points by their measurement and tags.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) series: Vec<Series>,
    pub(crate) points: usize,
    /// Points without a time have no place in a plot. `pipe` gives them the time of the run.
    pub(crate) without_time: usize,
    pub(crate) bad_lines: usize,
    /// First and last time, in nanoseconds.
    pub(crate) span: Option<(i64, i64)>,
}

/// The points of one measurement and tag set, in the order of time.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) key: Key,
    /// The time of each point, and a hash of its fields.
    pub(crate) points: Vec<(i64, u64)>,
    pub(crate) columns: Vec<Column>,
}

/// A measurement with its tags, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) measurement: String,
    pub(crate) tags: Vec<(String, String)>,
}

/// The values of a field, in the order of time.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) field: String,
    /// Whether some value is no text, which no axis has a place for. A bool is 0 or 1.
    pub(crate) is_number: bool,
    pub(crate) values: Vec<(i64, f64)>,
}

impl Table {
    /// Reads line protocol. Bad lines are skipped and counted: what is wrong with them, `pipe` reports.
    pub(crate) fn read(text: &[u8], precision: Precision) -> Self {
        let mut table = Table::default();
        let mut found = HashMap::new();
        let mut key_text = String::new();
        let counts = each_line(text, precision, |line| {
            table.add(line, &mut found, &mut key_text)
        });
        table.bad_lines = counts;
        table.series.iter_mut().for_each(Series::sort);
        let first = table
            .series
            .iter()
            .filter_map(|it| it.points.first())
            .map(|it| it.0);
        let last = table
            .series
            .iter()
            .filter_map(|it| it.points.last())
            .map(|it| it.0);
        table.span = first.min().zip(last.max());
        table
    }

    fn add(&mut self, line: &Line<'_>, found: &mut HashMap<String, usize>, key_text: &mut String) {
        self.points += 1;
        let Some(time) = line.time() else {
            self.without_time += 1;
            return;
        };
        let mut tags: Vec<_> = line.tags().collect();
        tags.sort_unstable();
        key_text.clear();
        // No text of a line has this character between its parts.
        key_text.push_str(line.name());
        for (tag, value) in &tags {
            key_text.extend(["\n", tag, "\n", value]);
        }
        let index = match found.get(key_text.as_str()) {
            Some(index) => *index,
            None => {
                let owned = |(tag, value): &(&str, &str)| ((*tag).to_owned(), (*value).to_owned());
                self.series.push(Series {
                    key: Key {
                        measurement: line.name().to_owned(),
                        tags: tags.iter().map(owned).collect(),
                    },
                    points: Vec::new(),
                    columns: Vec::new(),
                });
                found.insert(key_text.clone(), self.series.len() - 1);
                self.series.len() - 1
            }
        };
        self.series[index].add(time, line);
    }

    /// Keeps only the series with a tag.
    pub(crate) fn keep(&mut self, (tag, value): (&str, &str)) {
        let has = |series: &Series| {
            series
                .key
                .tags
                .iter()
                .any(|it| it.0 == tag && it.1 == value)
        };
        self.series.retain(has);
    }

    /// Makes one series of all.
    pub(crate) fn merge(&mut self) {
        let mut all = self.series.drain(..);
        let Some(mut one) = all.next() else { return };
        one.key.tags.clear();
        for series in all {
            one.points.extend(series.points);
            for column in series.columns {
                let same = one.columns.iter_mut().find(|it| it.field == column.field);
                match same {
                    Some(same) => {
                        same.is_number |= column.is_number;
                        same.values.extend(column.values);
                    }
                    None => one.columns.push(column),
                }
            }
        }
        one.sort();
        self.series.push(one);
    }

    /// The names of the fields, in their first order.
    pub(crate) fn fields(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for column in self.series.iter().flat_map(|series| &series.columns) {
            if !names.contains(&&*column.field) {
                names.push(&column.field);
            }
        }
        names
    }

    /// The lowest and the highest value of a field.
    pub(crate) fn range(&self, field: &str) -> Option<(f64, f64)> {
        let values = self.series.iter().filter_map(|series| series.values(field));
        let each = values.flatten().map(|(_, value)| (*value, *value));
        each.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// Whether a field has numbers.
    pub(crate) fn is_number(&self, field: &str) -> bool {
        let mut columns = self.series.iter().flat_map(|series| &series.columns);
        columns.any(|column| column.field == field && column.is_number)
    }
}

impl Series {
    fn add(&mut self, time: i64, line: &Line<'_>) {
        // The order of fields does not matter, so that their hashes are added up.
        let mut sum = 0u64;
        for (index, (field, value)) in line.fields().enumerate() {
            let mut hash = DefaultHasher::new();
            field.hash(&mut hash);
            let number = match value {
                FieldValue::Float(value) => {
                    value.to_bits().hash(&mut hash);
                    Some(value)
                }
                FieldValue::Int(value) => {
                    value.hash(&mut hash);
                    Some(value as f64)
                }
                FieldValue::Bool(value) => {
                    value.hash(&mut hash);
                    Some(f64::from(u8::from(value)))
                }
                FieldValue::String(value) => {
                    value.hash(&mut hash);
                    None
                }
            };
            sum = sum.wrapping_add(hash.finish());
            let column = self.column(index, field);
            if let Some(number) = number {
                column.is_number = true;
                column.values.push((time, number));
            }
        }
        self.points.push((time, sum));
    }

    /// Brings all into the order of time.
    fn sort(&mut self) {
        self.points.sort_by_key(|(time, _)| *time);
        for column in &mut self.columns {
            column.values.sort_by_key(|(time, _)| *time);
        }
    }

    /// The column of a field, which most often stands at its index in the line.
    fn column(&mut self, index: usize, field: &str) -> &mut Column {
        let is_it = |column: &Column| column.field == field;
        let at = match self.columns.get(index).is_some_and(is_it) {
            true => index,
            false => self.columns.iter().position(is_it).unwrap_or_else(|| {
                self.columns.push(Column {
                    field: field.to_owned(),
                    is_number: false,
                    values: Vec::new(),
                });
                self.columns.len() - 1
            }),
        };
        &mut self.columns[at]
    }

    pub(crate) fn values(&self, field: &str) -> Option<&[(i64, f64)]> {
        let column = self.columns.iter().find(|column| column.field == field)?;
        Some(&column.values)
    }
}

/// Calls `act` with each point of a text; returns the number of bad lines.
pub(crate) fn each_line(
    text: &[u8],
    precision: Precision,
    mut act: impl FnMut(&Line<'_>),
) -> usize {
    let mut parser = Parser::new(precision);
    let mut rest = text;
    let mut bad_lines = 0;
    while !rest.is_empty() {
        // A string of a point may have line breaks, so that its line ends behind the whole point.
        let read = match parser.parse(rest) {
            Ok(Some(line)) => {
                act(&line);
                line.text().len()
            }
            Ok(None) => 0,
            Err(_) => {
                bad_lines += 1;
                0
            }
        };
        let unread = rest.get(read..).unwrap_or_default();
        let line_break = unread.iter().position(|byte| *byte == b'\n');
        rest = line_break.map_or(&[][..], |at| &unread[at + 1..]);
    }
    bad_lines
}

/// A point as a row of a table.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) time: Option<String>,
    pub(crate) measurement: String,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) fields: Vec<(String, String)>,
}

/// Some rows of a text.
pub(crate) fn rows(text: &[u8], precision: Precision, from: usize, count: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut number = 0;
    each_line(text, precision, |line| {
        if (from..from.saturating_add(count)).contains(&number) {
            let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            rows.push(Row {
                // As a text, because JSON's numbers do not hold nanoseconds.
                time: line.time().map(|time| time.to_string()),
                measurement: line.name().to_owned(),
                tags: line.tags().map(owned).collect(),
                fields: line
                    .fields()
                    .map(|(name, value)| (name.to_owned(), value.to_string()))
                    .collect(),
            });
        }
        number += 1;
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_become_columns_in_the_order_of_time() {
        let text = b"m,b=2,a=1 v=1,w=2i 20\nbad\nm,a=1,b=2 w=5i,up=true,v=3 10\nm s=\"two\nlines\" 5\n# no\nm v=1";
        let table = Table::read(text, Precision::Nanoseconds);
        assert_eq!(table.points, 4);
        assert_eq!(table.bad_lines, 1);
        assert_eq!(table.without_time, 1);
        assert_eq!(table.span, Some((5, 20)));
        assert_eq!(table.series.len(), 2);
        let series = &table.series[0];
        assert_eq!(series.values("v").unwrap(), [(10, 3.0), (20, 1.0)]);
        assert_eq!(series.values("up").unwrap(), [(10, 1.0)]);
        assert!(!table.is_number("s"));
        assert_eq!(table.fields(), ["v", "w", "up", "s"]);
    }

    #[test]
    fn series_become_one() {
        let mut table = Table::read(
            b"m,a=1 v=1 3\nm,a=2 v=2,w=5 1\nm,a=3 v=3 2",
            Precision::Nanoseconds,
        );
        table.merge();
        assert_eq!(table.series.len(), 1);
        let values = table.series[0].values("v").unwrap();
        assert_eq!(values, [(1, 2.0), (2, 3.0), (3, 1.0)]);
        assert_eq!(table.fields(), ["v", "w"]);
    }

    #[test]
    fn rows_are_read_from_anywhere() {
        let text = b"m v=1 1\nm s=\"a\nb\" 2\nm v=3i 3\n";
        let rows = rows(text, Precision::Nanoseconds, 1, 2);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].time.as_deref(), Some("2"));
        assert_eq!(rows[1].fields[0].0, "v");
    }
}
