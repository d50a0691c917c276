//! Points and batches as lines.

use std::collections::HashSet;

use crate::data::{Batch, FieldValue, Point};
use crate::line::{Line, LineWriter, Omitted, Precision, Raw};

/// Lines that wait to be written, and counts of all lines so far.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) text: Vec<u8>,
    precision: Precision,
    pub(super) points: u64,
    pub(super) omitted: Omitted,
    /// The first loss of each kind that is not reported yet, with its point.
    pub(super) new_losses: Vec<String>,
}

/// The line that a point was made from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) line: Line<'a>,
    /// Counts the lines, from 1.
    pub(super) number: u64,
}

impl Lines {
    pub(super) fn new(precision: Precision) -> Self {
        Lines {
            text: Vec::new(),
            precision,
            points: 0,
            omitted: Omitted::default(),
            new_losses: Vec::new(),
        }
    }

    /// Appends a point of a stream. What it has in common with a line that was read (most often
    /// the one that it was made from) is copied from there.
    #[inline]
    pub(super) fn point(&mut self, point: &Point, source: Option<&Source<'_>>) {
        let time = in_unit(point.time(), self.precision);
        let whole = source.and_then(|source| {
            let added = point.fields_added_to(source.number)?;
            Some((source, source.line.all_fields()?, added))
        });
        let omitted = if let Some((source, fields, added)) = whole {
            let mut line = LineWriter::with_head_of(&mut self.text, &source.line);
            line.raw(fields);
            for (key, value) in added {
                line.field_bytes(key, value);
            }
            line.finish(Some(time))
        } else {
            let line = begin(&mut self.text, point, source);
            finish(line, point, source, time)
        };
        self.count(omitted, point.name(), time);
    }

    /// Appends the points of a batch.
    pub(super) fn batch(&mut self, batch: &Batch) {
        let mut own = HashSet::new();
        for point in batch {
            let mut line = LineWriter::new(&mut self.text, batch.name());
            own.clear();
            for (tag, value) in point.raw_tags() {
                line.tag_bytes(tag, value);
                own.insert(tag);
            }
            for (tag, value) in batch.tags() {
                if !own.contains(tag.as_bytes()) {
                    line.tag(tag, value);
                }
            }
            let time = in_unit(point.time(), self.precision);
            let omitted = finish(line, point, None, time);
            self.count(omitted, batch.name(), time);
        }
    }

    #[inline]
    fn count(&mut self, omitted: Omitted, name: &str, time: i64) {
        self.points += 1 - omitted.points;
        if !omitted.is_empty() {
            self.note(omitted, name, time);
        }
    }

    #[cold]
    fn note(&mut self, omitted: Omitted, name: &str, time: i64) {
        let known = self.omitted.losses().len();
        self.omitted += omitted;
        let new = &self.omitted.losses()[known..];
        let of_point = |loss| format!("point {name:.40?} at {time}: {loss}");
        self.new_losses.extend(new.iter().map(of_point));
    }
}

/// A time in a unit, rounded down.
#[inline]
fn in_unit(time: i64, unit: Precision) -> i64 {
    match unit {
        Precision::Nanoseconds => time,
        unit => time.div_euclid(unit.nanoseconds()),
    }
}

/// Appends the name and the tags of a point: copied from `source` where they are the same there.
fn begin<'a>(text: &'a mut Vec<u8>, point: &Point, source: Option<&Source<'_>>) -> LineWriter<'a> {
    if let Some(Source { line, .. }) = source {
        let mut tags = line
            .tags()
            .map(|(tag, value)| (tag.as_bytes(), value.as_bytes()));
        if line.name().as_bytes() == point.name_bytes()
            && point.raw_tags().all(|tag| tags.next() == Some(tag))
            && tags.next().is_none()
        {
            return LineWriter::with_head_of(text, line);
        }
    }
    let mut line = LineWriter::new(text, point.name());
    for (tag, value) in point.raw_tags() {
        line.tag_bytes(tag, value);
    }
    line
}

/// Appends the fields of a point and its time. A run of fields that stand in `source` in the same
/// order is copied from there in one piece.
fn finish(
    mut line: LineWriter<'_>,
    point: &Point,
    source: Option<&Source<'_>>,
    time: i64,
) -> Omitted {
    let mut run: Option<Raw<'_>> = None;
    let mut index = 0;
    for (key, value) in point.raw_fields() {
        if let Some((at, raw)) = source.and_then(|it| find(&it.line, index, key, value)) {
            index = at + 1;
            match run.and_then(|run| run.with(raw)) {
                Some(longer) => run = Some(longer),
                None => {
                    if let Some(run) = run.replace(raw) {
                        line.raw(run);
                    }
                }
            }
            continue;
        }
        if let Some(run) = run.take() {
            line.raw(run);
        }
        line.field_bytes(key, value);
    }
    if let Some(run) = run {
        line.raw(run);
    }
    line.finish(Some(time))
}

/// How many neighbouring fields may be missing before the rest is formatted instead of copied.
const LOOK_AHEAD: usize = 4;

/// Finds a field with its value in a line, at an index or shortly behind it.
#[inline]
fn find<'a>(
    line: &Line<'a>,
    from: usize,
    key: &[u8],
    value: FieldValue<'_>,
) -> Option<(usize, Raw<'a>)> {
    for index in from..from + LOOK_AHEAD {
        let (found, its_value, raw) = line.field(index)?;
        if found.as_bytes() == key {
            // The writer knows what to do with a control character, and that integers end with `i`.
            let copied = is_same(value, its_value)
                && !key.iter().any(u8::is_ascii_control)
                && !raw.is_unsigned();
            return copied.then_some((index, raw));
        }
    }
    None
}

#[inline]
fn is_same(value: FieldValue<'_>, other: FieldValue<'_>) -> bool {
    match (value, other) {
        // By their bits: a zero has a sign.
        (FieldValue::Float(one), FieldValue::Float(other)) => one.to_bits() == other.to_bits(),
        (FieldValue::Int(one), FieldValue::Int(other)) => one == other,
        (FieldValue::Bool(one), FieldValue::Bool(other)) => one == other,
        (FieldValue::String(one), FieldValue::String(other)) => one == other,
        _ => false,
    }
}
