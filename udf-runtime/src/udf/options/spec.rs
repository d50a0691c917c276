//! What a UDF says about an option.

use udf_proto::ValueType;

use super::ValueRange;
use super::tick::{a_type, one_of, type_name};

/// What a UDF says about one of its options.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OptionSpec {
    /// Name of the option, as TICKscript calls it: `.name()`.
    pub name: &'static str,
    /// The field's doc comment, lines joined by `\n`.
    pub docs: &'static str,
    /// Types of the arguments of one call; none for a flag.
    pub types: Vec<ValueType>,
    /// Names of the arguments, if the author gave them.
    pub args: &'static [&'static str],
    /// How often it is called.
    pub shape: Shape,
    /// The arguments that apply if the option is not called, as TICKscript writes them. A default of
    /// several calls is separated by `; `.
    pub default: Option<String>,
    /// The range of the arguments in words: `from 1 to 10`.
    pub range: Option<String>,
    /// The range of each argument.
    pub ranges: Vec<ValueRange>,
    /// All values that are allowed, if there are few.
    pub choices: Vec<&'static str>,
    /// Arguments of a call to show as an example, as TICKscript writes them: a call that the UDF
    /// takes, or placeholders as `<STRING>` if none is known.
    pub example: Vec<String>,
}

/// How often an option is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// Exactly once.
    Required,
    /// Once or not at all.
    Optional,
    /// Any number of times.
    Repeatable,
    /// Once or not at all, without arguments.
    Flag,
}

impl OptionSpec {
    /// A call to show as an example: `.size(10)`.
    #[must_use]
    pub fn example_call(&self) -> String {
        format!(".{}({})", self.name, self.example.join(", "))
    }

    /// A call with the types of its arguments, and their names if they have any: `.size(INT)`,
    /// `.limits(min DOUBLE, max DOUBLE)`.
    #[must_use]
    pub fn signature(&self) -> String {
        format!(".{}({})", self.name, self.arguments().join(", "))
    }

    /// What a call takes, in words: `an INT from 1 to 10`.
    #[must_use]
    pub fn takes(&self) -> String {
        let range = self
            .range
            .iter()
            .map(|range| format!(" {range}"))
            .collect::<String>();
        match *self.types {
            [] => "no argument".to_owned(),
            [_] if !self.choices.is_empty() => one_of(&self.choices),
            [one] => format!("{}{range}", a_type(one)),
            ref several => {
                let each = if range.is_empty() { "" } else { ", each" };
                format!(
                    "{} arguments ({}){each}{range}",
                    several.len(),
                    self.arguments().join(", ")
                )
            }
        }
    }

    /// The arguments, by their types and names.
    fn arguments(&self) -> Vec<String> {
        let argument = |(index, value_type): (usize, &ValueType)| {
            let name = self.args.get(index);
            let name = name.map(|name| format!("{name} ")).unwrap_or_default();
            format!("{name}{}", type_name(*value_type))
        };
        self.types.iter().enumerate().map(argument).collect()
    }
}
