use std::rc::Rc;
use udf_runtime::prelude::*;

type Shared = Rc<u32>;

#[udf(stream)]
struct InAlias {
    #[skip]
    shared: Shared,
}

impl OnPoint for InAlias {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

#[derive(Default)]
struct Inner {
    shared: Shared,
}

#[udf(stream)]
struct InStruct {
    #[skip]
    inner: Inner,
}

impl OnPoint for InStruct {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

udf_runtime::main!(InAlias, InStruct);
