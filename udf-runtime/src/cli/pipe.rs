//! `pipe`: a UDF between line protocol and line protocol, at the command line.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use super::complain;
use crate::pipe::{PipeConfig, Stop, Streams, run as run_pipe};
use crate::process::signals::stop_on_signals;
use crate::process::stdio;
use crate::udf::{Udf, UdfHandler};

pub(super) fn run<U: Udf>(mut config: PipeConfig) -> ExitCode {
    config.summary = io::stderr().is_terminal() && !config.files.is_empty();
    run_or_fail::<U>(&config).unwrap_or_else(|error| {
        complain(&format!("error: {error}"));
        ExitCode::from(super::FAILED)
    })
}

fn run_or_fail<U: Udf>(config: &PipeConfig) -> io::Result<ExitCode> {
    // What a UDF prints must not get between the lines either.
    let stdio = stdio::take()?;
    let stop = Stop::new()?;
    let stopper = stop.clone();
    let _signals = stop_on_signals(move || stopper.stop())?;
    let streams = Streams {
        input: stdio.input,
        output: Box::new(File::from(stdio.output)),
        errors: &mut io::stderr(),
    };
    Ok(
        match run_pipe(UdfHandler::<U>::new(), config, streams, Some(&stop)) {
            Ok(outcome) => ExitCode::from(outcome.exit_code()),
            Err(error) => {
                complain(&format!("error: {error}"));
                ExitCode::from(error.exit_code())
            }
        },
    )
}
