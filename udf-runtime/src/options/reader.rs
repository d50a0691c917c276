//! Reads the options of an `InitRequest`, or describes those that could be in it.

use udf_proto::{Option as Call, ValueType};

use super::{
    Arguments as _, Declared, OptionError, OptionErrors, OptionField, OptionSpec, Shape, Value,
    ValueError,
    arguments::Mismatch,
    meant::meant,
    tick::{a_type, clip},
};

/// Goes through the declared options one after the other.
///
/// What `#[udf]` generates is one function that hands each declaration to
/// [`option`](Self::option) and builds the struct from the answers. Given to [`describe`] it
/// tells the options; given to [`read`] it reads them; so the two cannot differ.
///
/// [`describe`]: Self::describe
/// [`read`]: Self::read
pub struct Reader<'a> {
    /// `None` where the options are only to be described.
    calls: Option<&'a [Call]>,
    specs: Vec<OptionSpec>,
    errors: OptionErrors,
}

impl Reader<'_> {
    /// The options that `build` declares.
    pub fn describe<U>(build: impl FnOnce(&mut Reader<'_>) -> Option<U>) -> Vec<OptionSpec> {
        let mut reader = Reader {
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
        build: impl FnOnce(&mut Reader<'_>) -> Option<U>,
    ) -> Result<U, OptionErrors> {
        let mut reader = Reader {
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
    pub fn option<T: OptionField>(&mut self, declared: Declared<T>) -> Option<T> {
        let spec = declared.spec();
        let value = self
            .calls
            .and_then(|calls| self.value(calls, &spec, declared));
        self.specs.push(spec);
        value
    }

    fn value<T: OptionField>(
        &mut self,
        calls: &[Call],
        spec: &OptionSpec,
        declared: Declared<T>,
    ) -> Option<T> {
        let calls: Vec<&Call> = calls.iter().filter(|call| call.name == spec.name).collect();
        match *calls {
            [] => return self.absent(spec, declared),
            [_, _, ..] if spec.shape != Shape::Repeatable => {
                self.tell(
                    spec,
                    &format!(
                        " is given {} times; it takes one call, as {}",
                        calls.len(),
                        spec.example_call()
                    ),
                );
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
            T::from_items(items)
        } else {
            None
        }
    }

    /// The value of an option that is not called.
    fn absent<T: OptionField>(&mut self, spec: &OptionSpec, declared: Declared<T>) -> Option<T> {
        let Some(default) = declared.default else {
            let value = T::from_items(Vec::new());
            if value.is_none() {
                let docs = spec
                    .docs
                    .split("\n\n")
                    .next()
                    .unwrap_or_default()
                    .replace('\n', " ");
                let docs = docs.trim();
                let stop = if docs.is_empty() || docs.ends_with(['.', '!', '?']) {
                    ""
                } else {
                    "."
                };
                let about = if docs.is_empty() {
                    String::new()
                } else {
                    format!(": {docs}{stop}")
                };
                let it = if docs.is_empty() { "; it" } else { " It" };
                self.tell(
                    spec,
                    &format!(
                        " is missing{about}{it} takes {}, as {}",
                        spec.takes(),
                        spec.example_call()
                    ),
                );
            }
            return value;
        };
        // A default is not in the hands of who reads this, and yet must not go wrong silently.
        for item in default.items() {
            let values = item.to_values();
            let outside = values
                .iter()
                .zip(&declared.arguments)
                .find(|(value, argument)| !argument.limits.contain(value));
            let invalid = declared.validate.and_then(|check| check(item).err());
            if outside.is_some() || invalid.is_some() {
                let shown: Vec<_> = values.iter().map(Value::to_string).collect();
                self.tell(
                    spec,
                    &format!(
                        " has a default that it does not allow itself, {}{}; it takes {}: give it, \
                     and tell the author of this UDF",
                        shown.join(", "),
                        because(invalid),
                        spec.takes(),
                    ),
                );
                return None;
            }
        }
        Some(default)
    }

    /// Options that were given and are none.
    fn tell_unknown(&mut self, calls: &[Call]) {
        let mut told: Vec<&str> = Vec::new();
        for call in calls {
            let name = &*call.name;
            if self.specs.iter().any(|spec| spec.name == name) || told.contains(&name) {
                continue;
            }
            told.push(name);
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

/// What to say of an option that there is not.
pub(super) fn unknown(name: &str, specs: &[OptionSpec]) -> String {
    let meant = meant(name, specs.iter().map(|spec| spec.name));
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
fn read_call<T: OptionField>(
    call: &Call,
    spec: &OptionSpec,
    declared: &Declared<T>,
) -> Result<T::Item, String> {
    let example = spec.example_call();
    let (given, taken) = (call.values.len(), spec.types.len());
    if given != taken {
        let s = if given == 1 { "" } else { "s" };
        let takes = match taken {
            0 => "none".to_owned(),
            1 => spec.takes(),
            _ => spec.takes().replace(" arguments", ""),
        };
        return Err(format!(
            " is given {given} argument{s}; it takes {takes}, as {example}"
        ));
    }
    let mut values = Vec::with_capacity(taken);
    for value in &call.values {
        values.push(read_value(value).map_err(|problem| match problem {
            Malformed::Reference if spec.types.contains(&ValueType::String) => format!(
                ": double quotes make a reference in TICKscript; use single quotes: {example}"
            ),
            Malformed::Reference => format!(
                ": double quotes make a reference in TICKscript (a STRING has single quotes); it \
                 takes {}, as {example}",
                spec.takes()
            ),
            Malformed::Other(what) => {
                format!(" is given {what}; it takes {}, as {example}", spec.takes())
            }
        })?);
    }
    let takes = |not: &str| format!("{not}; it takes {}, as {example}", spec.takes());
    let item = T::Item::from_values(&mut values.iter()).map_err(|mismatch| match mismatch {
        Mismatch::Type {
            given: Value::Int(int),
            taken: ValueType::Double,
        } => takes(&format!(": {int} is an INT (a DOUBLE has a dot: {int}.0)")),
        Mismatch::Type { given, .. } => {
            takes(&format!(": {given} is {}", a_type(given.value_type())))
        }
        Mismatch::Value { given, error } => {
            takes(&format!(": {given} is not allowed{}", because(Some(error))))
        }
    })?;
    for (value, argument) in values.iter().zip(&declared.arguments) {
        if !argument.limits.contain(value) {
            let range = match (&spec.range, argument.limits.text()) {
                // Limits of this argument alone, which the option as a whole does not tell.
                (None, Some(range)) => format!(
                    " ({} here goes {range})",
                    super::tick::type_name(argument.value_type)
                ),
                _ => String::new(),
            };
            return Err(takes(&format!(": {value} is not allowed{range}")));
        }
    }
    if let Some(error) = declared.validate.and_then(|check| check(&item).err()) {
        let shown: Vec<_> = values.iter().map(Value::to_string).collect();
        return Err(takes(&format!(
            ": {} is not allowed{}",
            shown.join(", "),
            because(Some(error))
        )));
    }
    Ok(item)
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
