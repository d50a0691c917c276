//! An option as a field declares it.

use std::slice::Iter;

use udf_proto::ValueType;

use super::{
    Arguments as _, Given as _, OptionField, OptionSpec, Ranged, Shape, Value, ValueError,
    ValueRange,
    arguments::{Argument, Mismatch},
};

/// An option as a field of type `T` declares it, `I` being what one call gives: what `#[udf]`
/// makes of the field's type, doc comment and attributes.
///
/// The field's type has to be an [`OptionField`] only where this is made, so that one which cannot
/// be an option is reported once.
pub struct Declared<T, I> {
    name: &'static str,
    docs: &'static str,
    shape: Shape,
    args: &'static [&'static str],
    pub(super) arguments: Vec<Argument>,
    pub(super) default: Option<T>,
    pub(super) validate: Option<BoxedCheck<I>>,
    pub(super) from_values: fn(&mut Iter<'_, Value>) -> Result<I, Mismatch>,
    pub(super) to_values: fn(&I) -> Vec<Value>,
    pub(super) from_items: fn(Vec<I>) -> Option<T>,
    pub(super) items: fn(&T) -> &[I],
}

impl<T, I> std::fmt::Debug for Declared<T, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Declared")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A check of what one call gave.
pub type BoxedCheck<I> = Box<dyn Fn(&I) -> Result<(), ValueError>>;

impl<T: OptionField> Declared<T, T::Item> {
    /// An option of this name, its docs' lines joined by `\n`.
    #[must_use]
    pub fn new(name: &'static str, docs: &'static str) -> Self {
        Self {
            name,
            docs,
            shape: T::SHAPE,
            args: &[],
            arguments: T::Item::arguments(),
            default: None,
            validate: None,
            from_values: T::Item::from_values,
            to_values: T::Item::to_values,
            from_items: T::from_items,
            items: T::items,
        }
    }
}

impl<T, I> Declared<T, I> {
    /// The value that the field has where the option is not called.
    #[must_use]
    pub fn default(mut self, default: T) -> Self {
        self.default = Some(default);
        if self.shape == Shape::Required {
            self.shape = Shape::Optional;
        }
        self
    }

    /// From where to where every argument may go; `below` says that `to` itself is too much.
    #[must_use]
    pub fn range(
        mut self,
        from: Option<<I as Ranged>::Bound>,
        to: Option<<I as Ranged>::Bound>,
        below: bool,
    ) -> Self
    where
        I: Ranged,
    {
        let from = from.map(<I as Ranged>::Bound::into_value);
        let to = to.map(<I as Ranged>::Bound::into_value);
        limit(&mut self.arguments, &ValueRange::new(from, to, below));
        self
    }

    /// Names of the arguments of a call.
    #[must_use]
    pub fn args(mut self, names: &'static [&'static str]) -> Self {
        self.args = names;
        self
    }

    /// Refuses 0, for an option that says how long something takes.
    #[must_use]
    pub fn longer_than_zero(mut self) -> Self {
        for argument in &mut self.arguments {
            argument.range = std::mem::take(&mut argument.range).without_zero();
        }
        self
    }

    /// A check of what one call gave.
    #[must_use]
    pub fn validate(mut self, check: BoxedCheck<I>) -> Self {
        self.validate = Some(check);
        self
    }

    /// What the UDF says of the option.
    #[must_use]
    pub fn spec(&self) -> OptionSpec {
        let items = self.default.as_ref().map_or(&[][..], self.items);
        let default: Vec<_> = items.iter().map(self.to_values).collect();
        OptionSpec {
            name: self.name,
            docs: self.docs,
            types: types(&self.arguments),
            args: self.args,
            shape: self.shape,
            default: shown_default(self.shape, &default),
            range: range(&self.arguments),
            choices: choices(&self.arguments),
            example: example(self.shape, &default, &self.arguments),
        }
    }
}

impl Declared<bool, bool> {
    /// The option takes no argument: to call it is to set it.
    #[must_use]
    pub fn flag(mut self) -> Self {
        self.shape = Shape::Flag;
        self.arguments.clear();
        self.from_values = |_| Ok(true);
        self.default = Some(false);
        self
    }
}

// What does not depend on the field's type is not compiled for each of them.

fn limit(arguments: &mut [Argument], range: &ValueRange) {
    for argument in arguments {
        argument.range = std::mem::take(&mut argument.range).and(range.clone());
    }
}

fn types(arguments: &[Argument]) -> Vec<ValueType> {
    let types = arguments.iter().map(|argument| argument.value_type);
    types.collect()
}

fn choices(arguments: &[Argument]) -> Vec<&'static str> {
    let choices = arguments.iter().flat_map(|argument| argument.choices);
    choices.copied().collect()
}

/// From where to where the arguments may go.
fn range(arguments: &[Argument]) -> Option<String> {
    let ranges = arguments.iter().map(|argument| argument.range.text());
    let mut ranges: Vec<_> = ranges.collect();
    ranges.dedup();
    match &mut *ranges {
        [range] => range.take(),
        // Arguments of several types, each with its own range, which errors show.
        _ => None,
    }
}

/// The calls that would give the default.
fn shown_default(shape: Shape, default: &[Vec<Value>]) -> Option<String> {
    // A flag's default goes without saying.
    if shape == Shape::Flag || default.is_empty() {
        return None;
    }
    let calls: Vec<_> = default.iter().map(|call| shown(call).join(", ")).collect();
    Some(calls.join("; "))
}

fn example(shape: Shape, default: &[Vec<Value>], arguments: &[Argument]) -> Vec<String> {
    match default.first() {
        Some(call) if shape != Shape::Flag => shown(call),
        _ => {
            let examples = arguments.iter().map(|it| it.example().to_string());
            examples.collect()
        }
    }
}

/// The arguments of a call.
pub(super) fn shown(call: &[Value]) -> Vec<String> {
    call.iter().map(Value::to_string).collect()
}
