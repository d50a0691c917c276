//! Reads the command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt as _};
use udf_proto::EdgeType;

use crate::agent::Limits;
use crate::line::Precision;
use crate::pipe::{GroupBy, PipeConfig};
use crate::udf::Spec;
use crate::udf::options::{parse_assignment, parse_duration};

/// What was asked for, and of which UDF; of none only where the program has several.
pub(super) struct Invocation {
    pub(super) udf: Option<usize>,
    pub(super) command: Command,
}

pub(super) enum Command {
    Serve(Serving),
    Pipe(PipeConfig, PipeHost),
    Info(InfoFormat),
    Config(ConfigRequest),
    Help,
    Version,
}

#[derive(Clone, Copy, Default)]
pub(super) enum InfoFormat {
    #[default]
    Text,
    Json,
}

/// What runs `pipe`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum PipeHost {
    /// A person, a script or another program.
    #[default]
    Any,
    /// Telegraf finds the level of a log line in its first letter, and it drops what it has not read when
    /// the process ends.
    Telegraf,
}

#[derive(Default)]
pub(super) struct ConfigRequest {
    pub(super) socket: Option<PathBuf>,
    pub(super) tickscript: bool,
    pub(super) telegraf: bool,
}

pub(super) struct Serving {
    pub(super) socket: Option<PathBuf>,
    pub(super) socket_mode: Option<u32>,
    /// The server ends with its own standard input.
    pub(super) until_stdin_closes: bool,
    /// How long connections may stay open after a reload.
    pub(super) drain_limit: Duration,
    pub(super) limits: Limits,
}

impl Default for Serving {
    fn default() -> Self {
        Self {
            socket: None,
            socket_mode: None,
            until_stdin_closes: false,
            drain_limit: Duration::from_secs(24 * 60 * 60),
            limits: Limits::default(),
        }
    }
}

/// A UDF's name as the command line has it: `moving-avg`.
pub(super) fn command_name(name: &str) -> String {
    name.replace('_', "-")
}

/// Reads the arguments behind the program's name.
pub(super) fn parse(
    arguments: impl IntoIterator<Item = OsString, IntoIter: 'static>,
    specs: &[Spec],
) -> Result<Invocation, lexopt::Error> {
    let mut parser = Parser::from_args(arguments);
    let mut udf = if let [_] = specs { Some(0) } else { None };
    let mut command = None;
    // What stands before the command's own flags: the UDF's name, then the command.
    while command.is_none() {
        let Some(argument) = parser.next()? else {
            break;
        };
        match argument {
            Arg::Short('h' | 'V') | Arg::Long("help" | "version") => {
                command = Some(otherwise(argument)?);
            }
            Arg::Value(value) => {
                let word = value.string()?;
                let named = |spec: &Spec| spec.name == word || command_name(spec.name) == word;
                if udf.is_none()
                    && let Some(found) = specs.iter().position(named)
                {
                    // Also one that is called as a command is.
                    udf = Some(found);
                    continue;
                }
                match (&*word, udf) {
                    ("info", _) => command = Some(info(&mut parser)?),
                    ("pipe", Some(udf)) => command = Some(pipe(&mut parser, &specs[udf])?),
                    ("config", udf) => command = Some(config(&mut parser, udf.is_some())?),
                    ("help", _) => command = Some(Command::Help),
                    ("pipe", None) => return Err(names_first(specs)),
                    (_, None) => return Err(unknown_udf(&word, specs)),
                    (word, Some(_)) => {
                        return Err(format!(
                            "{word:?} is no command; there are pipe, info and config"
                        )
                        .into());
                    }
                }
            }
            _ if udf.is_none() => return Err(names_first(specs)),
            Arg::Long(flag) => {
                let flag = flag.to_owned();
                command = Some(serve(&mut parser, flag)?);
            }
            argument => return Err(argument.unexpected()),
        }
    }
    let command = match command {
        Some(command) => command,
        None if udf.is_none() => Command::Help,
        None => Command::Serve(Serving::default()),
    };
    Ok(Invocation { udf, command })
}

fn names_first(specs: &[Spec]) -> lexopt::Error {
    format!("the UDF's name comes first: {}", command_names(specs)).into()
}

fn unknown_udf(word: &str, specs: &[Spec]) -> lexopt::Error {
    format!(
        "there is no UDF {word:?}; there are {}",
        command_names(specs)
    )
    .into()
}

fn command_names(specs: &[Spec]) -> String {
    specs
        .iter()
        .map(|spec| command_name(spec.name))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The flags of serving, the first of which was read already.
fn serve(parser: &mut Parser, first: String) -> Result<Command, lexopt::Error> {
    let mut serving = Serving::default();
    let mut flag = first;
    loop {
        match &*flag {
            "socket" | "socket-mode" | "until-stdin-closes" | "drain-limit" if cfg!(windows) => {
                return Err(format!(
                    "--{flag} needs Unix sockets, which are not supported on Windows; \
                     help: let Kapacitor start the UDF as a process"
                )
                .into());
            }
            "socket" => serving.socket = Some(parser.value()?.into()),
            "socket-mode" => serving.socket_mode = Some(mode(&parser.value()?.string()?)?),
            "until-stdin-closes" => serving.until_stdin_closes = true,
            "drain-limit" => serving.drain_limit = duration(parser, "drain-limit")?,
            "call-limit" => serving.limits.callback = duration(parser, "call-limit")?,
            "message-limit" => {
                serving.limits.message_bytes = message_bytes(&parser.value()?.string()?)?;
            }
            flag => return otherwise(Arg::Long(flag)),
        }
        flag = match parser.next()? {
            Some(Arg::Long(flag)) => flag.to_owned(),
            Some(argument) => return otherwise(argument),
            None if serving.until_stdin_closes && serving.socket.is_none() => {
                return Err("--until-stdin-closes goes with --socket PATH".into());
            }
            None => return Ok(Command::Serve(serving)),
        };
    }
}

/// What is no flag of a command may still ask for help or the version.
fn otherwise(argument: Arg<'_>) -> Result<Command, lexopt::Error> {
    match argument {
        Arg::Short('h') | Arg::Long("help") => Ok(Command::Help),
        Arg::Short('V') | Arg::Long("version") => Ok(Command::Version),
        argument => Err(argument.unexpected()),
    }
}

fn mode(text: &str) -> Result<u32, lexopt::Error> {
    u32::from_str_radix(text, 8)
        .ok()
        .filter(|mode| *mode <= 0o777)
        .ok_or_else(|| {
            format!("--socket-mode takes an octal mode from 0 to 0777, as 0660, and not {text:?}")
                .into()
        })
}

fn message_bytes(text: &str) -> Result<usize, lexopt::Error> {
    text.parse()
        .ok()
        .filter(|bytes| (1..=Limits::MAX_MESSAGE_BYTES).contains(bytes))
        .ok_or_else(|| {
            let most = Limits::MAX_MESSAGE_BYTES;
            format!("--message-limit takes bytes from 1 to {most}, and not {text:?}").into()
        })
}

fn duration(parser: &mut Parser, flag: &str) -> Result<Duration, lexopt::Error> {
    let text = parser.value()?.string()?;
    parse_duration(&text)
        .ok()
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| {
            format!("--{flag} takes a duration above 0s, as 90s or 5m, and not {text:?}").into()
        })
}

fn info(parser: &mut Parser) -> Result<Command, lexopt::Error> {
    let mut format = InfoFormat::Text;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("format") => {
                format = match &*parser.value()?.string()? {
                    "text" => InfoFormat::Text,
                    "json" => InfoFormat::Json,
                    other => {
                        return Err(
                            format!("--format takes text or json, and not {other:?}").into()
                        );
                    }
                }
            }
            argument => return otherwise(argument),
        }
    }
    Ok(Command::Info(format))
}

fn config(parser: &mut Parser, is_of_one: bool) -> Result<Command, lexopt::Error> {
    let mut request = ConfigRequest::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("socket") if !is_of_one => {
                return Err(
                    "expected `UDF config --socket PATH`, because each UDF has its own socket"
                        .into(),
                );
            }
            Arg::Long("socket") => request.socket = Some(parser.value()?.into()),
            Arg::Long("tickscript") => request.tickscript = true,
            Arg::Long("telegraf") => request.telegraf = true,
            argument => return otherwise(argument),
        }
    }
    Ok(Command::Config(request))
}

fn pipe(parser: &mut Parser, spec: &Spec) -> Result<Command, lexopt::Error> {
    let mut config = PipeConfig::new().node_id(spec.name);
    let mut host = PipeHost::default();
    // All of them, so that one run shows everything that is wrong.
    let mut wrong = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("set") => {
                let assignment = parser.value()?.string()?;
                match parse_assignment(&spec.options, &assignment) {
                    Ok(call) => config = config.option(call),
                    Err(error) => wrong.push(format!("--set {assignment}: {error}")),
                }
            }
            Arg::Long("group-by") => {
                let group_by = GroupBy::parse(&parser.value()?.string()?)
                    .map_err(|error| format!("--group-by: {error}"))?;
                config = config.group_by(group_by);
            }
            Arg::Long("by-name") => config = config.by_name(true),
            Arg::Long("period") if spec.wants == EdgeType::Batch => {
                config = config.period(duration(parser, "period")?);
            }
            Arg::Long("period") => {
                return Err("--period is for UDFs that want batches".into());
            }
            Arg::Long("precision") => {
                let unit = parser.value()?.string()?;
                let precision = Precision::from_abbreviation(&unit).ok_or_else(|| {
                    format!("--precision takes ns, us, ms or s, and not {unit:?}")
                })?;
                config = config.precision(precision);
            }
            Arg::Long("strict") => config = config.strict(true),
            Arg::Long("state" | "state-every") if !spec.keeps_state => {
                return Err(
                    format!("--state is for UDFs with state, which {} is not", spec.name).into(),
                );
            }
            Arg::Long("state") => config = config.state(parser.value()?),
            Arg::Long("state-every") => {
                config = config.state_every(duration(parser, "state-every")?);
            }
            Arg::Long("telegraf") => host = PipeHost::Telegraf,
            Arg::Value(file) => config = config.file(file),
            Arg::Long(flag) if spec.options.iter().any(|option| option.name == flag) => {
                return Err(format!(
                    "invalid option '--{flag}'; options of the UDF are given by --set {flag}=VALUE"
                )
                .into());
            }
            argument => return otherwise(argument),
        }
    }
    if config.state.is_none() && config.state_every.is_some() {
        return Err("--state-every needs --state FILE".into());
    }
    match wrong.is_empty() {
        true => Ok(Command::Pipe(config, host)),
        false => Err(wrong.join("\n").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specs<const N: usize>(names: [&'static str; N]) -> [Spec; N] {
        names.map(|name| Spec::new(name, EdgeType::Stream, EdgeType::Stream))
    }

    #[test]
    fn a_udf_that_is_called_as_a_command_is_can_be_chosen() {
        let specs = specs(["mirror", "info", "config", "pipe", "help"]);
        for (udf, spec) in specs.iter().enumerate() {
            let read = |arguments: &[&str]| {
                parse(
                    arguments.iter().map(OsString::from).collect::<Vec<_>>(),
                    &specs,
                )
                .unwrap()
            };
            let served = read(&[spec.name]);
            assert_eq!(served.udf, Some(udf), "{}", spec.name);
            assert!(matches!(served.command, Command::Serve(_)), "{}", spec.name);
            let read_as = read(&[spec.name, "info"]);
            assert_eq!(read_as.udf, Some(udf), "{}", spec.name);
            assert!(matches!(read_as.command, Command::Info(_)), "{}", spec.name);
        }
    }
}
