//! What the strategies for property tests make.

use proptest::prelude::*;
use udf_runtime::testing::strategies::{Series, any_points};

fn series() -> Series {
    Series::new("m")
        .tag("host", ["a", "b"])
        .float("usage", 0.0..100.0)
        .int("cores", 1_i64..9)
        .string("model", "[a-z]{1,3}")
        .bool("up")
}

proptest! {
    #[test]
    fn a_series_has_what_was_asked_for(points in series().points(1..10)) {
        let mut last = 0;
        for point in &points {
            prop_assert_eq!(point.name(), "m");
            prop_assert!(["a", "b"].contains(&point.required_tag("host")?));
            prop_assert!((0.0..100.0).contains(&point.float("usage")?));
            prop_assert!((1..9).contains(&point.int("cores")?));
            prop_assert!(!point.str("model")?.is_empty());
            point.bool("up")?;
            prop_assert!(last <= point.time());
            last = point.time();
        }
        prop_assert_eq!(points[0].time(), 0);
    }

    #[test]
    fn a_batch_has_the_name_of_its_series(batch in series().batch(3)) {
        prop_assert_eq!((batch.name(), batch.len()), ("m", 3));
    }

    #[test]
    fn any_points_are_of_any_number(points in any_points(2..5)) {
        prop_assert!((2..5).contains(&points.len()));
    }
}
