use udf_runtime::prelude::*;

#[udf(stream)]
enum Enum {
    Variant,
}

impl OnPoint for Enum {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

#[udf(stream)]
/// With docs.
pub fn function() {}

#[udf(stream)]
struct Tuple(#[state] u32, String);

#[udf(stream)]
struct Generic<T> {
    #[skip]
    value: T,
}

impl<T> OnPoint for Generic<T> {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

#[udf(stream)]
struct Lifetime<'a>
where
    'a: 'static,
{
    #[skip]
    value: &'a str,
}

#[udf(stream)]
struct OnImpl;

#[udf(stream)]
impl OnPoint for OnImpl {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

// What uses the items has no errors.
udf_runtime::main!(Enum, Tuple, Generic<u32>, Lifetime<'static>, OnImpl);

pub fn uses() {
    let _ = Enum::Variant;
    function();
    let _ = Tuple(1, String::new());
    let _ = Generic { value: 1 };
}
