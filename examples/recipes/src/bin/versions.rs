//! Versions: a state that has changed twice, and still reads every snapshot of before.
//!
//! | program | state |
//! |---|---|
//! | first | `kilobytes`, a number for each group |
//! | second, `state_version = 2` | `groups`, a struct with `sum` in bytes |
//! | this one | `sum` is called `bytes`, and the points are counted |
//!
//! A new version is for what older programs kept in another form. A field with another name, and one
//! that is new, need none.
//!
//! ```text
//! stream
//!     |from()
//!         .measurement('downloads')
//!         .groupBy('customer')
//!     @total()
//!         .field('bytes')
//!     |httpOut('total')
//! ```

use udf_runtime::prelude::*;
use udf_runtime::state::OldState;

/// Adds up a number of bytes, for each group.
#[udf(stream, state_version = 2, migrate)]
struct Total {
    /// Field with a number of bytes.
    field: String,
    #[state]
    groups: PerGroup<Sum>,
}

#[state]
#[derive(Default)]
struct Sum {
    #[state(was = "sum")]
    bytes: f64,
    /// Starts at 0 in a group of an older snapshot, as `Default` says.
    points: u64,
}

/// The state of version 1.
#[state]
#[derive(Default)]
struct Version1 {
    kilobytes: PerGroup<f64>,
}

impl MigrateState for Total {
    fn migrate(&mut self, _version: u32, old: OldState<'_>) -> Result<()> {
        let old: Version1 = old.read()?;
        for (group, kilobytes) in old.kilobytes.iter() {
            let sum = Sum {
                bytes: kilobytes * 1000.0,
                points: 0,
            };
            self.groups.insert(group, sum);
        }
        Ok(())
    }
}

impl OnPoint for Total {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let bytes = point.number(&self.field)?;
        let sum = self.groups.of(&point);
        sum.bytes += bytes;
        sum.points += 1;
        point.set_field("total", sum.bytes);
        point.set_field("points", sum.points);
        out.point(point)
    }
}

udf_runtime::main!(Total);

#[cfg(test)]
mod tests {
    use udf_runtime::Udf;
    use udf_runtime::testing::{FailureKind, Harness, Setup};

    use super::*;

    /// The first program, as far as its snapshots go.
    mod first {
        use super::*;

        /// Adds up.
        #[udf(stream)]
        pub(super) struct Total {
            field: String,
            #[state]
            kilobytes: PerGroup<f64>,
        }

        impl OnPoint for Total {
            fn on_point(&mut self, point: Point, _: &mut StreamOutput) -> Result<()> {
                *self.kilobytes.of(&point) += point.number(&self.field)? / 1000.0;
                Ok(())
            }
        }
    }

    /// The second one.
    mod second {
        use super::*;

        /// Adds up.
        #[udf(stream, state_version = 2)]
        pub(super) struct Total {
            field: String,
            #[state]
            groups: PerGroup<Sum>,
        }

        #[state]
        #[derive(Default)]
        struct Sum {
            sum: f64,
        }

        impl OnPoint for Total {
            fn on_point(&mut self, point: Point, _: &mut StreamOutput) -> Result<()> {
                self.groups.of(&point).sum += point.number(&self.field)?;
                Ok(())
            }
        }
    }

    fn setup<U: Udf>() -> Setup<U> {
        Harness::setup().options(".field('v')").group_by(["host"])
    }

    fn snapshot_of<U: Udf>() -> Vec<u8> {
        let mut udf = setup::<U>().start().unwrap();
        udf.lines("m,host=a v=2000 1\nm,host=b v=5 2").unwrap();
        udf.snapshot().unwrap()
    }

    #[test]
    fn snapshots_of_both_older_programs_are_taken_over() {
        for snapshot in [
            snapshot_of::<first::Total>(),
            snapshot_of::<second::Total>(),
        ] {
            let mut udf = setup::<Total>().start().unwrap();
            udf.restore(&snapshot).unwrap();
            let sent = udf.lines("m,host=a v=1 3\nm,host=b v=1 4").unwrap();
            sent.assert_lines(
                "
                m,host=a v=1,total=2001,points=1i 3
                m,host=b v=1,total=6,points=1i 4
                ",
            );
        }
    }

    #[test]
    fn an_older_program_refuses_a_newer_snapshot() {
        let mut udf = setup::<first::Total>().start().unwrap();
        let refused = udf.restore(&snapshot_of::<Total>()).unwrap_err();
        assert_eq!(refused.kind(), FailureKind::Refused);
        assert!(refused.text().contains("version 2"), "{refused}");
    }

    #[test]
    fn a_restart_changes_nothing_wherever_it_happens() {
        setup::<Total>()
            .restore_everywhere("m,host=a v=1 1\nm,host=b v=2 2\nm,host=a v=3 3")
            .unwrap();
    }
}
