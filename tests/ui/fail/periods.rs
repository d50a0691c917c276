use udf_runtime::prelude::*;

/// Names a field that there is not.
#[udf(stream, tick = flsh)]
struct Unknown {
    flush: Duration,
}

impl OnPoint for Unknown {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

/// Names fields of other types.
#[udf(stream, tick = size)]
struct OtherTypes {
    size: u64,
    #[state(expire = name)]
    groups: PerGroup<u64>,
    name: String,
}

/// Names a field that is not an option.
#[udf(stream, tick = every)]
struct NotAnOption {
    #[skip]
    every: Duration,
}

/// Of a type that only the compiler knows.
#[udf(stream, tick = every)]
struct OfAlias {
    every: Alias,
}

type Alias = u32;

impl OnPoint for OfAlias {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

/// Neither a duration nor a name.
#[udf(stream, tick = 10, on_error = drop)]
struct Numbers {
    #[state(expire = 1 + 2)]
    groups: PerGroup<u64>,
}

fn main() {}
