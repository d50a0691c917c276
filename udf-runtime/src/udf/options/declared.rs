//! An option as a field declares it.

use std::slice::Iter;

use udf_proto::ValueType;

use super::{
    Arguments as _, Given as _, OptionField, OptionSpec, Ranged, Shape, Value, ValueError,
    ValueRange,
    arguments::{Argument, Mismatch},
    tick::type_name,
};

/// An option as a field of type `T` declares it by its type, doc comment and attributes. `I` is the
/// value of one call.
///
/// Only its constructor asks for an [`OptionField`], so that a type which cannot be an option is
/// reported once.
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
    /// The value that the field has if the option is not called.
    #[must_use]
    pub fn default(mut self, default: T) -> Self {
        self.default = Some(default);
        if self.shape == Shape::Required {
            self.shape = Shape::Optional;
        }
        self
    }

    /// The range of every argument; `below` leaves out `to` itself.
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

    /// What the UDF says about the option.
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
            ranges: ranges(&self.arguments),
            choices: choices(&self.arguments),
            example: self.example(&default),
        }
    }
}

impl<T, I> Declared<T, I> {
    /// The arguments of a call that the option takes: the default, or else the first of some
    /// usual values that the range and the check accept, or else placeholders.
    fn example(&self, default: &[Vec<Value>]) -> Vec<String> {
        if let Some(call) = default.first()
            && self.shape != Shape::Flag
        {
            return shown(call);
        }
        let mut examples = examples(&self.arguments);
        match examples.find(|call| self.accepts(call)) {
            Some(call) => shown(&call),
            None => placeholders(self.args, &self.arguments),
        }
    }

    fn accepts(&self, call: &[Value]) -> bool {
        let mut arguments = call.iter().zip(&self.arguments);
        if !arguments.all(|(value, argument)| argument.range.contain(value)) {
            return false;
        }
        match (self.from_values)(&mut call.iter()) {
            Ok(item) => self
                .validate
                .as_ref()
                .is_none_or(|check| check(&item).is_ok()),
            Err(_) => false,
        }
    }
}

impl Declared<bool, bool> {
    /// The option takes no argument: a call sets it.
    #[must_use]
    pub fn flag(mut self) -> Self {
        self.shape = Shape::Flag;
        self.arguments.clear();
        self.from_values = |_| Ok(true);
        self.default = Some(false);
        self
    }
}

// These functions do not depend on the field's type, and so are compiled once.

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

/// The range of the arguments, if they have the same.
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

fn ranges(arguments: &[Argument]) -> Vec<ValueRange> {
    let ranges = arguments.iter().map(|argument| argument.range.clone());
    ranges.collect()
}

/// The calls that would give the default.
fn shown_default(shape: Shape, default: &[Vec<Value>]) -> Option<String> {
    // A flag is always `false` by default.
    if shape == Shape::Flag || default.is_empty() {
        return None;
    }
    let calls: Vec<_> = default.iter().map(|call| shown(call).join(", ")).collect();
    Some(calls.join("; "))
}

/// Calls with usual values: first the same for all arguments, then ascending and descending ones.
fn examples(arguments: &[Argument]) -> impl Iterator<Item = Vec<Value>> {
    let candidates: Vec<_> = arguments.iter().map(Argument::examples).collect();
    let pick = move |index: &dyn Fn(usize) -> usize| -> Option<Vec<Value>> {
        let picked = candidates.iter().enumerate();
        picked
            .map(|(argument, values)| values.get(index(argument)).cloned())
            .collect()
    };
    let count = arguments.len();
    let same = (0..EXAMPLES).filter_map({
        let pick = pick.clone();
        move |at| pick(&|_| at)
    });
    let ascending = (0..EXAMPLES).filter_map({
        let pick = pick.clone();
        move |at| pick(&|argument| at + argument)
    });
    let descending = (0..EXAMPLES).filter_map(move |at| pick(&|argument| at + count - argument));
    same.chain(ascending).chain(descending)
}

/// Candidates of each argument that are tried as an example.
const EXAMPLES: usize = 16;

/// What stands for arguments of which no example is known.
fn placeholders(args: &[&str], arguments: &[Argument]) -> Vec<String> {
    let placeholder = |(index, argument): (usize, &Argument)| match args.get(index) {
        Some(name) => format!("<{name}>"),
        None => format!("<{}>", type_name(argument.value_type)),
    };
    arguments.iter().enumerate().map(placeholder).collect()
}

/// The arguments of a call.
pub(super) fn shown(call: &[Value]) -> Vec<String> {
    call.iter().map(Value::to_string).collect()
}
