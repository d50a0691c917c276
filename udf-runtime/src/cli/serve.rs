//! Serving Kapacitor as its child, on stdin and stdout.

use std::io;
use std::process::ExitCode;

use super::FAILED;
use super::arguments::Serving;
use crate::agent::Agent;
use crate::udf::{Udf, UdfHandler};

pub(super) fn stdio<U: Udf>(serving: &Serving) -> ExitCode {
    let agent = Agent::new(io::stdin(), io::stdout()).limits(serving.limits.clone());
    match agent.run(UdfHandler::<U>::new()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::log!(error.level(), "{error}");
            ExitCode::from(FAILED)
        }
    }
}
