//! Measures all subjects, or one: `end_to_end [--quick] [--only NAME]…`.
//!
//! `benches/run` builds its programs and starts it.

use std::process::ExitCode;

use udf_benches::suite::{Effort, SUBJECTS};

fn main() -> ExitCode {
    let (mut effort, mut only) = (Effort::FULL, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (&*argument, arguments.len()) {
            ("--quick", _) => effort = Effort::QUICK,
            ("--only", 1..) => only.extend(arguments.next()),
            _ => return usage(),
        }
    }
    if only
        .iter()
        .any(|name| !SUBJECTS.iter().any(|(subject, _)| subject == name))
    {
        return usage();
    }
    for (name, measure) in SUBJECTS {
        if only.is_empty() || only.iter().any(|wanted| wanted == name) {
            measure(effort);
        }
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    let names: Vec<_> = SUBJECTS.iter().map(|(name, _)| *name).collect();
    eprintln!(
        "usage: benches/run [--quick] [--only NAME]…\nnames: {}",
        names.join(" ")
    );
    ExitCode::from(2)
}
