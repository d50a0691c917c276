//! A struct in a module, in a function, of any visibility, with names of all kinds.

mod outer {
    pub mod inner {
        use udf_runtime::prelude::*;

        #[udf(stream)]
        pub(super) struct r#Match {
            r#type: String,
            #[option(default = Self::LIMIT)]
            r#where: i64,
            #[state]
            r#fn: u64,
        }

        impl r#Match {
            const LIMIT: i64 = 7;
        }

        impl OnPoint for r#Match {
            fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
                self.r#fn += 1;
                let _ = (&self.r#type, self.r#where);
                out.point(point)
            }
        }
    }

    pub(crate) fn spec() -> udf_runtime::Spec {
        use udf_runtime::Udf as _;
        let _ = udf_runtime::UdfHandler::<inner::r#Match>::new();
        inner::r#Match::spec()
    }
}

/// Names of the user's that generated code uses for itself, in scope and out of it.
#[allow(dead_code)]
mod names {
    use udf_runtime::prelude::*;

    pub struct Option;
    pub struct Vec;
    pub struct Result;
    pub struct String;
    pub struct Duration;
    pub struct Default;
    pub trait Udf {}
    pub fn options() -> u32 {
        1
    }
    pub const VALUE_0: u32 = 3;

    #[udf(stream)]
    pub(crate) struct Shadowed {
        #[option(default = options(), range = 1..)]
        value_0: u32,
        #[option(default = VALUE_0)]
        options: u32,
        #[option(flag)]
        this: bool,
        #[state]
        state: u32,
        #[state]
        reader: u32,
        #[state]
        writer: u32,
    }

    impl OnPoint for Shadowed {
        fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> udf_runtime::Result<()> {
            out.point(point)?;
            Ok(())
        }
    }
}

fn main() {
    use udf_runtime::{prelude::*, state};

    #[udf(batch)]
    struct Inner {
        #[option(default = 1)]
        option: u32,
        #[state(expire = "1h")]
        state: PerGroup<Window>,
    }

    #[state]
    #[derive(Default)]
    struct Window(u32);

    impl OnBatch for Inner {
        fn on_batch(&mut self, batch: Batch, out: &mut BatchOutput) -> Result<()> {
            self.state.of(&batch).0 += self.option;
            out.batch(batch)
        }
    }

    let _ = udf_runtime::UdfHandler::<Inner>::new();
    let _ = udf_runtime::UdfHandler::<names::Shadowed>::new();
    let spec = outer::spec();
    assert_eq!(spec.name, "match");
    let names: Vec<_> = spec.options.iter().map(|option| option.name).collect();
    assert_eq!(names, ["type", "where"]);
    assert_eq!(spec.options[1].default.as_deref(), Some("7"));
}
