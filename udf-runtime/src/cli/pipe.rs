//! `pipe`: a UDF between line protocol and line protocol, at the command line.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::time::Duration;

use super::arguments::PipeHost;
use super::complain;
use crate::pipe::{PipeConfig, StopSignal, Streams, run as run_pipe};
#[cfg(unix)]
use crate::process::signals::stop_on_signals;
use crate::process::{logging, prints, stdio};
use crate::udf::options::example_assignment;
use crate::udf::{Spec, Udf, UdfHandler};

/// How long the output's reader may take for the rest: Telegraf ends a plugin by force after 5 s.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn run<U: Udf>(config: PipeConfig, host: PipeHost) -> ExitCode {
    if host == PipeHost::Telegraf {
        logging::write_for_telegraf();
    }
    let summary = io::stderr().is_terminal() && !config.reads_stdin();
    let ended = run_or_fail::<U>(&config.summary(summary), host);
    let code = ended.unwrap_or_else(|error| {
        complain(&format!("error: {error}"));
        ExitCode::from(super::FAILED)
    });
    prints::finish();
    if host == PipeHost::Telegraf {
        stdio::wait_until_read(io::stderr(), PATIENCE);
    }
    code
}

fn run_or_fail<U: Udf>(config: &PipeConfig, host: PipeHost) -> io::Result<ExitCode> {
    // What a UDF prints must not get between the lines.
    let stdio = stdio::take()?;
    prints::relay()?;
    let stop = StopSignal::new()?;
    #[cfg(unix)]
    let stopper = stop.stopper();
    #[cfg(unix)]
    let _signals = stop_on_signals(move || stopper.stop())?;
    let mut report = logging::report;
    let output = File::from(stdio.output);
    let streams = Streams::new(stdio.input, Box::new(output.try_clone()?), &mut report);
    let ended = run_pipe(UdfHandler::<U>::new(), config, streams, Some(&stop));
    if host == PipeHost::Telegraf {
        stdio::wait_until_read(output, PATIENCE);
    }
    Ok(match ended {
        Ok(outcome) => ExitCode::from(outcome.exit_code()),
        Err(error) => {
            let text = in_words_of_the_command_line(&error.to_string(), &U::spec());
            complain(&format!("error: {text}"));
            ExitCode::from(error.exit_code())
        }
    })
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
