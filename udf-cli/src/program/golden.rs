//! "Save as a test": a test for `udf_runtime::testing`, with the data and the output as they are now.

use std::fmt::Write as _;

use super::schema::{Edge, Udf};
use super::settings::{Settings, Unit};
use super::take_away::calls;

/// Lines of data that a test may have: more are not read by any person.
const MOST_LINES: usize = 2000;

/// The data of a test: the lines of some time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subset {
    pub(crate) lines: String,
    count: usize,
}

impl Subset {
    /// Adds a line.
    pub(crate) fn push(&mut self, line: &str) -> Result<(), String> {
        self.count += 1;
        if self.count > MOST_LINES {
            return Err(format!(
                "expected at most {MOST_LINES} points of data for a test, found more; help: zoom in to the time that matters"
            ));
        }
        self.lines.push_str(line);
        self.lines.push('\n');
        Ok(())
    }
}

/// Writes the test. `output` is what the UDF made of the data.
pub(crate) fn test(udf: &Udf, settings: &Settings, data: &Subset, output: &str) -> String {
    let kind = camel_case(&udf.name);
    let mut setup = String::new();
    // Writing into a String does not fail.
    let calls = calls(udf, settings);
    if !calls.is_empty() {
        let _ = write!(setup, "\n        .options({})", raw(&calls));
    }
    match &*settings.group_by {
        "" => {}
        tags => {
            let tags: Vec<_> = tags.split(',').map(|tag| format!("{tag:?}")).collect();
            let _ = write!(setup, "\n        .group_by([{}])", tags.join(", "));
        }
    }
    if settings.by_name {
        setup.push_str("\n        .by_name()");
    }
    if let (Edge::Batch, Ok(period)) = (udf.wants, udf_tickscript::parse_duration(&settings.period))
    {
        let _ = write!(
            setup,
            "\n        .period(std::time::Duration::from_nanos({}))",
            period.as_nanos()
        );
    }
    if settings.precision != Unit::default() {
        let _ = write!(
            setup,
            "\n        .precision(udf_runtime::line::Precision::{:?})",
            settings.precision.precision()
        );
    }
    format!(
        "/// Saved by `udf play`. `{kind}` is the struct of the UDF `{}`.\n\
         #[test]\n\
         fn {}_as_played() {{\n    \
             let setup = udf_runtime::testing::Harness::<{kind}>::setup(){setup};\n    \
             let mut udf = setup.start().unwrap();\n    \
             let mut lines = udf.lines(DATA).unwrap().lines();\n    \
             lines += &udf.stop().unwrap().lines();\n    \
             udf_runtime::testing::assert_lines(&lines, EXPECTED);\n\n    \
             const DATA: &str = {};\n\n    \
             const EXPECTED: &str = {};\n\
         }}\n",
        udf.name,
        udf.name,
        raw(&format!("\n{}", data.lines)),
        raw(&format!("\n{output}")),
    )
}

/// A raw string literal, with as many hashes as it needs.
fn raw(text: &str) -> String {
    let longest = text.split('"').skip(1);
    let longest = longest.map(|rest| rest.bytes().take_while(|byte| *byte == b'#').count());
    let hashes = "#".repeat(longest.max().map_or(0, |most| most + 1));
    format!("r{hashes}\"{text}\"{hashes}")
}

/// The struct's name, as the macro makes the UDF's name from it.
fn camel_case(name: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|char| char.to_ascii_uppercase());
        first.into_iter().chain(chars).collect::<String>()
    };
    name.split('_').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_fits_into_a_raw_string() {
        assert_eq!(raw("a"), "r\"a\"");
        assert_eq!(raw("a \"b\""), "r#\"a \"b\"\"#");
        assert_eq!(raw("a\"##"), "r###\"a\"##\"###");
    }
}
