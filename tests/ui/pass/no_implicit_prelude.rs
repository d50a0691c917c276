#![no_implicit_prelude]
#![allow(dead_code)]

#[::udf_runtime::udf(stream, tick = "1s")]
struct Bare {
    field: ::std::string::String,
    #[option(default = 10, range = 1..)]
    size: usize,
    #[option(default = "avg")]
    r#as: ::std::string::String,
    list: ::std::vec::Vec<(f64, i64)>,
    #[option(validate = check)]
    maybe: ::std::option::Option<u8>,
    #[option(flag)]
    flag: bool,
    #[option(default = Side::Inside)]
    side: Side,
    #[state]
    state: ::udf_runtime::PerGroup<Window>,
    #[skip]
    skipped: u8,
}

fn check(value: &u8) -> bool {
    *value > 1
}

#[derive(::udf_runtime::OptionValue)]
enum Side {
    Inside,
    #[option(rename = "out")]
    Outside,
}

#[::udf_runtime::state]
#[derive(::std::default::Default)]
struct Window {
    sum: f64,
}

impl ::udf_runtime::OnPoint for Bare {
    fn on_point(
        &mut self,
        point: ::udf_runtime::Point,
        out: &mut ::udf_runtime::StreamOutput,
    ) -> ::udf_runtime::Result<()> {
        out.point(point)
    }

    fn on_tick(&mut self, _: i64, _: &mut ::udf_runtime::StreamOutput) -> ::udf_runtime::Result<()> {
        ::std::result::Result::Ok(())
    }
}

fn main() {
    let _ = ::udf_runtime::UdfHandler::<Bare>::new();
}
