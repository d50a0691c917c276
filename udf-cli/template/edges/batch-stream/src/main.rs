use udf_runtime::prelude::*;

/// Counts the points of each batch that are above a limit.
#[udf(batch -> stream, name = "{{crate_name}}")]
struct {{udf_type}} {
    /// Field to look at.
    field: String,
    /// Limit; a value that equals it is not above it.
    above: f64,
}

impl OnBatch<StreamOutput> for {{udf_type}} {
    fn on_batch(&mut self, batch: Batch, out: &mut StreamOutput) -> Result<()> {
        let mut count = 0;
        for point in batch.points() {
            if point.number(&self.field)? > self.above {
                count += 1;
            }
        }
        // A batch without points has no tags to give to a point.
        let Some(first) = batch.points().first() else {
            return Ok(());
        };
        let mut point = Point::like(first);
        point.set_time(batch.tmax());
        point.set_field("above", count);
        point.set_field("share", f64::from(count) / batch.len() as f64);
        out.point(point)
    }
}

udf_runtime::main!({{udf_type}});

#[cfg(test)]
mod tests {
    use udf_runtime::testing::{Harness, Setup};

    use super::*;

    fn setup() -> Setup<{{udf_type}}> {
        let setup = Harness::setup().options(".field('v').above(10.0)");
        setup.group_by(["host"])
    }

    #[test]
    fn each_batch_has_a_point_with_the_count() {
        let mut udf = setup().start().unwrap();
        let sent = udf.lines(
            "
            m,host=a v=11 1
            m,host=b v=1 2
            m,host=a v=10 3
            m,host=a v=12i 4
            m,host=a v=2 5
            ",
        );
        sent.unwrap().assert_lines(
            "
            m,host=a above=2i,share=0.5 5
            m,host=b above=0i,share=0 2
            ",
        );
    }

    #[test]
    fn a_batch_without_points_has_no_point() {
        let mut udf = setup().start().unwrap();
        assert!(udf.batch(Batch::new("m")).unwrap().is_empty());
    }
}
