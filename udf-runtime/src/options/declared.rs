//! An option as a field declares it.

use super::{
    Arguments as _, Given as _, Limits, OptionField, OptionSpec, Ranged, Shape, Value, ValueError,
    arguments::Argument,
};

/// An option as a field of type `T` declares it: what `#[udf]` makes of the field's type, doc
/// comment and attributes.
pub struct Declared<T: OptionField> {
    name: &'static str,
    docs: &'static str,
    shape: Shape,
    pub(super) arguments: Vec<Argument>,
    pub(super) default: Option<T>,
    pub(super) validate: Option<fn(&T::Item) -> Result<(), ValueError>>,
}

impl<T: OptionField> Declared<T> {
    /// An option of this name, its docs' lines joined by `\n`.
    #[must_use]
    pub fn new(name: &'static str, docs: &'static str) -> Self {
        let arguments = T::Item::arguments();
        Self {
            name,
            docs,
            shape: T::SHAPE,
            arguments,
            default: None,
            validate: None,
        }
    }

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
        from: Option<<T::Item as Ranged>::Bound>,
        to: Option<<T::Item as Ranged>::Bound>,
        below: bool,
    ) -> Self
    where
        T::Item: Ranged,
    {
        let from = from.map(<T::Item as Ranged>::Bound::into_value);
        let to = to.map(<T::Item as Ranged>::Bound::into_value);
        let range = Limits::new(from, to, below);
        for argument in &mut self.arguments {
            argument.limits = std::mem::take(&mut argument.limits).and(range.clone());
        }
        self
    }

    /// A check of what one call gave.
    #[must_use]
    pub fn validate(mut self, check: fn(&T::Item) -> Result<(), ValueError>) -> Self {
        self.validate = Some(check);
        self
    }

    /// What the UDF says of the option.
    #[must_use]
    pub fn spec(&self) -> OptionSpec {
        let shown = |item: &T::Item| {
            let values: Vec<_> = item.to_values().iter().map(Value::to_string).collect();
            values.join(", ")
        };
        let default = match (self.shape, &self.default) {
            // A flag's default goes without saying.
            (Shape::Flag, _) | (_, None) => None,
            (_, Some(default)) if default.items().is_empty() => None,
            (_, Some(default)) => Some(
                default
                    .items()
                    .iter()
                    .map(shown)
                    .collect::<Vec<_>>()
                    .join("; "),
            ),
        };
        let mut ranges: Vec<_> = self
            .arguments
            .iter()
            .map(|argument| argument.limits.text())
            .collect();
        ranges.dedup();
        let range = match &mut *ranges {
            [range] => range.take(),
            // Arguments of several types, each with limits of its own, which errors tell.
            _ => None,
        };
        OptionSpec {
            name: self.name,
            docs: self.docs,
            types: self
                .arguments
                .iter()
                .map(|argument| argument.value_type)
                .collect(),
            shape: self.shape,
            default,
            range,
            choices: self
                .arguments
                .iter()
                .flat_map(|argument| argument.choices)
                .copied()
                .collect(),
            example: self.example(),
        }
    }

    fn example(&self) -> Vec<String> {
        let default = self
            .default
            .as_ref()
            .and_then(|default| default.items().first());
        match default {
            Some(item) if self.shape != Shape::Flag => {
                item.to_values().iter().map(Value::to_string).collect()
            }
            _ => self
                .arguments
                .iter()
                .map(|argument| argument.example().to_string())
                .collect(),
        }
    }
}

impl Declared<bool> {
    /// The option takes no argument: to call it is to set it.
    #[must_use]
    pub fn flag(mut self) -> Self {
        self.shape = Shape::Flag;
        self.arguments.clear();
        self.default = Some(false);
        self
    }
}
