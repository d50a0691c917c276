//! `udf new`: starts a project.

mod edges;
mod folder;
mod name;
mod runtime;
mod template;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use edges::Edges;
use name::ProjectName;
use runtime::Runtime;

/// Start a project: a UDF with tests, data, a TICKscript, a container and a Debian package.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Name of the project and of its folder, such as cpu-spikes.
    name: ProjectName,
    /// What the UDF takes and what it sends.
    #[arg(long, value_enum)]
    edges: Edges,
    /// Use the udf-runtime in this folder, in place of the published one.
    #[arg(long, value_name = "FOLDER")]
    runtime: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match create(arguments) {
        Ok(text) => {
            // Fails only if the reader of the output is gone, and the project is there.
            let _ = writeln!(io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Creates the project in the current folder. Returns what to do with it.
fn create(arguments: &Arguments) -> Result<String, String> {
    let Arguments { name, edges, .. } = arguments;
    let runtime = match &arguments.runtime {
        Some(folder) => Runtime::in_folder(folder)?,
        None => Runtime::published(),
    };
    let files = template::files(name, *edges, &runtime);
    folder::create(Path::new(name.project()), &files)?;
    Ok(format!(
        "Created the UDF {udf} in the folder {name}. Next:\n\n    \
         cd {name}\n    \
         cargo test\n    \
         cargo run -- pipe data/cpu.lp --group-by host {pipe_flags}--set field=usage_user --set above=50\n\n\
         Its README.md says how to use it in Kapacitor.",
        udf = name.udf(),
        name = name.project(),
        pipe_flags = edges.pipe_flags(),
    ))
}
