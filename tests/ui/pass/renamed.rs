//! The runtime under another name.

mod runtime {
    pub use udf_runtime as inner;
}

mod by_path {
    use crate::runtime::inner::{self, OnPoint, Point, Result, StreamOutput};

    #[inner::udf(stream, crate = "crate::runtime::inner")]
    pub struct Renamed {
        side: Side,
        #[state]
        state: Window,
    }

    #[derive(inner::OptionValue)]
    #[option(crate = "crate::runtime::inner")]
    pub enum Side {
        Inside,
    }

    #[inner::state(crate = "crate::runtime::inner")]
    #[derive(Default)]
    pub struct Window {
        sum: f64,
    }

    impl OnPoint for Renamed {
        fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
            let Side::Inside = self.side;
            self.state.sum += 1.0;
            out.point(point)
        }
    }
}

fn main() {
    let _ = udf_runtime::UdfHandler::<by_path::Renamed>::new();
}
