//! `udf play`.
use std::process::ExitCode;
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}
pub(crate) fn run(_: Arguments) -> Result<ExitCode, String> {
    Ok(ExitCode::SUCCESS)
}
