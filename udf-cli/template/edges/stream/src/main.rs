use udf_runtime::prelude::*;

/// Passes on points above a limit, and numbers those in a row.
#[udf(stream, name = "{{crate_name}}")]
struct {{udf_type}} {
    /// Field to look at.
    field: String,
    /// Limit; a value that equals it is not above it.
    above: f64,
    /// Field that receives the number of the point.
    #[option(default = "in_a_row")]
    r#as: String,
    #[state(expire = "1d")]
    in_a_row: PerGroup<i64>,
}

impl OnPoint for {{udf_type}} {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let is_above = point.number(&self.field)? > self.above;
        let in_a_row = self.in_a_row.of(&point);
        if !is_above {
            *in_a_row = 0;
            return Ok(());
        }
        *in_a_row += 1;
        point.set_field(&self.r#as, *in_a_row);
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
    fn points_above_the_limit_are_numbered_in_each_group() {
        let mut udf = setup().start().unwrap();
        let sent = udf.lines(
            "
            m,host=a v=11 1
            m,host=b v=50 2
            m,host=a v=12 3
            m,host=a v=10 4
            m,host=a v=13 5
            ",
        );
        sent.unwrap().assert_lines(
            "
            m,host=a v=11,in_a_row=1i 1
            m,host=b v=50,in_a_row=1i 2
            m,host=a v=12,in_a_row=2i 3
            m,host=a v=13,in_a_row=1i 5
            ",
        );
    }

    #[test]
    fn a_restart_changes_nothing_wherever_it_happens() {
        let lines = "m,host=a v=11 1\nm,host=b v=50 2\nm,host=a v=12 3\nm,host=a v=1 4";
        setup().restore_everywhere(lines).unwrap();
    }
}
