//! A picture: which fields are in which panel, with which marks, thinned to a screen.

use std::collections::HashMap;

use serde::Serialize;

use super::compare::{Marks, by_key, marks};
use super::table::{Key, Series, Table};
use super::thin::thin;

/// What is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// From one place on the axis to another; all data without it.
    pub(crate) span: Option<(f64, f64)>,
    /// Columns of pixels.
    pub(crate) columns: usize,
    /// The fields to show; the ones that matter where there are none.
    pub(crate) fields: Vec<String>,
    /// Texts that the UDF's options have: a field that is among them matters.
    pub(crate) named: Vec<String>,
    /// Nanoseconds of a batch, whose bands are shown.
    pub(crate) period: Option<i64>,
}

/// Panels above each other, with one axis of time.
#[derive(Debug, Serialize)]
pub(crate) struct Picture {
    pub(crate) axis: Axis,
    /// The first and last time that is shown, on the axis.
    pub(crate) span: (f64, f64),
    /// Every second batch, on the axis.
    pub(crate) bands: Vec<(f64, f64)>,
    /// The names of the groups, each of which has a colour.
    pub(crate) groups: Vec<String>,
    pub(crate) panels: Vec<Panel>,
    /// All fields that can be shown.
    pub(crate) fields: Vec<Field>,
}

/// What the numbers on the axis of time are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "unit", content = "origin")]
pub(crate) enum Axis {
    /// Milliseconds since the epoch, UTC.
    Date,
    /// Nanoseconds since a time, for data that is no longer than a millisecond, or from the epoch's first days.
    Nanoseconds(i64),
}

/// A field that can be shown.
#[derive(Debug, Serialize)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// Whether the UDF has made it.
    pub(crate) is_new: bool,
    pub(crate) is_shown: bool,
}

/// Some fields of similar size.
#[derive(Debug, Serialize)]
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) traces: Vec<Trace>,
}

/// A line, or points with a mark.
#[derive(Debug, Serialize)]
pub(crate) struct Trace {
    pub(crate) field: String,
    /// Index of the group.
    pub(crate) group: usize,
    pub(crate) side: Side,
    pub(crate) mark: Mark,
    /// How many points it has; fewer are shown.
    pub(crate) points: usize,
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
}

/// Where a trace comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    Input,
    Output,
}

/// How a trace is drawn, and what its points are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mark {
    Line,
    /// A new field with few points.
    Dots,
    Kept,
    Vanished,
    Appeared,
    /// Different from the output of the program before it was built again.
    Since,
}

impl Axis {
    /// The axis of all data from one time to another.
    pub(crate) fn of((from, to): (i64, i64)) -> Self {
        const FIRST_DAYS: u64 = 10 * 86_400 * 1_000_000_000;
        if from.unsigned_abs() < FIRST_DAYS && to.unsigned_abs() < FIRST_DAYS {
            Axis::Nanoseconds(0)
        } else if to.saturating_sub(from) < 1_000_000 {
            Axis::Nanoseconds(from)
        } else {
            Axis::Date
        }
    }

    /// Where a time stands on the axis.
    pub(crate) fn at(self, time: i64) -> f64 {
        match self {
            Axis::Date => time as f64 / 1e6,
            Axis::Nanoseconds(origin) => time.wrapping_sub(origin) as f64,
        }
    }

    /// The time that stands somewhere on the axis.
    pub(crate) fn time(self, at: f64) -> i64 {
        match self {
            // A float beyond an integer's limits becomes the limit.
            Axis::Date => (at * 1e6) as i64,
            Axis::Nanoseconds(origin) => origin.saturating_add(at as i64),
        }
    }
}

/// Panels of a picture: more cannot be read.
const MOST_PANELS: usize = 6;
/// Points of all traces together, which a browser draws at once.
const MOST_POINTS: usize = 40_000;
/// Bands: more are a grey area.
const MOST_BANDS: i64 = 200;

/// Paints input and output. `before` is the output of the program before it was built again.
pub(crate) fn paint(input: &Table, output: &Table, before: Option<&Table>, view: &View) -> Picture {
    let spans = [input.span, output.span].into_iter().flatten();
    let all = spans.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    let all = all.unwrap_or_default();
    let axis = Axis::of(all);
    let span = view
        .span
        .map_or(all, |(from, to)| (axis.time(from), axis.time(to)));
    let groups = Groups::of(input, output);
    let fields = choose(input, output, view);
    let panels = arrange(input, output, &fields);
    let traces = panels.iter().map(Vec::len).sum::<usize>() * groups.names.len() * 2;
    let columns = view.columns.min(MOST_POINTS / 4 / traces.max(1)).max(20);
    let painter = Painter {
        output: by_key(output),
        before: before.map(by_key),
        input,
        groups: &groups,
        axis,
        span,
        columns,
    };
    Picture {
        axis,
        span: (axis.at(span.0), axis.at(span.1)),
        bands: bands(span, view.period, axis),
        panels: panels.iter().map(|fields| painter.panel(fields)).collect(),
        groups: groups.names,
        fields,
    }
}

/// Every second batch of a period, of those that begin at whole multiples of it, as `pipe` makes them.
fn bands((from, to): (i64, i64), period: Option<i64>, axis: Axis) -> Vec<(f64, f64)> {
    let Some(period) = period.filter(|period| *period > 0) else {
        return Vec::new();
    };
    let (first, last) = (from.div_euclid(period), to.div_euclid(period));
    if last.saturating_sub(first) > MOST_BANDS {
        return Vec::new();
    }
    let odd = (first..=last).filter(|number| number.rem_euclid(2) == 1);
    odd.map(|number| {
        let start = number.saturating_mul(period);
        let end = start.saturating_add(period);
        (axis.at(start.max(from)), axis.at(end.min(to)))
    })
    .collect()
}

/// The groups: series that have the same name once what all have in common is left out.
struct Groups {
    names: Vec<String>,
    of_key: HashMap<Key, usize>,
}

impl Groups {
    fn of(input: &Table, output: &Table) -> Self {
        let keys = || {
            input
                .series
                .iter()
                .chain(&output.series)
                .map(|series| &series.key)
        };
        let mut values: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut measurements: Vec<&str> = Vec::new();
        for key in keys() {
            if !measurements.contains(&&*key.measurement) {
                measurements.push(&key.measurement);
            }
            for (tag, value) in &key.tags {
                let values = values.entry(tag).or_default();
                if values.len() < 2 && !values.contains(&&**value) {
                    values.push(value);
                }
            }
        }
        let varies = |tag: &str| values.get(tag).is_some_and(|values| values.len() > 1);
        let mut groups = Groups {
            names: Vec::new(),
            of_key: HashMap::new(),
        };
        let mut index_of: HashMap<String, usize> = HashMap::new();
        for key in keys() {
            if groups.of_key.contains_key(key) {
                continue;
            }
            let tags = key.tags.iter().filter(|(tag, _)| varies(tag));
            let mut parts: Vec<_> = tags.map(|(tag, value)| format!("{tag}={value}")).collect();
            if measurements.len() > 1 || parts.is_empty() {
                parts.insert(0, key.measurement.clone());
            }
            let name = parts.join(" ");
            let index = *index_of.entry(name.clone()).or_insert_with(|| {
                groups.names.push(name);
                groups.names.len() - 1
            });
            groups.of_key.insert(key.clone(), index);
        }
        groups
    }

    fn index(&self, key: &Key) -> usize {
        self.of_key.get(key).copied().unwrap_or_default()
    }
}

/// All fields with numbers, and which of them are shown.
fn choose(input: &Table, output: &Table, view: &View) -> Vec<Field> {
    let of_input = input.fields();
    let is_new = |name: &str| !of_input.contains(&name);
    let mut names = of_input.clone();
    names.extend(output.fields().into_iter().filter(|name| is_new(name)));
    names.retain(|name| input.is_number(name) || output.is_number(name));
    let is_asked = |name: &str| view.fields.iter().any(|field| field == name);
    let is_named = |name: &str| view.named.iter().any(|text| text == name);
    let asked = names.iter().any(|name| is_asked(name));
    let named = names.iter().any(|name| is_named(name));
    let mut fields: Vec<Field> = Vec::new();
    for name in names {
        let is_new = is_new(name);
        let is_shown = match (asked, named) {
            (true, _) => is_asked(name),
            (false, true) => is_named(name) || is_new,
            // The first of the input, and all new ones.
            (false, false) => is_new || fields.is_empty(),
        };
        fields.push(Field {
            name: name.to_owned(),
            is_new,
            is_shown,
        });
    }
    fields
}

/// The shown fields by panel: a field of the input has its own; a new one joins the first whose values are of
/// its size.
fn arrange<'a>(input: &Table, output: &Table, fields: &'a [Field]) -> Vec<Vec<&'a str>> {
    let mut panels: Vec<(Vec<&str>, (f64, f64))> = Vec::new();
    for field in fields.iter().filter(|field| field.is_shown) {
        let table = if field.is_new { output } else { input };
        let Some(range) = table.range(&field.name) else {
            continue;
        };
        let fits = |other: (f64, f64)| {
            let height = other.1 - other.0;
            range.0 >= other.0 - 2.0 * height
                && range.1 <= other.1 + 2.0 * height
                && range.1 - range.0 >= height / 20.0
        };
        let joined = panels
            .iter_mut()
            .find(|(_, other)| field.is_new && fits(*other));
        if let Some((fields, _)) = joined {
            fields.push(&field.name);
        } else if panels.len() < MOST_PANELS {
            panels.push((vec![&field.name], range));
        }
    }
    panels.into_iter().map(|(fields, _)| fields).collect()
}

struct Painter<'a> {
    input: &'a Table,
    output: HashMap<&'a Key, &'a Series>,
    before: Option<HashMap<&'a Key, &'a Series>>,
    groups: &'a Groups,
    axis: Axis,
    span: (i64, i64),
    columns: usize,
}

impl Painter<'_> {
    fn panel(&self, fields: &[&str]) -> Panel {
        let mut traces = Vec::new();
        for field in fields {
            self.field(field, &mut traces);
        }
        Panel {
            title: fields.join(", "),
            traces,
        }
    }

    fn field(&self, field: &str, to: &mut Vec<Trace>) {
        let of_input = by_key(self.input);
        let mut keys: Vec<&Key> = self.input.series.iter().map(|series| &series.key).collect();
        let mut others: Vec<_> = self
            .output
            .keys()
            .copied()
            .filter(|key| !of_input.contains_key(key))
            .collect();
        others.sort_unstable_by(|one, other| {
            (&one.measurement, &one.tags).cmp(&(&other.measurement, &other.tags))
        });
        keys.append(&mut others);
        let both = |key: &Key| {
            let input = of_input.get(key).and_then(|series| series.values(field));
            let output = self.output.get(key).and_then(|series| series.values(field));
            (input, output)
        };
        let compared: Vec<_> = keys
            .iter()
            .map(|key| match both(key) {
                (Some(input), Some(output)) => marks(input, output),
                _ => Marks::default(),
            })
            .collect();
        // The fewer points of all groups are marked, and the many are what the line shows.
        let count = |of: fn(&Marks) -> usize| compared.iter().map(of).sum::<usize>();
        let is_kept_marked = count(|marks| marks.kept.len()) < count(|marks| marks.vanished.len());
        for (key, compared) in keys.into_iter().zip(&compared) {
            let (input, output) = both(key);
            let mut add = |side, mark, points: &[(i64, f64)]| {
                if let Some(trace) = self.trace(field, key, side, mark, points) {
                    to.push(trace);
                }
            };
            if let Some(input) = input {
                add(Side::Input, Mark::Line, input);
            }
            match (input, output) {
                (Some(_), Some(output)) => {
                    if !compared.changed.is_empty() {
                        add(Side::Output, Mark::Line, output);
                    }
                    if is_kept_marked {
                        add(Side::Output, Mark::Kept, &compared.kept);
                    } else {
                        add(Side::Input, Mark::Vanished, &compared.vanished);
                    }
                    add(Side::Output, Mark::Appeared, &compared.appeared);
                }
                (None, Some(output)) => {
                    let of_input = of_input.get(key).map_or(0, |series| series.points.len());
                    let is_sparse = output.len() <= 60 || output.len() * 4 < of_input;
                    let mark = if is_sparse { Mark::Dots } else { Mark::Line };
                    add(Side::Output, mark, output);
                }
                _ => {}
            }
            if let Some(before) = &self.before {
                let before = before.get(key).and_then(|series| series.values(field));
                let since = marks(before.unwrap_or_default(), output.unwrap_or_default());
                let mut points = [since.changed, since.vanished, since.appeared].concat();
                points.sort_by_key(|(time, _)| *time);
                add(Side::Output, Mark::Since, &points);
            }
        }
    }

    /// A trace, if it has points.
    fn trace(
        &self,
        field: &str,
        key: &Key,
        side: Side,
        mark: Mark,
        points: &[(i64, f64)],
    ) -> Option<Trace> {
        if points.is_empty() {
            return None;
        }
        let (x, y) = thin(points, self.span, self.columns)
            .into_iter()
            .map(|(time, value)| (self.axis.at(time), value))
            .unzip();
        Some(Trace {
            field: field.to_owned(),
            group: self.groups.index(key),
            side,
            mark,
            points: points.len(),
            x,
            y,
        })
    }
}

#[cfg(test)]
mod tests {
    use udf_runtime::line::Precision;

    use super::*;

    fn picture(input: &str, output: &str, view: &View) -> Picture {
        let table = |text: &str| Table::read(text.as_bytes(), Precision::Seconds);
        paint(&table(input), &table(output), None, view)
    }

    fn view() -> View {
        View {
            columns: 1000,
            ..View::default()
        }
    }

    fn titles(picture: &Picture) -> Vec<&str> {
        picture.panels.iter().map(|panel| &*panel.title).collect()
    }

    const INPUT: &str = "m,h=a,dc=x v=1,w=500 1700000001\nm,h=b,dc=x v=3,w=600 1700000001\nm,h=a,dc=x v=90,w=700 1700000002\nm,h=a,dc=x v=2,w=1 1700000003";

    #[test]
    fn a_new_field_joins_the_field_that_the_options_name() {
        let output = "m,h=a avg=1,score=0.001 1700000001\nm,h=a avg=45,score=0.002 1700000002";
        let named = vec!["v".to_owned()];
        let picture = picture(INPUT, output, &View { named, ..view() });
        assert_eq!(titles(&picture), ["v, avg", "score"]);
        // What all have in common is in no name.
        assert_eq!(picture.groups, ["h=a", "h=b"]);
        assert_eq!(picture.axis, Axis::Date);
    }

    #[test]
    fn a_filter_marks_the_fewer_points() {
        let kept = picture(INPUT, "m,h=a,dc=x v=90,w=700 1700000002", &view());
        let mark = |picture: &Picture| {
            let traces = &picture.panels[0].traces;
            let marked = traces
                .iter()
                .find(|trace| trace.mark != Mark::Line)
                .unwrap();
            (marked.mark, marked.y.clone())
        };
        assert_eq!(mark(&kept), (Mark::Kept, vec![90.0]));
        let output = INPUT.replace("m,h=a,dc=x v=90,w=700 1700000002\n", "");
        let vanished = picture(INPUT, &output, &view());
        assert_eq!(mark(&vanished), (Mark::Vanished, vec![90.0]));
    }

    #[test]
    fn chosen_fields_are_shown_alone() {
        let fields = vec!["w".to_owned()];
        let picture = picture(INPUT, "", &View { fields, ..view() });
        assert_eq!(titles(&picture), ["w"]);
    }

    #[test]
    fn bands_are_the_batches_of_pipe() {
        let second = 1_000_000_000;
        let bands = bands(
            (5 * second, 35 * second),
            Some(10 * second),
            Axis::Nanoseconds(0),
        );
        let second = second as f64;
        assert_eq!(
            bands,
            [
                (10.0 * second, 20.0 * second),
                (30.0 * second, 35.0 * second)
            ]
        );
    }

    #[test]
    fn times_survive_the_axis() {
        for axis in [Axis::Date, Axis::Nanoseconds(1_700_000_000_000_000_000)] {
            let time = 1_700_000_000_123_000_000;
            assert!((axis.time(axis.at(time)) - time).abs() < 1000, "{axis:?}");
        }
    }

    #[test]
    fn nothing_has_an_empty_picture() {
        let picture = picture("", "", &view());
        assert!(picture.panels.is_empty());
    }
}
