//! What a UDF has made of its input.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde::Serialize;

use super::table::{Key, Series, Table};

/// How many points are in the output as they were, or not. Points of the same measurement, tags and time are
/// the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    pub(crate) kept: usize,
    /// With other fields.
    pub(crate) changed: usize,
    pub(crate) vanished: usize,
    pub(crate) appeared: usize,
}

/// Compares the points of two tables.
pub(crate) fn compare(before: &Table, after: &Table) -> Difference {
    let mut found = by_key(after);
    let mut difference = Difference::default();
    for series in &before.series {
        let after = found.remove(&series.key);
        let after = after.map_or(&[][..], |series| &series.points);
        merge(&series.points, after, |change| match change {
            Change::Same(one, other) if one.1 == other.1 => difference.kept += 1,
            Change::Same(..) => difference.changed += 1,
            Change::Vanished(_) => difference.vanished += 1,
            Change::Appeared(_) => difference.appeared += 1,
        });
    }
    let others = found.values().map(|series| series.points.len());
    difference.appeared += others.sum::<usize>();
    difference
}

/// The series of a table by their keys.
pub(super) fn by_key(table: &Table) -> HashMap<&Key, &Series> {
    table
        .series
        .iter()
        .map(|series| (&series.key, series))
        .collect()
}

/// The values of one field that are in the output as they were, or not.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Marks {
    pub(super) kept: Vec<(i64, f64)>,
    /// With the value after.
    pub(super) changed: Vec<(i64, f64)>,
    pub(super) vanished: Vec<(i64, f64)>,
    pub(super) appeared: Vec<(i64, f64)>,
}

/// Compares the values of one field.
pub(super) fn marks(before: &[(i64, f64)], after: &[(i64, f64)]) -> Marks {
    let mut marks = Marks::default();
    merge(before, after, |change| match change {
        Change::Same(one, other) if one.1.to_bits() == other.1.to_bits() => marks.kept.push(other),
        Change::Same(_, other) => marks.changed.push(other),
        Change::Vanished(one) => marks.vanished.push(one),
        Change::Appeared(other) => marks.appeared.push(other),
    });
    marks
}

enum Change<T> {
    Same(T, T),
    Vanished(T),
    Appeared(T),
}

/// Goes through both in the order of time. Where several have the same time, the first belongs to the first.
fn merge<V: Copy>(before: &[(i64, V)], after: &[(i64, V)], mut act: impl FnMut(Change<(i64, V)>)) {
    let (mut before, mut after) = (before.iter().peekable(), after.iter().peekable());
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => one.0.cmp(&other.0),
        };
        let one = before.next_if(|_| order.is_le());
        let other = after.next_if(|_| order.is_ge());
        match (one, other) {
            (Some(one), Some(other)) => act(Change::Same(*one, *other)),
            (Some(one), None) => act(Change::Vanished(*one)),
            (None, Some(other)) => act(Change::Appeared(*other)),
            (None, None) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use udf_runtime::line::Precision;

    use super::*;

    fn table(text: &str) -> Table {
        Table::read(text.as_bytes(), Precision::Nanoseconds)
    }

    #[test]
    fn each_point_is_kept_changed_vanished_or_appeared() {
        let before = table("m,h=a v=1,w=1 1\nm,h=a v=2 2\nm,h=a v=3 3\nm,h=b v=1 1");
        // In another order, as outliers are.
        let after = table("m,h=a v=9 2\nm,h=a w=1,v=1 1\nm,h=a v=4 4\nn v=1 1");
        let expected = Difference {
            kept: 1,
            changed: 1,
            vanished: 2,
            appeared: 2,
        };
        assert_eq!(compare(&before, &after), expected);
    }

    #[test]
    fn points_of_the_same_time_are_matched_in_their_order() {
        let marks = marks(
            &[(1, 1.0), (1, 2.0), (2, 5.0)],
            &[(1, 1.0), (1, 3.0), (1, 4.0)],
        );
        assert_eq!(marks.kept, [(1, 1.0)]);
        assert_eq!(marks.changed, [(1, 3.0)]);
        assert_eq!(marks.appeared, [(1, 4.0)]);
        assert_eq!(marks.vanished, [(2, 5.0)]);
    }
}
