//! A program of UDFs, known by what it prints: `info` says what its UDFs take, and `pipe` runs one of them.

mod golden;
mod problems;
mod run;
mod schema;
mod settings;
mod suggest;
mod take_away;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use golden::{Subset, test};
pub(crate) use problems::{Problem, problems};
use run::Ending;
pub(crate) use run::{Bounds, Run};
pub(crate) use schema::{Edge, Udf};
pub(crate) use settings::{Settings, SettingsArguments, Unit};
pub(crate) use suggest::suggest;
pub(crate) use take_away::{TakeAway, take_away};

/// A program of UDFs.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// As the user gave it.
    pub(crate) shown: String,
    pub(crate) path: PathBuf,
    pub(crate) udfs: Vec<Udf>,
}

impl Program {
    /// Asks a program what its UDFs are.
    pub(crate) async fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display().to_string();
        // A name without a slash would be looked for in PATH alone.
        let path = match path.exists() {
            true => std::path::absolute(path).map_err(|error| format!("{shown}: {error}"))?,
            false => path.to_owned(),
        };
        let bounds = Bounds {
            time_limit: 10,
            memory_limit: 4096,
            output_limit: 16,
        };
        let arguments = ["info", "--format", "json"].map(OsString::from);
        let info = run::run(&path, arguments, None, bounds).await;
        let info = info.map_err(|error| format!("cannot run {shown}: {error}"))?;
        let udfs = (info.ending == Ending::Exit(0))
            .then(|| schema::parse(&info.output).ok())
            .flatten();
        match udfs {
            Some(udfs) if !udfs.is_empty() => Ok(Program { shown, path, udfs }),
            _ => Err(format!(
                "{shown} does not answer `info --format json`; expected a program made with \
                 `udf_runtime::main!`"
            )),
        }
    }

    /// The UDF of a name, or the only one.
    pub(crate) fn udf(&self, name: Option<&str>) -> Result<&Udf, String> {
        let names = || {
            let names = self.udfs.iter().map(|udf| &*udf.name);
            names.collect::<Vec<_>>().join(", ")
        };
        match (name, &*self.udfs) {
            (Some(name), udfs) => {
                let is_it = |udf: &&Udf| udf.name == name || command_name(&udf.name) == name;
                let found = udfs.iter().find(is_it);
                found.ok_or_else(|| {
                    format!(
                        "expected a UDF of {}, found {name:?}; help: it has {}",
                        self.shown,
                        names()
                    )
                })
            }
            (None, [only]) => Ok(only),
            (None, _) => Err(format!(
                "{} has several UDFs; help: --udf NAME, with one of {}",
                self.shown,
                names()
            )),
        }
    }

    /// Runs `pipe` over files, or over a text in place of them.
    pub(crate) async fn pipe(
        &self,
        settings: &Settings,
        data: Data<'_>,
        bounds: Bounds,
    ) -> io::Result<Run> {
        let mut arguments: Vec<OsString> =
            self.before_command(&settings.udf).map(Into::into).collect();
        arguments.push("pipe".into());
        let input = match data {
            Data::Files(files) => {
                // A file whose name begins with a dash is no flag.
                let file = |file: &PathBuf| match file.is_relative() {
                    true => Path::new(".").join(file).into_os_string(),
                    false => file.into(),
                };
                arguments.extend(files.iter().map(file));
                None
            }
            Data::Text(text) => Some(text),
        };
        arguments.extend(settings.flags().into_iter().map(OsString::from));
        run::run(&self.path, arguments, input, bounds).await
    }

    /// What stands before a command: the UDF's name where the program has several.
    fn before_command(&self, udf: &str) -> impl Iterator<Item = String> {
        let is_one = self.udfs.len() == 1;
        (!is_one).then(|| command_name(udf)).into_iter()
    }
}

/// What a run reads.
#[derive(Debug)]
pub(crate) enum Data<'a> {
    Files(&'a [PathBuf]),
    Text(Vec<u8>),
}

/// A UDF's name as its command line has it.
fn command_name(udf: &str) -> String {
    udf.replace('_', "-")
}
