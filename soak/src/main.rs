//! Runs UDFs for a long time, and checks that their memory, descriptors and threads do not grow.
//!
//! ```text
//! cargo run --release -p udf-soak              half an hour or less
//! cargo run --release -p udf-soak -- --short   under a minute, for every change
//! ```
//!
//! Four rounds, each with a UDF in a separate process: points through the example moving_avg, over pipes;
//! connects and disconnects; many connections at once; ticks and snapshots. It counts every point that
//! comes back. Exit codes: 0 for flat, 1 for growth or a loss, 2 for wrong usage.

mod rounds;
mod samples;
mod ticking;

use std::error::Error;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use lexopt::{Arg, ValueExt as _};

const HELP: &str = "\
Runs UDFs for a long time, and checks that memory, descriptors and threads do not grow.

Usage: udf-soak [--short] [FLAG VALUE]…

  --short            small rounds, in less than a minute
  --points N         points through moving_avg          [100000000]
  --connects N       connects and disconnects           [10000]
  --at-once N        connections at the same time       [1000]
  --ticks SECONDS    how long to tick, 4 times a second [900]
";

/// The size of each round.
struct Amounts {
    points: u64,
    connects: u64,
    at_once: u64,
    ticks: Duration,
}

impl Amounts {
    const LONG: Self = Self {
        points: 100_000_000,
        connects: 10_000,
        at_once: 1_000,
        ticks: Duration::from_secs(900),
    };
    const SHORT: Self = Self {
        points: 3_000_000,
        connects: 1_000,
        at_once: 300,
        ticks: Duration::from_secs(10),
    };

    /// Reads the command line. Returns `None` if it asks for help.
    fn read() -> Result<Option<Self>, lexopt::Error> {
        let mut amounts = Self::LONG;
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("short") => amounts = Self::SHORT,
                Arg::Long("points") => amounts.points = parser.value()?.parse()?,
                Arg::Long("connects") => amounts.connects = parser.value()?.parse()?,
                Arg::Long("at-once") => amounts.at_once = parser.value()?.parse()?,
                Arg::Long("ticks") => {
                    amounts.ticks = Duration::from_secs(parser.value()?.parse()?);
                }
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                argument => return Err(argument.unexpected()),
            }
        }
        Ok(Some(amounts))
    }
}

fn main() -> ExitCode {
    if std::env::var_os(ticking::VARIABLE).is_some() {
        return ticking::run();
    }
    match Amounts::read() {
        Ok(Some(amounts)) => match soak(&amounts) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        },
        Ok(None) => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}\nudf-soak --help says more");
            ExitCode::from(2)
        }
    }
}

fn soak(amounts: &Amounts) -> Result<(), Box<dyn Error>> {
    let moving_avg = example("moving_avg")?;
    rounds::points(&moving_avg, amounts.points)?;
    rounds::connects(&moving_avg, amounts.connects)?;
    rounds::at_once(&moving_avg, amounts.at_once)?;
    rounds::ticks(amounts.ticks)?;
    println!("flat");
    Ok(())
}

/// Builds an example and returns its path.
fn example(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--release", "--quiet", "--example", name])
        .args([
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"),
        ])
        .status()?;
    if !built.success() {
        return Err(format!("the example {name} does not build").into());
    }
    // The folder `release`, even if this program was built with another profile.
    let own = std::env::current_exe()?;
    let target = own
        .parent()
        .and_then(|it| it.parent())
        .ok_or("no target folder")?;
    Ok(target.join("release/examples").join(name))
}
