//! Why a run has failed, and which option is the reason.

use serde::Serialize;

use super::run::{Ending, Run};

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    /// The option that it is about.
    pub(crate) option: Option<String>,
    pub(crate) text: String,
}

impl Problem {
    fn of_run(text: impl Into<String>) -> Self {
        Problem {
            option: None,
            text: text.into(),
        }
    }
}

/// The problems of a run that has failed; none of one that has not.
pub(crate) fn problems(run: &Run) -> Vec<Problem> {
    match run.ending {
        Ending::Exit(0) => Vec::new(),
        Ending::Exit(code) => {
            let mut found: Vec<_> = messages(&run.log).collect();
            if found.is_empty() {
                found.push(Problem::of_run(format!(
                    "the UDF ended with exit code {code}"
                )));
            }
            found
        }
        Ending::Signal(signal) => {
            let last = run.log.lines().rfind(|line| !line.trim().is_empty());
            let last = last.map_or_else(String::new, |line| format!(": {line}"));
            vec![Problem::of_run(format!(
                "the UDF's process was ended by signal {signal}{last}"
            ))]
        }
        Ending::TimeLimit => vec![Problem::of_run(format!(
            "the UDF is not done after {:.0} s and was ended; help: --time-limit SECONDS gives it more",
            run.took.as_secs_f64()
        ))],
        Ending::OutputLimit => vec![Problem::of_run(
            "the UDF wrote more than the limit and was ended; help: --output-limit MIB gives it more",
        )],
    }
}

/// The errors in a log: a line that begins with `error:`, or, where it announces several, each of the lines
/// below it.
fn messages(log: &str) -> impl Iterator<Item = Problem> {
    log.lines().filter_map(|line| {
        let text = line
            .strip_prefix("error: ")
            .or_else(|| line.strip_prefix("--set ").and(Some(line)))
            .or_else(|| line.strip_prefix("- option ").map(|_| &line[2..]))?;
        let announces = text.ends_with("problems with the options:");
        (!announces).then(|| Problem {
            option: option_of(text),
            text: text.to_owned(),
        })
    })
}

/// The option that a message names.
fn option_of(text: &str) -> Option<String> {
    let quoted = |text: &str| {
        let (name, _) = text.split_once('"')?;
        Some(name.to_owned())
    };
    if let Some((_, rest)) = text.split_once("option \"") {
        return quoted(rest);
    }
    let (_, rest) = text.split_once("option --set ")?;
    let end = rest.find(['=', ':', ' '])?;
    Some(rest[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn found(log: &str) -> Vec<(Option<String>, String)> {
        let run = Run {
            ending: Ending::Exit(2),
            output: Vec::new(),
            log: log.to_owned(),
            took: Duration::ZERO,
        };
        let found = problems(&run).into_iter();
        found.map(|it| (it.option, it.text)).collect()
    }

    #[test]
    fn a_message_belongs_to_the_option_that_it_names() {
        let log = "error: 2 problems with the options:\n- option \"size\": expected an INT\n- option \"field\" is missing\n";
        let [size, field] = &found(log)[..] else {
            panic!("{:?}", found(log));
        };
        assert_eq!(size.0.as_deref(), Some("size"));
        assert_eq!(size.1, "option \"size\": expected an INT");
        assert_eq!(field.0.as_deref(), Some("field"));

        let log = "error: option --set field=x: the point has no field \"x\"\n";
        assert_eq!(found(log)[0].0.as_deref(), Some("field"));

        let log = "error: --set a=x: option \"a\": expected\n--set b=y: option \"b\": expected\n    p --help says more\n";
        assert_eq!(found(log).len(), 2);
        assert_eq!(found(log)[1].0.as_deref(), Some("b"));
    }

    #[test]
    fn a_failure_without_a_message_has_its_exit_code() {
        assert_eq!(found("hello\n")[0].1, "the UDF ended with exit code 2");
    }
}
