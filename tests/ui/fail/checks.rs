use std::path::Path;

use udf_runtime::prelude::*;

#[udf(stream)]
struct Checked {
    #[option(validate = by_value)]
    value: u8,
    #[option(validate = of_another_type)]
    other: u8,
    #[option(validate = returns_a_number)]
    number: u8,
    #[option(validate = nowhere)]
    unknown: u8,
    // These are fine.
    #[option(validate = by_reference)]
    fine: u8,
    #[option(validate = text)]
    text: String,
    #[option(validate = path)]
    path: std::path::PathBuf,
    #[option(validate = |value| *value > 1)]
    closure: u8,
}

fn by_value(value: u8) -> bool {
    value > 1
}

fn of_another_type(value: &u16) -> bool {
    *value > 1
}

fn returns_a_number(value: &u8) -> u8 {
    *value
}

fn by_reference(value: &u8) -> Result<(), String> {
    if *value > 1 { Ok(()) } else { Err("it is too small".to_owned()) }
}

fn text(text: &str) -> bool {
    !text.is_empty()
}

fn path(path: &Path) -> bool {
    path.is_absolute()
}

impl OnPoint for Checked {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

fn main() {}
