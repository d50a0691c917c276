//! Functions that the generated impls share.

use std::fmt::Debug;

use prost::DecodeError;

/// Adds the field to an error.
pub(crate) fn in_field(
    message: &'static str,
    field: &'static str,
) -> impl FnOnce(DecodeError) -> DecodeError {
    move |mut error| {
        error.push(message, field);
        error
    }
}

/// Shows a number of an enumeration by its name, if it has one.
pub(crate) fn by_name<E: TryFrom<i32> + Debug + 'static>(number: &i32) -> Box<dyn Debug> {
    match E::try_from(*number) {
        Ok(name) => Box::new(name),
        Err(_) => Box::new(*number),
    }
}

pub(crate) fn by_names<E: TryFrom<i32> + Debug + 'static>(numbers: &[i32]) -> Vec<Box<dyn Debug>> {
    numbers.iter().map(by_name::<E>).collect()
}
