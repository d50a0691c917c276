//! Points and batches as lines.

use crate::line::{Line, LineWriter, Omitted, Precision, Raw};
use crate::{Batch, FieldValue, Point};

/// Lines that wait to be written, and how many they were in all.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) text: Vec<u8>,
    precision: Precision,
    pub(super) points: u64,
    pub(super) omitted: Omitted,
}

impl Lines {
    pub(super) fn new(precision: Precision) -> Self {
        Lines {
            text: Vec::new(),
            precision,
            points: 0,
            omitted: Omitted::default(),
        }
    }

    pub(super) fn precision(&self) -> Precision {
        self.precision
    }

    /// Appends a point of a stream. What it has in common with a line that was read (the one
    /// that it was made from, most often) is copied from there.
    #[inline]
    pub(super) fn point(&mut self, point: &Point, source: Option<&Line<'_>>) {
        let same_head = |line: &&Line<'_>| {
            let tags = line
                .tags()
                .map(|(tag, value)| (tag.as_bytes(), value.as_bytes()));
            line.name().as_bytes() == point.name_bytes() && point.raw_tags().eq(tags)
        };
        let mut line = match source.filter(same_head) {
            Some(source) => LineWriter::with_head_of(&mut self.text, source),
            None => {
                let mut line = LineWriter::new(&mut self.text, point.name());
                for (tag, value) in point.raw_tags() {
                    line.tag_bytes(tag, value);
                }
                line
            }
        };
        write_fields(&mut line, point, source);
        let omitted = line.finish(Some(in_unit(point.time(), self.precision)));
        self.count(omitted);
    }

    /// Appends the points of a batch.
    pub(super) fn batch(&mut self, batch: &Batch) {
        for point in batch {
            let mut line = LineWriter::new(&mut self.text, batch.name());
            for (tag, value) in point.raw_tags() {
                line.tag_bytes(tag, value);
            }
            for (tag, value) in batch.tags() {
                if point.tag(tag).is_none() {
                    line.tag(tag, value);
                }
            }
            write_fields(&mut line, point, None);
            let omitted = line.finish(Some(in_unit(point.time(), self.precision)));
            self.count(omitted);
        }
    }

    #[inline]
    fn count(&mut self, omitted: Omitted) {
        self.points += 1 - omitted.points;
        if !omitted.is_empty() {
            self.omitted += omitted;
        }
    }
}

/// A time in a unit; what is finer is cut off.
#[inline]
fn in_unit(time: i64, unit: Precision) -> i64 {
    match unit {
        Precision::Nanoseconds => time,
        unit => time.div_euclid(unit.nanoseconds()),
    }
}

/// Appends the fields of a point. A run of fields that stand in `source` in the same order is
/// copied from there in one piece.
#[inline]
fn write_fields(line: &mut LineWriter<'_>, point: &Point, source: Option<&Line<'_>>) {
    let mut run: Option<Raw<'_>> = None;
    let mut index = 0;
    for (key, value) in point.raw_fields() {
        if let Some((at, raw)) = source.and_then(|source| find(source, index, key, value)) {
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
}

/// How many fields may have been taken out one behind the other before the rest is written anew.
const LOOK_AHEAD: usize = 4;

/// Finds a field with its value in a line, from an index on a little further.
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
            // Behind a space a tab would be taken for another blank; the writer knows.
            let copied = is_same(value, its_value) && !key.starts_with(b"\t");
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
