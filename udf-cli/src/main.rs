//! `udf`: tools for people who write and tune UDFs. It works with any program made with `udf-runtime`.

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
enum Command {}

fn main() -> ExitCode {
    match Arguments::parse().command {}
}
