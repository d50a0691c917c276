//! UDFs that `macro_rules` make, of names and of tokens.

use udf_runtime::{UdfHandler, prelude::*, state};

macro_rules! of_name {
    ($name:ident, $field:ident: $type:ty = $default:expr) => {
        #[udf(stream, tick = every)]
        struct $name {
            #[option(default = $default, range = 1..)]
            $field: $type,
            #[option(default = "10s")]
            every: Duration,
            #[state(expire = every)]
            seen: PerGroup<u64>,
        }

        impl OnPoint for $name {
            fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
                *self.seen.of(&point) += u64::from(self.$field);
                out.point(point)
            }
        }
    };
}

macro_rules! of_items {
    ($($item:tt)*) => {
        $($item)*
    };
}

macro_rules! unit {
    ($name:ident) => {
        #[udf(stream)]
        struct $name;

        impl OnPoint for $name {
            fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
                out.point(point)
            }
        }
    };
}

of_name!(Named, size: u32 = 10);
unit!(Mirror);

of_items! {
    #[udf(batch, custom_state, state_version = 2, migrate)]
    struct Items {
        #[option(validate = |size: &u32| *size > 1)]
        size: u32,
        side: Side,
    }

    #[derive(OptionValue)]
    enum Side {
        Left,
        Right,
    }

    #[state]
    #[derive(Default)]
    struct Inner {
        #[state(was = "old")]
        new: u32,
    }

    impl OnBatch for Items {
        fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
            let _ = (self.size, &self.side, Inner::default().new, Side::Left, Side::Right);
            out.batch(batch)
        }
    }

    impl CustomState for Items {
        fn snapshot(&self) -> Result<Vec<u8>> {
            Ok(Vec::new())
        }

        fn restore(&mut self, _: &[u8]) -> Result<()> {
            Ok(())
        }
    }

    impl MigrateState for Items {
        fn migrate(&mut self, _: u32, old: udf_runtime::state::OldState<'_>) -> Result<()> {
            let _ = old.bytes();
            Ok(())
        }
    }
}

fn main() {
    let _ = UdfHandler::<Named>::new();
    let _ = UdfHandler::<Mirror>::new();
    let _ = UdfHandler::<Items>::new();
}
