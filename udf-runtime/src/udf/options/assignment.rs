//! Options given as text: `--set name=value`.

use udf_proto::{Option as Call, OptionValue as Argument, ValueType, option_value};

use super::{
    OptionSpec, Value, parse_duration,
    reader::unknown,
    tick::{a_type, clip},
};

/// An assignment that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct AssignmentError {
    text: String,
}

/// Reads `name=value` into the call that a TICKscript would make, by the types that the option
/// declares.
///
/// Strings stand as they are, without quotes; durations in TICKscript's notation. Several
/// arguments are separated by commas, where `\,` is a comma and `\\` a backslash of a value. A
/// flag is set by its name alone, or by `name=true`. An integer with a leading zero is refused, since
/// TICKscript would read it as octal. Ranges and choices are checked later, with the call.
///
/// ```
/// use udf_runtime::options::{Declared, parse_assignment};
///
/// let options = [Declared::<[f64; 2], _>::new("range", "").spec()];
/// let call = parse_assignment(&options, "range=1,5.5")?;
/// assert_eq!(call.values.len(), 2);
/// # Ok::<(), udf_runtime::options::AssignmentError>(())
/// ```
///
/// # Errors
/// The option is unknown, the value is missing or not of the option's type, or there are more or
/// fewer values than the option takes.
pub fn parse_assignment(options: &[OptionSpec], text: &str) -> Result<Call, AssignmentError> {
    let (name, given) = match text.split_once('=') {
        Some((name, given)) => (name, Some(given)),
        None => (text, None),
    };
    if name.is_empty() {
        return Err(AssignmentError {
            text: "expected NAME=VALUE, found no name".to_owned(),
        });
    }
    let spec = options
        .iter()
        .find(|spec| spec.name == name)
        .ok_or_else(|| AssignmentError {
            text: unknown(name, options),
        })?;
    let error = |expected: &str, found: &str| AssignmentError {
        text: format!(
            "option {name:?}: expected {expected}, found {found}; help: {}",
            example_assignment(spec)
        ),
    };
    let takes = spec.takes();
    let texts = match (spec.types.len(), given) {
        (0, None | Some("true" | "TRUE")) => Vec::new(),
        (0, Some("false" | "FALSE")) => {
            return Err(AssignmentError {
                text: format!("option {name:?}: a flag cannot be unset; help: leave it out"),
            });
        }
        (0, Some(given)) => {
            return Err(error("no value", &format!("{:?}", clip(given))));
        }
        (_, None) => return Err(error(&takes, "no value")),
        (1, Some(given)) => vec![given.to_owned()],
        (_, Some(given)) => split(given),
    };
    if texts.len() != spec.types.len() {
        return Err(error(&takes, &texts.len().to_string()));
    }
    let values = texts
        .into_iter()
        .zip(&spec.types)
        .map(|(text, &value_type)| {
            let value = parse_value(&text, value_type).ok_or_else(|| {
                let expected = match spec.types.len() {
                    1 => takes.clone(),
                    _ => a_type(value_type).to_string(),
                };
                let octal = if value_type == ValueType::Int && is_octal(&text) {
                    ", which TICKscript reads as octal"
                } else {
                    ""
                };
                error(&expected, &format!("{:?}{octal}", clip(&text)))
            })?;
            Ok(Argument {
                r#type: value_type.into(),
                value: Some(option_value::Value::from(value)),
            })
        });
    Ok(Call {
        name: name.to_owned(),
        values: values.collect::<Result<_, _>>()?,
    })
}

/// Splits at the commas that have no backslash before them.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let escaped = if char == '\\' {
            chars.next_if(|next| matches!(next, ',' | '\\'))
        } else {
            None
        };
        match (char, escaped) {
            (',', None) => parts.push(String::new()),
            (char, escaped) => {
                let char = escaped.unwrap_or(char);
                match parts.last_mut() {
                    Some(part) => part.push(char),
                    None => parts.push(char.to_string()),
                }
            }
        }
    }
    parts
}

fn parse_value(text: &str, value_type: ValueType) -> Option<Value> {
    match value_type {
        ValueType::Bool => match text {
            "true" | "TRUE" => Some(Value::Bool(true)),
            "false" | "FALSE" => Some(Value::Bool(false)),
            _ => None,
        },
        ValueType::Int if is_octal(text) => None,
        ValueType::Int => text.parse().ok().map(Value::Int),
        ValueType::Double => text
            .parse()
            .ok()
            .filter(|f: &f64| f.is_finite())
            .map(Value::Double),
        ValueType::String => Some(Value::String(text.to_owned())),
        ValueType::Duration => {
            let duration = parse_duration(text).ok()?;
            i64::try_from(duration.as_nanos()).ok().map(Value::Duration)
        }
    }
}

/// Whether TICKscript reads an integer as octal: its digits begin with a zero that is not alone.
fn is_octal(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// An assignment to show as an example.
pub(crate) fn example_assignment(spec: &OptionSpec) -> String {
    let values: Vec<_> = spec
        .example
        .iter()
        .map(|value| value.trim_matches('\''))
        .collect();
    match &*values {
        [] => spec.name.to_owned(),
        values => format!("{}={}", spec.name, values.join(",")),
    }
}
