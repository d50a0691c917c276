//! How often an option may be called.

use super::{Arguments, Shape};

/// A field that is an option: called once, at most once ([`Option`]) or any number of times
/// ([`Vec`]).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an option",
    label = "not a type that TICKscript can give",
    note = "options can be: bool, integers and NonZero, f32, f64, String, Duration; tuples and \
            arrays of these; Option and Vec of all of these; an enum with \
            `#[derive(OptionValue)]`; or what implements `OptionValue`",
    note = "`#[state]` above the field keeps it in snapshots instead, `#[skip]` leaves it to \
            `Default`"
)]
pub trait OptionField: Sized {
    /// What one call takes.
    type Item: Arguments;

    /// How often it is called.
    #[doc(hidden)]
    const SHAPE: Shape;

    /// Takes what the calls gave; `None` where a call is missing.
    #[doc(hidden)]
    fn from_items(items: Vec<Self::Item>) -> Option<Self>;

    /// The calls that a script would have to make.
    #[doc(hidden)]
    fn items(&self) -> &[Self::Item];
}

impl<T: Arguments> OptionField for T {
    type Item = T;
    const SHAPE: Shape = Shape::Required;

    fn from_items(items: Vec<T>) -> Option<Self> {
        items.into_iter().next()
    }

    fn items(&self) -> &[T] {
        std::slice::from_ref(self)
    }
}

impl<T: Arguments> OptionField for Option<T> {
    type Item = T;
    const SHAPE: Shape = Shape::Optional;

    fn from_items(items: Vec<T>) -> Option<Self> {
        Some(items.into_iter().next())
    }

    fn items(&self) -> &[T] {
        self.as_slice()
    }
}

impl<T: Arguments> OptionField for Vec<T> {
    type Item = T;
    const SHAPE: Shape = Shape::Repeatable;

    fn from_items(items: Vec<T>) -> Option<Self> {
        Some(items)
    }

    fn items(&self) -> &[T] {
        self
    }
}
