//! Mistakes of all kinds in one struct: one error each, and none in what uses the struct.

use udf_runtime::prelude::*;

#[udf(stream, tick = "soon")]
struct Many {
    #[option(default = 0, range = 1..)]
    size: u32,
    #[option(rnage = 1..)]
    scale: f64,
    r#var: String,
}

impl OnPoint for Many {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        let _ = (&self.size, &self.scale, &self.r#var);
        out.point(point)
    }
}

fn main() {
    let _ = udf_runtime::UdfHandler::<Many>::new();
}
