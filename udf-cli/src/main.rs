//! `udf`: tools for people who write and tune UDFs. It works with any program made with `udf-runtime`.

mod new;
mod play;
mod plot;
mod program;
mod series;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tools for Kapacitor UDFs.
#[derive(Debug, Parser)]
#[command(name = "udf", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::Arguments),
    Play(play::Arguments),
    Plot(plot::Arguments),
}

fn main() -> ExitCode {
    let ended = match Arguments::parse().command {
        Command::New(arguments) => Ok(new::run(&arguments)),
        Command::Play(arguments) => play::run(arguments),
        Command::Plot(arguments) => plot::run(arguments),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}
