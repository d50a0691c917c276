use udf_runtime::prelude::*;

/// Keeps the points of each batch that are above a limit.
#[udf(batch, name = "{{crate_name}}")]
struct {{udf_type}} {
    /// Field to look at.
    field: String,
    /// Limit; a value that equals it is not above it.
    above: f64,
}

impl OnBatch for {{udf_type}} {
    fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
        let mut kept = Batch::like(&batch);
        for point in batch.into_points() {
            if point.number(&self.field)? > self.above {
                kept.push(point);
            }
        }
        out.batch(kept)
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
    fn points_above_the_limit_are_kept() {
        let mut udf = setup().start().unwrap();
        let sent = udf.lines(
            "
            m,host=a v=11 1
            m,host=b v=1 2
            m,host=a v=10 3
            m,host=a v=12i 4
            ",
        );
        // The batch of a group without such points is empty.
        sent.unwrap().assert_lines(
            r#"
            # batch "m", group "host=a", tmax 4
            m,host=a v=11 1
            m,host=a v=12i 4
            # batch "m", group "host=b", tmax 2
            "#,
        );
    }

    #[test]
    fn a_point_without_the_field_is_an_error_that_names_the_option() {
        let mut udf = setup().start().unwrap();
        let failure = udf.lines("m,host=a w=1 1").unwrap_err();
        let text = failure.text();
        assert!(text.contains("option .field('v')"), "{text}");
    }
}
