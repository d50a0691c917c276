use udf_runtime::prelude::*;

#[udf(stream)]
enum Enum {
    Variant,
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

#[udf(stream)]
struct Lifetime<'a>
where
    'a: 'static,
{
    #[skip]
    value: &'a str,
}

fn main() {
    // The items are there in spite of it all.
    let _ = Enum::Variant;
    function();
    let _ = Tuple(1, String::new());
    let _ = Generic { value: 1 };
}
