//! `pipe`: a UDF between line protocol and line protocol, at the command line.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use super::complain;
use crate::pipe::{PipeConfig, Stop, Streams, run as run_pipe};
use crate::process::signals::stop_on_signals;
use crate::process::{logging, prints, stdio};
use crate::udf::options::example_assignment;
use crate::udf::{Spec, Udf, UdfHandler};

pub(super) fn run<U: Udf>(config: PipeConfig) -> ExitCode {
    let summary = io::stderr().is_terminal() && !config.reads_stdin();
    let ended = run_or_fail::<U>(&config.summary(summary));
    let code = ended.unwrap_or_else(|error| {
        complain(&format!("error: {error}"));
        ExitCode::from(super::FAILED)
    });
    prints::finish();
    code
}

fn run_or_fail<U: Udf>(config: &PipeConfig) -> io::Result<ExitCode> {
    // What a UDF prints must not get between the lines.
    let stdio = stdio::take()?;
    prints::relay()?;
    let stop = Stop::new()?;
    let stopper = stop.clone();
    let _signals = stop_on_signals(move || stopper.stop())?;
    let mut report = logging::report;
    let streams = Streams::new(stdio.input, Box::new(File::from(stdio.output)), &mut report);
    Ok(
        match run_pipe(UdfHandler::<U>::new(), config, streams, Some(&stop)) {
            Ok(outcome) => ExitCode::from(outcome.exit_code()),
            Err(error) => {
                let text = in_words_of_the_command_line(&error.to_string(), &U::spec());
                complain(&format!("error: {text}"));
                ExitCode::from(error.exit_code())
            }
        },
    )
}

/// A message about options, with the calls that it shows as examples in the way in which they are given
/// here: `--set size=10` in place of `.size(10)`.
fn in_words_of_the_command_line(message: &str, spec: &Spec) -> String {
    let mut text = message.to_owned();
    for option in &spec.options {
        let given = format!("--set {}", example_assignment(option));
        text = text.replace(&option.example_call(), &given);
    }
    text
}
