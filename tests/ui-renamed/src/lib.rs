//! A UDF in a package that depends on the runtime by another name. That it compiles is the test.

use kapacitor::prelude::*;

/// Counts the points of each group.
#[derive(Debug)]
#[udf(stream, crate = "kapacitor")]
pub struct Count {
    /// What is counted.
    pub what: What,
    #[state]
    counts: PerGroup<Counted>,
}

/// What is counted.
#[derive(Debug, OptionValue)]
#[option(crate = "kapacitor")]
pub enum What {
    /// Points.
    Points,
    /// Fields of points.
    Fields,
}

#[kapacitor::state(crate = "kapacitor")]
#[derive(Debug, Default)]
struct Counted {
    count: i64,
}

impl OnPoint for Count {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let counted = self.counts.of(&point);
        counted.count += match self.what {
            What::Points => 1,
            What::Fields => i64::try_from(point.fields().count())?,
        };
        point.set_field("count", counted.count);
        out.point(point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_udf_is_there() {
        assert_eq!(kapacitor::UdfHandler::<Count>::new().spec().name, "count");
    }
}
