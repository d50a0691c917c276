//! The cost of reading, inspecting, changing and writing a point: `cargo bench -p udf-benches`.
//!
//! Runs an agent in memory, because the codec is not public. The first row is the agent without a
//! handler's work. Compare the others with it.

use std::io::Cursor;

use divan::Bencher;
use divan::counter::ItemsCount;
use udf_benches::workload::{self, Shape};
use udf_runtime::prelude::*;
use udf_runtime::{Agent, UdfHandler};

fn main() {
    divan::main();
}

const POINTS: usize = 1_000;
const SHAPES: [Shape; 3] = [Shape::Small, Shape::Typical, Shape::Wide];

/// Drops every point.
#[udf(stream)]
struct Sink;

impl OnPoint for Sink {
    fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> Result<()> {
        Ok(())
    }
}

/// Sends every point back.
#[udf(stream)]
struct Mirror;

impl OnPoint for Mirror {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

/// Looks up the first field and the group.
#[udf(stream)]
struct LookUp;

impl OnPoint for LookUp {
    fn on_point(&mut self, point: Point, _: &mut StreamOutput) -> Result<()> {
        divan::black_box((point.float("usage_user")?, point.group()));
        Ok(())
    }
}

/// Adds, renames and removes a field.
#[udf(stream)]
struct Change;

impl OnPoint for Change {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        point.set_field("added", 1.5);
        point.rename_field("usage_user", "user");
        point.remove_field("usage_idle");
        out.point(point)
    }
}

#[divan::bench(args = SHAPES)]
fn read(bencher: Bencher<'_, '_>, shape: Shape) {
    measure(bencher, shape, UdfHandler::<Sink>::new);
}

#[divan::bench(args = SHAPES)]
fn read_and_write(bencher: Bencher<'_, '_>, shape: Shape) {
    measure(bencher, shape, UdfHandler::<Mirror>::new);
}

#[divan::bench(args = SHAPES)]
fn read_and_look_up(bencher: Bencher<'_, '_>, shape: Shape) {
    measure(bencher, shape, UdfHandler::<LookUp>::new);
}

#[divan::bench(args = SHAPES)]
fn read_change_and_write(bencher: Bencher<'_, '_>, shape: Shape) {
    measure(bencher, shape, UdfHandler::<Change>::new);
}

fn measure<H: udf_runtime::Handler>(
    bencher: Bencher<'_, '_>,
    shape: Shape,
    handler: impl Fn() -> H + Sync,
) {
    let mut input = workload::start(&[]);
    input.extend(workload::stream(shape, POINTS, 50).bytes);
    bencher.counter(ItemsCount::new(POINTS)).bench(|| {
        Agent::new(Cursor::new(input.clone()), std::io::sink())
            .run(handler())
            .expect("the input is sound");
    });
}
