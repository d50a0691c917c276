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
/// What `#[udf]` generates is one function that hands each declaration to
/// [`option`](Self::option) and builds the struct from the answers. Given to [`describe`] it
/// tells the options; given to [`read`] it reads them; so the two cannot differ.
///
/// [`describe`]: Self::describe
/// [`read`]: Self::read
#[derive(Debug)]
pub struct OptionReader<'a> {
    /// `None` where the options are only to be described.
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
        // What it would build is not wanted, and nothing was given that it could be built from.
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
        reader.tell_unknown(calls);
        match built {
            Some(built) if reader.errors.is_empty() => Ok(built),
            _ => Err(reader.errors),
        }
    }

    /// The value of one option; `None` where it is wrong, or not to be read at all.
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
                self.tell_repeated(spec, calls.len());
                return None;
            }
            _ => {}
        }
        let mut items = Vec::with_capacity(calls.len());
        for call in &calls {
            match read_call(call, spec, &declared) {
                Ok(item) => items.push(item),
                Err(text) => self.tell(spec, &text),
            }
        }
        // A call that was wrong has been told.
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
                self.tell_missing(spec);
            }
            return value;
        };
        // A default is not in the hands of who reads this, and yet must not go wrong silently.
        for item in (declared.items)(default) {
            let values = (declared.to_values)(item);
            let invalid = declared
                .validate
                .as_ref()
                .and_then(|check| check(item).err());
            if invalid.is_some() || outside(&values, &declared.arguments).is_some() {
                self.tell_default(spec, &values, invalid);
                return None;
            }
        }
        declared.default
    }

    fn tell_repeated(&mut self, spec: &OptionSpec, calls: usize) {
        let example = spec.example_call();
        let text = format!(" is given {calls} times; it takes one call, as {example}");
        self.tell(spec, &text);
    }

    fn tell_missing(&mut self, spec: &OptionSpec) {
        let (takes, example) = (spec.takes(), spec.example_call());
        let text = match about(spec.docs) {
            Some(about) => format!(" is missing: {about} It takes {takes}, as {example}"),
            None => format!(" is missing; it takes {takes}, as {example}"),
        };
        self.tell(spec, &text);
    }

    fn tell_default(&mut self, spec: &OptionSpec, values: &[Value], invalid: Option<ValueError>) {
        let text = format!(
            " has a default that it does not allow, {}{}; it takes {}: call it, and tell the author \
             of this UDF",
            shown(values).join(", "),
            because(invalid),
            spec.takes(),
        );
        self.tell(spec, &text);
    }

    /// Options that were given and are none.
    fn tell_unknown(&mut self, calls: &[Call]) {
        let mut told = HashSet::new();
        for call in calls {
            let name = &*call.name;
            if self.specs.iter().any(|spec| spec.name == name) || !told.insert(name) {
                continue;
            }
            self.errors
                .push(OptionError::new(name, unknown(name, &self.specs)));
        }
    }

    fn tell(&mut self, spec: &OptionSpec, text: &str) {
        self.errors.push(OptionError::new(
            spec.name,
            format!("option {:?}{text}", spec.name),
        ));
    }
}

/// The first paragraph of an option's docs as a sentence, if there is one.
fn about(docs: &str) -> Option<String> {
    let docs = docs.split("\n\n").next()?.trim().replace('\n', " ");
    match docs.chars().last()? {
        '.' | '!' | '?' => Some(docs),
        _ => Some(docs + "."),
    }
}

/// What to say of an option that there is not.
pub(super) fn unknown(name: &str, specs: &[OptionSpec]) -> String {
    let meant = nearest(name, specs.iter().map(|spec| spec.name));
    let meant = meant
        .map(|meant| format!("; did you mean {meant:?}?"))
        .unwrap_or_default();
    let list: Vec<_> = specs
        .iter()
        .map(|spec| format!("{:?}", spec.name))
        .collect();
    let there_are = match &*list {
        [] => "this UDF takes no options".to_owned(),
        list => format!("there are {}", list.join(", ")),
    };
    let separator = if meant.is_empty() { "; " } else { " " };
    let name = clip(name);
    format!("option {name:?} is unknown{meant}{separator}{there_are}")
}

/// Reads one call; the error is what to say behind the option's name.
fn read_call<T, I>(call: &Call, spec: &OptionSpec, declared: &Declared<T, I>) -> Result<I, String> {
    let values = read_values(call, spec)?;
    let mut rest = values.iter();
    let item = (declared.from_values)(&mut rest).map_err(|mismatch| {
        // The argument that does not do is the last that was read.
        let wrong = (values.len() - rest.len()).checked_sub(1);
        let argument = wrong.and_then(|wrong| declared.arguments.get(wrong));
        of_mismatch(mismatch, argument, spec)
    })?;
    if let Some((value, argument)) = outside(&values, &declared.arguments) {
        return Err(of_limits(value, argument, spec));
    }
    match declared
        .validate
        .as_ref()
        .and_then(|check| check(&item).err())
    {
        Some(error) => Err(of_check(&values, error, spec)),
        None => Ok(item),
    }
}

/// The arguments of a call, of which there are as many as the option takes.
fn read_values(call: &Call, spec: &OptionSpec) -> Result<Vec<Value>, String> {
    let (given, taken) = (call.values.len(), spec.types.len());
    if given != taken {
        let s = if given == 1 { "" } else { "s" };
        let takes = match taken {
            0 => "none".to_owned(),
            1 => spec.takes(),
            _ => spec.takes().replace(" arguments", ""),
        };
        let example = spec.example_call();
        return Err(format!(
            " is given {given} argument{s}; it takes {takes}, as {example}"
        ));
    }
    let mut values = Vec::with_capacity(taken);
    for value in &call.values {
        values.push(read_value(value).map_err(|problem| of_value(problem, spec))?);
    }
    if spec.shape == Shape::Flag {
        // What is read from the call is that it was made.
        values.push(Value::Bool(true));
    }
    Ok(values)
}

/// The first value outside of its argument's range.
fn outside<'a>(
    values: &'a [Value],
    arguments: &'a [Argument],
) -> Option<(&'a Value, &'a Argument)> {
    let mut limited = values.iter().zip(arguments);
    limited.find(|(value, argument)| !argument.range.contain(value))
}

fn of_value(problem: Malformed, spec: &OptionSpec) -> String {
    match problem {
        Malformed::Reference if spec.types.contains(&ValueType::String) => format!(
            ": double quotes make a reference in TICKscript; use single quotes: {}",
            spec.example_call()
        ),
        Malformed::Reference => takes(
            spec,
            ": double quotes make a reference in TICKscript (a STRING has single quotes)",
        ),
        Malformed::Other(what) => takes(spec, &format!(" is given {what}")),
    }
}

fn of_mismatch(mismatch: Mismatch, argument: Option<&Argument>, spec: &OptionSpec) -> String {
    let not = match mismatch {
        Mismatch::Type {
            given: Value::Int(int),
            taken: ValueType::Double,
        } => format!(": {int} is an INT (a DOUBLE has a dot: {int}.0)"),
        Mismatch::Type { given, .. } => format!(": {given} is {}", a_type(given.value_type())),
        Mismatch::Value { given, error } => {
            let choices = argument.map_or(&[][..], |argument| argument.choices);
            let meant = match &given {
                Value::String(given) => nearest(given, choices.iter().copied()),
                _ => None,
            };
            let meant = meant.map(|meant| format!(" (did you mean '{meant}'?)"));
            let meant = meant.unwrap_or_default();
            let allowed = argument.map(|argument| allowed_here(argument, spec));
            let because = because(Some(error));
            format!(
                ": {given} is not allowed{meant}{because}{}",
                allowed.unwrap_or_default()
            )
        }
    };
    takes(spec, &not)
}

fn of_limits(value: &Value, argument: &Argument, spec: &OptionSpec) -> String {
    let allowed = allowed_here(argument, spec);
    takes(spec, &format!(": {value} is not allowed{allowed}"))
}

/// What is allowed for this argument alone, where the option as a whole does not tell.
fn allowed_here(argument: &Argument, spec: &OptionSpec) -> String {
    if spec.types.len() < 2 {
        return String::new();
    }
    if !argument.choices.is_empty() {
        return format!("; here it is {}", one_of(argument.choices));
    }
    match (&spec.range, argument.range.text()) {
        (None, Some(range)) => format!(" ({} here goes {range})", type_name(argument.value_type)),
        _ => String::new(),
    }
}

fn of_check(values: &[Value], error: ValueError, spec: &OptionSpec) -> String {
    let (values, because) = (shown(values).join(", "), because(Some(error)));
    takes(spec, &format!(": {values} is not allowed{because}"))
}

/// What is wrong, and what would be right.
fn takes(spec: &OptionSpec, wrong: &str) -> String {
    format!(
        "{wrong}; it takes {}, as {}",
        spec.takes(),
        spec.example_call()
    )
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

/// A value that the host would not send, or a reference.
enum Malformed {
    /// `"x"` in a TICKscript: a BOOL that holds nothing.
    Reference,
    Other(String),
}

fn read_value(given: &udf_proto::OptionValue) -> Result<Value, Malformed> {
    let Ok(declared) = ValueType::try_from(given.r#type) else {
        let number = given.r#type;
        return Err(Malformed::Other(format!(
            "a value of a type that is unknown ({number})"
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
            r#"option "verbose" is given 1 argument; it takes none, as .verbose()"#
        );
    }
}
