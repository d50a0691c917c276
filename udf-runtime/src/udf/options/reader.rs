//! Reads the options of an `InitRequest`, or describes those that could be in it.

use std::collections::HashSet;

use udf_proto::{Option as Call, ValueType};
use udf_tickscript::nearest;

use super::{
    Declared, OptionError, OptionErrors, OptionSpec, Shape, Value, ValueError,
    arguments::{Argument, Mismatch},
    declared::shown,
    tick::{a_type, clip, one_of, type_name},
};

/// Goes through the declared options one after the other.
///
/// What `#[udf]` generates is one function that passes each declaration to
/// [`option`](Self::option) and builds the struct from the answers. [`describe`] calls it for the
/// options alone, [`read`] for their values, so that the two cannot differ.
///
/// [`describe`]: Self::describe
/// [`read`]: Self::read
#[derive(Debug)]
pub struct OptionReader<'a> {
    /// `None` if the options are only described.
    calls: Option<&'a [Call]>,
    specs: Vec<OptionSpec>,
    errors: OptionErrors,
}

impl OptionReader<'_> {
    /// The options that `build` declares.
    pub fn describe<U>(build: impl FnOnce(&mut OptionReader<'_>) -> Option<U>) -> Vec<OptionSpec> {
        let mut reader = OptionReader {
            calls: None,
            specs: Vec::new(),
            errors: OptionErrors::default(),
        };
        // It builds nothing, because no option has a value.
        let _ = build(&mut reader);
        reader.specs
    }

    /// Builds from the options of an `InitRequest`.
    ///
    /// # Errors
    /// Every problem of every option.
    pub fn read<U>(
        calls: &[Call],
        build: impl FnOnce(&mut OptionReader<'_>) -> Option<U>,
    ) -> Result<U, OptionErrors> {
        let mut reader = OptionReader {
            calls: Some(calls),
            specs: Vec::new(),
            errors: OptionErrors::default(),
        };
        let built = build(&mut reader);
        reader.report_unknown(calls);
        match built {
            Some(built) if reader.errors.is_empty() => Ok(built),
            _ => Err(reader.errors),
        }
    }

    /// The value of one option; `None` if it is wrong, or if options are only described.
    pub fn option<T, I>(&mut self, declared: Declared<T, I>) -> Option<T> {
        let spec = declared.spec();
        let value = self
            .calls
            .and_then(|calls| self.value(calls, &spec, declared));
        self.specs.push(spec);
        value
    }

    fn value<T, I>(
        &mut self,
        calls: &[Call],
        spec: &OptionSpec,
        declared: Declared<T, I>,
    ) -> Option<T> {
        let calls: Vec<&Call> = calls.iter().filter(|call| call.name == spec.name).collect();
        match *calls {
            [] => return self.absent(spec, declared),
            [_, _, ..] if spec.shape != Shape::Repeatable => {
                self.report_repeated(spec, calls.len());
                return None;
            }
            _ => {}
        }
        let mut items = Vec::with_capacity(calls.len());
        for call in &calls {
            match read_call(call, spec, &declared) {
                Ok(item) => items.push(item),
                Err(text) => self.report(spec, &text),
            }
        }
        // A call that is wrong was reported.
        if items.len() == calls.len() {
            (declared.from_items)(items)
        } else {
            None
        }
    }

    /// The value of an option that is not called.
    fn absent<T, I>(&mut self, spec: &OptionSpec, declared: Declared<T, I>) -> Option<T> {
        let Some(default) = &declared.default else {
            let value = (declared.from_items)(Vec::new());
            if value.is_none() {
                self.report_missing(spec);
            }
            return value;
        };
        // The author of the TICKscript did not write the default, but has to know that it is wrong.
        for item in (declared.items)(default) {
            let values = (declared.to_values)(item);
            let invalid = declared
                .validate
                .as_ref()
                .and_then(|check| check(item).err());
            if invalid.is_some() || is_outside(&values, &declared.arguments) {
                self.report_default(spec, &values, invalid);
                return None;
            }
        }
        declared.default
    }

    fn report_repeated(&mut self, spec: &OptionSpec, calls: usize) {
        let example = spec.example_call();
        let text = format!(": expected one call, found {calls}; help: {example}");
        self.report(spec, &text);
    }

    fn report_missing(&mut self, spec: &OptionSpec) {
        self.errors.push(OptionError::new(
            spec.name,
            missing(spec, &spec.example_call()),
        ));
    }

    fn report_default(&mut self, spec: &OptionSpec, values: &[Value], invalid: Option<ValueError>) {
        let text = format!(
            ": the default {} is not allowed{}; expected {}; help: call the option, and report this \
             to the author of the UDF",
            shown(values).join(", "),
            because(invalid),
            spec.takes(),
        );
        self.report(spec, &text);
    }

    /// Reports calls of options that the UDF does not have.
    fn report_unknown(&mut self, calls: &[Call]) {
        let mut reported = HashSet::new();
        for call in calls {
            let name = &*call.name;
            if self.specs.iter().any(|spec| spec.name == name) || !reported.insert(name) {
                continue;
            }
            self.errors
                .push(OptionError::new(name, unknown(name, &self.specs)));
        }
    }

    fn report(&mut self, spec: &OptionSpec, text: &str) {
        self.errors.push(OptionError::new(
            spec.name,
            format!("option {:?}{text}", spec.name),
        ));
    }
}

/// What to say of an option that has to be called, with a call as an example.
pub(super) fn missing(spec: &OptionSpec, example: &str) -> String {
    let about = about(spec.docs)
        .map(|about| format!(" ({about})"))
        .unwrap_or_default();
    let (name, takes) = (spec.name, spec.takes());
    format!("option {name:?} is missing{about}; expected {takes}; help: {example}")
}

/// The first paragraph of an option's docs without its full stop, if there is one.
fn about(docs: &str) -> Option<String> {
    let docs = docs.split("\n\n").next()?.trim().replace('\n', " ");
    let docs = docs.strip_suffix('.').unwrap_or(&docs);
    (!docs.is_empty()).then(|| docs.to_owned())
}

/// What to say of an option that the UDF does not have.
pub(super) fn unknown(name: &str, specs: &[OptionSpec]) -> String {
    let shown = clip(name);
    if let Some(meant) = nearest(name, specs.iter().map(|spec| spec.name)) {
        return format!("unknown option {shown:?}; help: did you mean {meant:?}?");
    }
    let names: Vec<_> = specs
        .iter()
        .map(|spec| format!("{:?}", spec.name))
        .collect();
    match &*names {
        [] => format!("unknown option {shown:?}; the UDF has no options"),
        [one] => format!("unknown option {shown:?}; expected {one}"),
        names => format!(
            "unknown option {shown:?}; expected one of {}",
            names.join(", ")
        ),
    }
}

/// Reads one call; the error is what to say behind the option's name.
fn read_call<T, I>(call: &Call, spec: &OptionSpec, declared: &Declared<T, I>) -> Result<I, String> {
    let values = read_values(call, spec)?;
    let mut rest = values.iter();
    let item = (declared.from_values)(&mut rest).map_err(|mismatch| {
        // The argument that does not fit is the last that was read.
        let index = (values.len() - rest.len()).saturating_sub(1);
        of_mismatch(mismatch, index, declared.arguments.get(index), spec)
    })?;
    let mut limited = values.iter().zip(&declared.arguments).enumerate();
    if let Some((index, (value, argument))) =
        limited.find(|(_, (value, argument))| !argument.range.contain(value))
    {
        return Err(expected(spec, index, Some(argument), &value.to_string()));
    }
    match declared
        .validate
        .as_ref()
        .and_then(|check| check(&item).err())
    {
        Some(error) => {
            let (values, because) = (shown(&values).join(", "), because(Some(error)));
            let example = spec.example_call();
            Err(format!(
                ": {values} is not allowed{because}; help: {example}"
            ))
        }
        None => Ok(item),
    }
}

/// The arguments of a call, of which there are as many as the option takes.
fn read_values(call: &Call, spec: &OptionSpec) -> Result<Vec<Value>, String> {
    let (given, taken) = (call.values.len(), spec.types.len());
    if given != taken {
        let takes = match taken {
            1 => format!("1 argument, {}", spec.takes()),
            _ => spec.takes(),
        };
        let example = spec.example_call();
        return Err(format!(
            ": expected {takes}, found {given}; help: {example}"
        ));
    }
    let mut values = Vec::with_capacity(taken);
    for (index, value) in call.values.iter().enumerate() {
        values.push(read_value(value).map_err(|problem| of_value(problem, index, spec))?);
    }
    if spec.shape == Shape::Flag {
        // What is read from the call is that it was made.
        values.push(Value::Bool(true));
    }
    Ok(values)
}

/// Whether a value lies outside of its argument's range.
fn is_outside(values: &[Value], arguments: &[Argument]) -> bool {
    let mut ranged = values.iter().zip(arguments);
    ranged.any(|(value, argument)| !argument.range.contain(value))
}

fn of_value(problem: Malformed, index: usize, spec: &OptionSpec) -> String {
    match problem {
        Malformed::Reference if spec.types.contains(&ValueType::String) => format!(
            ": expected a STRING, found a reference, which has double quotes; help: write single \
             quotes, as {}",
            spec.example_call()
        ),
        Malformed::Reference => expected(spec, index, None, "a reference, which has double quotes"),
        Malformed::Other(what) => expected(spec, index, None, &what),
    }
}

fn of_mismatch(
    mismatch: Mismatch,
    index: usize,
    argument: Option<&Argument>,
    spec: &OptionSpec,
) -> String {
    let found = match mismatch {
        Mismatch::Type {
            given: Value::Int(int),
            taken: ValueType::Double,
        } => format!("the INT {int} (a DOUBLE has a dot: {int}.0)"),
        Mismatch::Type { given, .. } => {
            format!("the {} {given}", type_name(given.value_type()))
        }
        Mismatch::Value { given, error } => {
            let choices = argument.map_or(&[][..], |argument| argument.choices);
            let meant = match &given {
                Value::String(given) => nearest(given, choices.iter().copied()),
                _ => None,
            };
            if let Some(meant) = meant {
                let which = which(spec, index);
                let choices = one_of(choices);
                return format!(
                    "{which}: expected {choices}, found {given}; help: did you mean '{meant}'?"
                );
            }
            format!("{given}{}", because(Some(error)))
        }
    };
    expected(spec, index, argument, &found)
}

/// What is expected of an argument, and what was found.
fn expected(spec: &OptionSpec, index: usize, argument: Option<&Argument>, found: &str) -> String {
    let expected = match (argument, spec.types.get(index)) {
        _ if spec.types.len() < 2 => spec.takes(),
        (Some(argument), _) if !argument.choices.is_empty() => one_of(argument.choices),
        (Some(argument), _) => match argument.range.text() {
            Some(range) => format!("{} {range}", a_type(argument.value_type)),
            None => a_type(argument.value_type).to_string(),
        },
        (None, Some(value_type)) => a_type(*value_type).to_string(),
        (None, None) => spec.takes(),
    };
    let (which, example) = (which(spec, index), spec.example_call());
    format!("{which}: expected {expected}, found {found}; help: {example}")
}

/// Which of several arguments it is, to stand behind the option's name.
fn which(spec: &OptionSpec, index: usize) -> String {
    match spec.args.get(index) {
        _ if spec.types.len() < 2 => String::new(),
        Some(name) => format!(", argument {name:?}"),
        None => format!(", argument {}", index + 1),
    }
}

fn because(error: Option<ValueError>) -> String {
    match error.and_then(ValueError::into_reason) {
        Some(reason) => format!(": {}", clip_reason(&reason)),
        None => String::new(),
    }
}

/// A reason may quote what was given at any length.
fn clip_reason(reason: &str) -> String {
    const LENGTH: usize = 400;
    match reason.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &reason[..end]),
        None => reason.to_owned(),
    }
}

/// A value that the host does not send, or a reference.
enum Malformed {
    /// `"x"` in a TICKscript: a BOOL that holds nothing.
    Reference,
    Other(String),
}

fn read_value(given: &udf_proto::OptionValue) -> Result<Value, Malformed> {
    let Ok(declared) = ValueType::try_from(given.r#type) else {
        let number = given.r#type;
        return Err(Malformed::Other(format!(
            "a value of the unknown type {number}"
        )));
    };
    let Some(value) = given.value.clone().map(Value::from) else {
        return Err(match declared {
            ValueType::Bool => Malformed::Reference,
            other => Malformed::Other(format!("{} without a value", a_type(other))),
        });
    };
    if value.value_type() != declared {
        let held = a_type(value.value_type());
        let declared = a_type(declared);
        return Err(Malformed::Other(format!("{declared} that holds {held}")));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(calls: &[Call]) -> Result<bool, String> {
        let built = OptionReader::read(calls, |reader| {
            reader.option(Declared::new("verbose", "").flag())
        });
        built.map_err(|errors| errors.to_string())
    }

    fn call(values: Vec<udf_proto::OptionValue>) -> Call {
        Call {
            name: "verbose".to_owned(),
            values,
        }
    }

    #[test]
    fn a_flag_is_set_by_a_call_without_arguments() {
        assert_eq!(flag(&[]), Ok(false));
        assert_eq!(flag(&[call(Vec::new())]), Ok(true));
    }

    #[test]
    fn a_flag_takes_no_argument() {
        let argument = udf_proto::OptionValue {
            r#type: ValueType::Bool.into(),
            value: Some(udf_proto::option_value::Value::BoolValue(false)),
        };
        let error = flag(&[call(vec![argument])]).unwrap_err();
        assert_eq!(
            error,
            r#"option "verbose": expected no argument, found 1; help: .verbose()"#
        );
    }
}
