//! What one call of an option takes.

use udf_proto::ValueType;

use super::{Given, OptionValue, Ordered, Value, ValueError, ValueRange};

/// One argument that a call takes.
#[derive(Clone, Debug)]
pub struct Argument {
    pub(super) value_type: ValueType,
    pub(super) range: ValueRange,
    pub(super) choices: &'static [&'static str],
}

/// Why a call's arguments do not fit.
#[derive(Debug)]
pub enum Mismatch {
    /// An argument has another type than the option takes.
    Type {
        /// What was given.
        given: Value,
        /// What is taken.
        taken: ValueType,
    },
    /// An argument has the right type, but is not allowed.
    Value {
        /// What was given.
        given: Value,
        /// Why it is not allowed.
        error: ValueError,
    },
}

/// What one call of an option takes: one argument, or a tuple or an array of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an option",
    label = "TICKscript cannot give this type",
    note = "an option is a bool, an integer, a float, a String, a PathBuf, a Duration or an enum \
            with `#[derive(OptionValue)]`; a tuple or an array of them; or an Option or a Vec of \
            any of these",
    note = "help: `#[state]` keeps the field in snapshots, `#[skip]` makes it by `Default`"
)]
pub trait Arguments: Sized {
    /// The arguments, in their order.
    #[doc(hidden)]
    fn arguments() -> Vec<Argument>;

    /// Takes the arguments, whose number is right.
    #[doc(hidden)]
    fn from_values(values: &mut std::slice::Iter<'_, Value>) -> Result<Self, Mismatch>;

    /// The arguments that give this value.
    #[doc(hidden)]
    fn to_values(&self) -> Vec<Value>;

    /// Whether one of the arguments has a text at this address.
    #[doc(hidden)]
    fn is_at(&self, address: usize) -> bool;
}

#[diagnostic::do_not_recommend]
impl<T: OptionValue> Arguments for T {
    fn arguments() -> Vec<Argument> {
        vec![Argument {
            value_type: T::Given::TYPE,
            range: T::range(),
            choices: T::choices(),
        }]
    }

    fn from_values(values: &mut std::slice::Iter<'_, Value>) -> Result<Self, Mismatch> {
        // The reader has counted the arguments, so that one is always there.
        let given = values
            .next()
            .cloned()
            .unwrap_or(Value::String(String::new()));
        match T::Given::from_value(&given) {
            None => Err(Mismatch::Type {
                given,
                taken: T::Given::TYPE,
            }),
            Some(value) => value
                .and_then(|value| T::from_given(value))
                .map_err(|error| Mismatch::Value { given, error }),
        }
    }

    fn to_values(&self) -> Vec<Value> {
        vec![self.to_given().into_value()]
    }

    fn is_at(&self, address: usize) -> bool {
        OptionValue::is_at(self, address)
    }
}

#[diagnostic::do_not_recommend]
impl<T: OptionValue, const N: usize> Arguments for [T; N] {
    fn arguments() -> Vec<Argument> {
        (0..N).flat_map(|_| T::arguments()).collect()
    }

    fn from_values(values: &mut std::slice::Iter<'_, Value>) -> Result<Self, Mismatch> {
        // `Vec` and back, as there is no stable way to collect `Result`s into an array.
        let list = (0..N)
            .map(|_| T::from_values(values))
            .collect::<Result<Vec<T>, _>>()?;
        match Self::try_from(list) {
            Ok(array) => Ok(array),
            Err(_) => unreachable!("a list of N has the length N"),
        }
    }

    fn to_values(&self) -> Vec<Value> {
        self.iter().flat_map(T::to_values).collect()
    }

    fn is_at(&self, address: usize) -> bool {
        self.iter().any(|value| OptionValue::is_at(value, address))
    }
}

macro_rules! tuples {
    ($($first:ident $($other:ident)*;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$first: OptionValue, $($other: OptionValue),*> Arguments for ($first, $($other),*) {
            fn arguments() -> Vec<Argument> {
                [$first::arguments(), $($other::arguments()),*].concat()
            }

            fn from_values(values: &mut std::slice::Iter<'_, Value>) -> Result<Self, Mismatch> {
                Ok(($first::from_values(values)?, $($other::from_values(values)?),*))
            }

            #[expect(non_snake_case, reason = "a name for each type's value")]
            fn to_values(&self) -> Vec<Value> {
                let ($first, $($other),*) = self;
                [$first.to_values(), $($other.to_values()),*].concat()
            }

            #[expect(non_snake_case, reason = "a name for each type's value")]
            fn is_at(&self, address: usize) -> bool {
                let ($first, $($other),*) = self;
                OptionValue::is_at($first, address) $(|| OptionValue::is_at($other, address))*
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$first, $($other),*> Ranged for ($first, $($other),*)
        where
            $first: OptionValue<Given: Ordered>,
            $($other: OptionValue<Given = $first::Given>,)*
        {
            type Bound = <$first::Given as Ordered>::Bound;
        }
    )*};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}

/// Arguments of one type, which has an order.
#[diagnostic::on_unimplemented(
    message = "expected arguments of one type for a range, found `{Self}`",
    label = "this option has no range",
    note = "help: `validate = path` checks any type"
)]
pub trait Ranged {
    /// The type of the range's limits.
    type Bound: Given;
}

impl<T: OptionValue<Given: Ordered>> Ranged for T {
    type Bound = <T::Given as Ordered>::Bound;
}

#[diagnostic::do_not_recommend]
impl<T: OptionValue<Given: Ordered>, const N: usize> Ranged for [T; N] {
    type Bound = <T::Given as Ordered>::Bound;
}

impl Argument {
    /// Values to try as an example, the most usual first.
    pub(super) fn examples(&self) -> Vec<Value> {
        let usual: Vec<Value> = match self.value_type {
            ValueType::Bool => vec![Value::Bool(true), Value::Bool(false)],
            ValueType::Int => [10, 20, 30, 1, 2, 3, 5, 100, 1000, 0, -1]
                .map(Value::Int)
                .into(),
            ValueType::Double => [1.5, 2.5, 3.5, 0.5, 0.75, 0.9, 1.0, 10.0, 100.0, 0.0, -1.0]
                .map(Value::Double)
                .into(),
            ValueType::String if !self.choices.is_empty() => {
                let choices = self.choices.iter();
                choices
                    .map(|choice| Value::String((*choice).to_owned()))
                    .collect()
            }
            ValueType::String => ["x", "value", "y", "z", "/tmp/x", "10s", "1", "10.0.0.1"]
                .map(|text| Value::String(text.to_owned()))
                .into(),
            ValueType::Duration => [10, 20, 30, 1, 60, 3600, 86_400]
                .map(|seconds| Value::Duration(seconds * 1_000_000_000))
                .into(),
        };
        let (first, others) = match &*usual {
            [first, others @ ..] => (first, others),
            [] => return usual,
        };
        let mut examples = vec![self.range.example(first.clone())];
        examples.extend(others.iter().cloned());
        examples.extend(self.range.limits().cloned());
        examples
    }
}
