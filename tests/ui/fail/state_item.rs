use udf_runtime::{prelude::*, state};

#[state]
fn function() {}

#[state(expire = "1h", crat = "x")]
struct Arguments;

#[state]
#[derive(Default, udf_runtime::__private::serde::Serialize)]
struct Twice {
    field: u32,
}

fn main() {
    function();
    let _ = Arguments;
    let _ = Twice::default();
}
