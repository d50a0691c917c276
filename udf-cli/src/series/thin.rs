//! Thins a series to what a screen can show.

/// The points from one time to another, thinned to so many columns of pixels: of each column, the first, the
/// last, the lowest and the highest point remain, so that a line through them looks as through all (the M4
/// aggregation of Jugel et al., 2014). The points are in the order of time. With each end comes the nearest
/// point beyond it, so that lines go on to the edge.
pub(crate) fn thin(
    points: &[(i64, f64)],
    (from, to): (i64, i64),
    columns: usize,
) -> Vec<(i64, f64)> {
    let start = points
        .partition_point(|(time, _)| *time < from)
        .saturating_sub(1);
    let end = points.partition_point(|(time, _)| *time <= to) + 1;
    let points = &points[start..end.clamp(start, points.len())];
    if points.len() <= 4 * columns {
        return points.to_vec();
    }
    let width = (i128::from(to) - i128::from(from)).max(1);
    let column = |time: i64| (i128::from(time) - i128::from(from)) * columns as i128 / width;
    let mut kept = Vec::with_capacity(4 * columns + 8);
    for column in points.chunk_by(|a, b| column(a.0) == column(b.0)) {
        let mut of_column = [0, 0, 0, column.len() - 1];
        for (index, (_, value)) in column.iter().enumerate() {
            if *value < column[of_column[1]].1 {
                of_column[1] = index;
            }
            if *value > column[of_column[2]].1 {
                of_column[2] = index;
            }
        }
        of_column.sort_unstable();
        let mut last = None;
        for index in of_column {
            if last.replace(index) != Some(index) {
                kept.push(column[index]);
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_survives_among_a_million_points() {
        let mut points: Vec<_> = (0..1_000_000)
            .map(|time| (time, (time % 7) as f64))
            .collect();
        points[333_333].1 = 1e9;
        points[777_777].1 = -1e9;
        let thinned = thin(&points, (0, 999_999), 500);
        assert!(thinned.len() <= 2000, "{}", thinned.len());
        assert!(thinned.contains(&(333_333, 1e9)));
        assert!(thinned.contains(&(777_777, -1e9)));
        assert_eq!((thinned[0].0, thinned[thinned.len() - 1].0), (0, 999_999));
        assert!(thinned.is_sorted_by_key(|point| point.0));
    }

    #[test]
    fn few_points_stay_as_they_are() {
        let points = [(1, 1.0), (2, 2.0), (3, 3.0), (4, 4.0), (5, 5.0)];
        assert_eq!(thin(&points, (0, 10), 500), points);
        // One more on each side, which the line comes from and goes to.
        assert_eq!(thin(&points, (3, 3), 500), points[1..4]);
        assert_eq!(thin(&[], (0, 10), 500), []);
        assert_eq!(thin(&points, (9, -9), 500), []);
        assert_eq!(thin(&points, (i64::MIN, i64::MAX), 1), [(1, 1.0), (5, 5.0)]);
    }
}
