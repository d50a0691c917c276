use udf_runtime::prelude::*;

/// Gathers the points of each stretch above a limit into a batch.
#[udf(stream -> batch, name = "{{crate_name}}")]
struct {{udf_type}} {
    /// Field to look at.
    field: String,
    /// Limit; a value that equals it ends the stretch.
    above: f64,
    /// The batch of each group that is open.
    #[state(expire = "1d")]
    open: PerGroup<Option<Batch>>,
}

impl OnPoint<BatchOutput> for {{udf_type}} {
    fn on_point(&mut self, point: Point, out: &mut BatchOutput) -> Result<()> {
        let is_above = point.number(&self.field)? > self.above;
        let open = self.open.of(&point);
        if is_above {
            let batch = open.get_or_insert_with(|| Batch::for_group_of(&point));
            batch.push(point);
        } else if let Some(batch) = open.take() {
            out.batch(batch)?;
        }
        Ok(())
    }

    /// Sends what is still open when the input ends.
    fn on_stop(&mut self, out: &mut BatchOutput) -> Result<()> {
        for (_, open) in self.open.iter_mut() {
            if let Some(batch) = open.take() {
                out.batch(batch)?;
            }
        }
        Ok(())
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
    fn a_stretch_above_the_limit_is_a_batch() {
        let mut udf = setup().start().unwrap();
        let sent = udf.lines(
            "
            m,host=a v=11 1
            m,host=b v=50 2
            m,host=a v=12 3
            m,host=a v=10 4
            ",
        );
        sent.unwrap().assert_lines(
            r#"
            # batch "m", group "host=a", tmax 3
            m,host=a v=11 1
            m,host=a v=12 3
            "#,
        );
        // The other group's stretch goes on until the end.
        let sent = udf.stop().unwrap();
        assert_eq!(sent.lines(), "m,host=b v=50 2\n");
    }

    #[test]
    fn a_restart_changes_nothing_wherever_it_happens() {
        let lines = "m,host=a v=11 1\nm,host=b v=50 2\nm,host=a v=12 3\nm,host=a v=1 4";
        setup().restore_everywhere(lines).unwrap();
    }
}
