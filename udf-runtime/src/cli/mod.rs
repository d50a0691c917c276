//! The command line of a UDF's program: what [`main!`](crate::main) makes.

// Uses `pipe`, `line`, `server`, `udf`, `agent` and `process`.

mod arguments;
mod config;
mod help;
mod info;
mod json;
mod pipe;
mod serve;
#[cfg(unix)]
mod socket;
mod telegraf;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use arguments::{Command, InfoFormat, Invocation, PipeHost, Serving};

use crate::pipe::PipeConfig;
use crate::process::{logging, panics};
use crate::udf::{Spec, Udf};

/// The UDF has failed.
const FAILED: u8 = 1;
/// The command line is wrong.
const USAGE: u8 = 2;

/// A UDF that a program has.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    name: &'static str,
    spec: fn() -> Spec,
    stdio: fn(&Serving) -> ExitCode,
    #[cfg(unix)]
    socket: fn(&Serving, socket::Place) -> ExitCode,
    pipe: fn(PipeConfig, PipeHost) -> ExitCode,
}

/// A type that [`main!`](crate::main) takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a UDF",
    label = "not a UDF",
    note = "`#[udf(stream)]` above the struct makes it one; the edges of a UDF are `stream`, \
            `batch`, `stream -> batch` or `batch -> stream`"
)]
pub trait InProgram {
    /// The entry of the UDF.
    #[doc(hidden)]
    const ENTRY: Entry;
}

#[diagnostic::do_not_recommend]
impl<U: Udf> InProgram for U {
    const ENTRY: Entry = Entry {
        name: U::NAME,
        spec: U::spec,
        stdio: serve::stdio::<U>,
        #[cfg(unix)]
        socket: socket::run::<U>,
        pipe: pipe::run::<U>,
    };
}

/// Fails to compile if two UDFs have one name.
#[track_caller]
pub const fn check_names(entries: &[Entry]) {
    let mut second = 1;
    while second < entries.len() {
        let mut first = 0;
        while first < second {
            assert!(
                !is_same(entries[first].name, entries[second].name),
                "two UDFs of this program have the same name; help: `#[udf(…, name = \"…\")]` \
                 gives one of them another"
            );
            first += 1;
        }
        second += 1;
    }
}

/// `==`, which no constant can call.
const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Runs the program's command line.
#[must_use]
pub fn main(entries: &[Entry]) -> ExitCode {
    logging::install();
    panics::install_hook();
    let mut arguments = std::env::args_os();
    let program = program_name(arguments.next());
    let specs: Vec<_> = entries.iter().map(|entry| (entry.spec)()).collect();
    match arguments::parse(arguments, &specs) {
        Ok(Invocation { udf, command }) => run(&program, entries, &specs, udf, command)
            .unwrap_or_else(|error| {
                complain(&format!("error: {error}"));
                ExitCode::from(FAILED)
            }),
        Err(error) => {
            complain(&format!("error: {error}\n{program} --help says more"));
            ExitCode::from(USAGE)
        }
    }
}

fn run(
    program: &str,
    entries: &[Entry],
    specs: &[Spec],
    udf: Option<usize>,
    command: Command,
) -> io::Result<ExitCode> {
    // The parser has checked the index.
    let chosen = udf.and_then(|udf| Some((entries.get(udf)?, specs.get(udf)?)));
    let Some((entry, spec)) = chosen else {
        return match command {
            Command::Version => print(&help::version_of_all(program, specs)),
            Command::Info(format) => print(&info::all(specs, format)),
            Command::Config(config) => print(&config::all(specs, &config)?),
            _ => print(&help::of_all(program, specs)),
        };
    };
    let invoked = if entries.len() == 1 {
        program.to_owned()
    } else {
        format!("{program} {}", arguments::command_name(spec.name))
    };
    match command {
        Command::Help => print(&help::of(&invoked, spec)),
        Command::Version => print(&format!("{} {}\n", spec.name, spec.version)),
        Command::Info(InfoFormat::Text) => print(&help::about(spec)),
        Command::Info(InfoFormat::Json) => print(&info::json(spec)),
        Command::Config(config) if config.telegraf => {
            print(&telegraf::section(spec, entries.len() > 1)?)
        }
        Command::Config(config) => print(&config::text(spec, entries.len() > 1, &config)?),
        Command::Pipe(config, host) => Ok((entry.pipe)(config, host)),
        Command::Serve(serving) => {
            #[cfg(unix)]
            if let Some(place) = socket::place(&serving)? {
                return Ok((entry.socket)(&serving, place));
            }
            // On a terminal, the program would wait for ever.
            if io::stdin().is_terminal() {
                return print(&help::of(&invoked, spec));
            }
            Ok((entry.stdio)(&serving))
        }
    }
}

fn print(text: &str) -> io::Result<ExitCode> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        // The reader, as `head`, has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Reports an error of the command.
fn complain(text: &str) {
    logging::report(log::Level::Error, text);
}

fn program_name(path: Option<OsString>) -> String {
    let path = path.map(std::path::PathBuf::from).unwrap_or_default();
    path.file_name().map_or_else(
        || "udf".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Makes the program's `main` of one UDF or several.
///
/// ```no_run
/// use udf_runtime::prelude::*;
///
/// /// Sends every point back.
/// #[udf(stream)]
/// struct Mirror;
///
/// impl OnPoint for Mirror {
///     fn on_point(&mut self, point: Point, out: &mut StreamOutput) -> Result<()> {
///         out.point(point)
///     }
/// }
///
/// udf_runtime::main!(Mirror);
/// ```
///
/// The program serves Kapacitor on stdin and stdout, or on a Unix socket with `--socket
/// PATH`, which may be left out if a service manager passes the socket; `info` shows its options, `config` prints the configuration for Kapacitor, `pipe` runs it
/// on line protocol. With several UDFs, the name of one comes first. Exit codes: 0 done, 1 the UDF
/// failed, 2 wrong usage.
#[macro_export]
macro_rules! main {
    ($($udf:ty),+ $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            const UDFS: &[$crate::__private::Entry] =
                &[$(<$udf as $crate::__private::InProgram>::ENTRY),+];
            const _: () = $crate::__private::check_names(UDFS);
            $crate::__private::main(UDFS)
        }
    };
}
