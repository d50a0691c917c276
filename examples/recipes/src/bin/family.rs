//! A family of UDFs that differ in a line, made by `macro_rules`.
//!
//! ```text
//! stream
//!     |from()
//!         .measurement('cpu')
//!         .groupBy('host')
//!     @running_max()
//!         .field('usage_user')
//!     |httpOut('peak')
//! ```
//!
//! Without Kapacitor:
//!
//! ```text
//! cargo run -p udf-recipes --bin family -- running_max pipe examples/data/cpu.lp \
//!     --group-by cpu --set field=usage_user
//! ```

use udf_runtime::prelude::*;

/// Makes a UDF that combines each value of a group with the result so far.
macro_rules! running {
    ($(#[$attribute:meta])* $name:ident, $combine:expr) => {
        $(#[$attribute])*
        #[udf(stream)]
        struct $name {
            /// Field whose values are combined.
            field: String,
            /// Field that receives the result.
            #[option(default = "running")]
            r#as: String,
            #[state(expire = "1d")]
            results: PerGroup<Option<f64>>,
        }

        impl OnPoint for $name {
            fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
                let value = point.number(&self.field)?;
                let combine: fn(f64, f64) -> f64 = $combine;
                let so_far = self.results.of(&point);
                let result = so_far.map_or(value, |so_far| combine(so_far, value));
                *so_far = Some(result);
                point.set_field(&self.r#as, result);
                out.point(point)
            }
        }
    };
}

running! {
    /// Adds the highest value of the group so far.
    RunningMax, f64::max
}
running! {
    /// Adds the lowest value of the group so far.
    RunningMin, f64::min
}
running! {
    /// Adds the sum of the group's values so far.
    RunningSum, |so_far, value| so_far + value
}

udf_runtime::main!(RunningMax, RunningMin, RunningSum);

#[cfg(test)]
mod tests {
    use udf_runtime::Udf;
    use udf_runtime::testing::Harness;

    use super::*;

    /// The results for the values 2, 5 and 3 of one group; another one has no part in them.
    fn results<U: Udf>() -> Vec<f64> {
        let input = "m,host=a v=2 1\nm,host=b v=9 2\nm,host=a v=5 3\nm,host=a v=3 4";
        let setup = Harness::<U>::setup()
            .options(".field('v').as('r')")
            .group_by(["host"]);
        setup.restore_everywhere(input).unwrap();
        let sent = setup.start().unwrap().lines(input).unwrap();
        let of_a = sent
            .points()
            .iter()
            .filter(|it| it.tag("host") == Some("a"));
        of_a.map(|point| point.float("r").unwrap()).collect()
    }

    #[test]
    fn each_one_combines_in_its_way() {
        assert_eq!(results::<RunningMax>(), [2.0, 5.0, 5.0]);
        assert_eq!(results::<RunningMin>(), [2.0, 2.0, 2.0]);
        assert_eq!(results::<RunningSum>(), [2.0, 7.0, 10.0]);
    }
}
