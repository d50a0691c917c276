//! The name of a project, and the names that are made of it.

use std::str::FromStr;

use udf_tickscript::check_name;

/// Words that no crate can be called.
#[rustfmt::skip]
const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names of crates that the project would hide from itself, and of folders where cargo builds.
const TAKEN: [&str; 10] = [
    "alloc",
    "build",
    "core",
    "deps",
    "examples",
    "incremental",
    "proc_macro",
    "std",
    "test",
    "udf_runtime",
];

/// The name of a project: one for a package, a crate, a UDF and a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProjectName(String);

impl ProjectName {
    /// The package, the program and the folder: `cpu-spikes`.
    pub(super) fn project(&self) -> &str {
        &self.0
    }

    /// The UDF, as TICKscripts call it: `cpu_spikes`.
    pub(super) fn udf(&self) -> String {
        self.0.replace('-', "_")
    }

    /// The struct: `CpuSpikes`.
    pub(super) fn udf_type(&self) -> String {
        let words = self.0.split(['-', '_']);
        let capitalized = words.flat_map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(chars)
        });
        capitalized.collect()
    }
}

impl FromStr for ProjectName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) || !text.chars().all(is_plain) {
            return Err(format!(
                "expected a name of lower-case letters, digits, `-` and `_` that starts with a letter, found `{text}`"
            ));
        }
        let name = Self(text.to_owned());
        let udf = name.udf();
        if KEYWORDS.contains(&&*udf) {
            return Err(format!(
                "`{text}` is a keyword of Rust; help: add a word, such as `{text}-udf`"
            ));
        }
        if TAKEN.contains(&&*udf) {
            return Err(format!(
                "cargo or Rust uses the name `{text}`; help: add a word, such as `{text}-udf`"
            ));
        }
        check_name(&udf).map_err(|error| error.to_string())?;
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_makes_all_names() {
        for (project, udf, udf_type) in [
            ("cpu-spikes", "cpu_spikes", "CpuSpikes"),
            ("cpu_spikes", "cpu_spikes", "CpuSpikes"),
            ("a", "a", "A"),
            ("p99-of-2x", "p99_of_2x", "P99Of2x"),
            ("two--dashes", "two__dashes", "TwoDashes"),
        ] {
            let name: ProjectName = project.parse().unwrap();
            assert_eq!(name.project(), project);
            assert_eq!((&*name.udf(), &*name.udf_type()), (udf, udf_type));
        }
    }

    #[test]
    fn a_name_that_is_no_crate_or_no_udf_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "expected a name of lower-case letters"),
            ("Cpu", "expected a name of lower-case letters"),
            ("9lives", "starts with a letter"),
            ("_cpu", "starts with a letter"),
            ("../cpu", "found `../cpu`"),
            ("größe", "expected a name of lower-case letters"),
            ("while", "keyword"),
            ("udf-runtime", "cargo or Rust uses"),
            ("std", "help: add a word, such as `std-udf`"),
            ("lambda", "TICKscript reserves"),
        ] {
            let error = text.parse::<ProjectName>().unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
