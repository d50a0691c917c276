//! UDFs to play with: all kinds of options, and what an author may do wrong.

use std::thread;

use udf_runtime::prelude::*;

/// Has an option of each kind, and passes points on with what they say.
#[udf(stream)]
struct Kinds {
    /// Field to double.
    field: String,
    /// A whole number in a narrow range.
    #[option(default = 3, range = 1..=10)]
    count: i64,
    /// A whole number in a wide range.
    #[option(default = 100, range = 1..=1_000_000)]
    size: usize,
    /// A factor.
    #[option(default = 2.0, range = 0.0..=4.0)]
    factor: f64,
    /// A time.
    #[option(default = "90s")]
    every: Duration,
    /// How values are rounded.
    #[option(default = Rounding::Exact)]
    rounding: Rounding,
    /// Whether points are marked.
    #[option(default = false)]
    marked: bool,
    /// Drops all odd points.
    #[option(flag)]
    even: bool,
    /// Names that are added. Called once for each.
    label: Vec<String>,
    /// Values outside are dropped.
    #[option(args(low, high), default = (-1e9, 1e9))]
    limits: (f64, f64),
    /// A name, if there is one.
    title: Option<String>,
    #[skip]
    seen: u64,
}

#[derive(OptionValue)]
enum Rounding {
    Exact,
    Whole,
}

impl OnPoint for Kinds {
    fn on_point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        self.seen += 1;
        let value = point.number(&self.field)? * self.factor;
        let is_odd = self.seen % 2 == 1;
        if (self.even && is_odd) || value < self.limits.0 || value > self.limits.1 {
            return Ok(());
        }
        let value = match self.rounding {
            Rounding::Exact => value,
            Rounding::Whole => value.round(),
        };
        point.set_field("scaled", value);
        point.set_field("count", self.count);
        point.set_field("size", self.size as i64);
        point.set_field("every", self.every.as_secs_f64());
        if self.marked {
            point.set_field("marked", true);
        }
        for label in &self.label {
            point.set_field(label, 1.0);
        }
        if let Some(title) = &self.title {
            point.set_field("title", title.as_str());
        }
        out.point(point)
    }
}

/// Passes points on.
#[udf(stream)]
struct Mirror;

impl OnPoint for Mirror {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point)
    }
}

/// Panics at the first point.
#[udf(stream)]
struct Panics;

impl OnPoint for Panics {
    #[allow(clippy::panic, reason = "that is what it is for")]
    fn on_point(&mut self, point: Point, _: &mut StreamOutput) -> Result<()> {
        panic!("cannot stand {}", point.name());
    }
}

/// Does not return.
#[udf(stream)]
struct Hangs;

impl OnPoint for Hangs {
    fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> Result<()> {
        loop {
            thread::park();
        }
    }
}

/// Prints to where its output is.
#[udf(stream)]
struct Prints;

impl OnPoint for Prints {
    fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
        println!("<b>printed</b> of {}", point.name());
        out.point(point)
    }
}

/// Refuses to start.
#[udf(stream)]
struct Refuses {
    /// Any text.
    #[option(default = "x")]
    text: String,
}

impl OnPoint for Refuses {
    fn on_init(&mut self, _: &Task) -> Result<()> {
        bail!("no text is good enough, not even {:?}", self.text)
    }

    fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> Result<()> {
        Ok(())
    }
}

/// Returns nothing.
#[udf(stream)]
struct Silent;

impl OnPoint for Silent {
    fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> Result<()> {
        Ok(())
    }
}

udf_runtime::main!(Kinds, Mirror, Panics, Hangs, Prints, Refuses, Silent);
