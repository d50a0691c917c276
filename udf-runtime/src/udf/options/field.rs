//! How often an option may be called.

use super::{Arguments, Declared, Shape};

/// A field that is an option: called once, at most once ([`Option`]) or any number of times
/// ([`Vec`]).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an option",
    label = "TICKscript cannot give this type",
    note = "an option is a bool, an integer, a float, a String, a PathBuf, a Duration or an enum \
            with `#[derive(OptionValue)]`; a tuple or an array of them; or an Option or a Vec of \
            any of these",
    note = "help: `#[state]` keeps the field in snapshots, `#[skip]` makes it by `Default`"
)]
pub trait OptionField: Sized {
    /// What one call takes.
    type Item: Arguments;

    /// How often it is called.
    #[doc(hidden)]
    const SHAPE: Shape;

    /// An option of this name, its docs' lines joined by `\n`.
    #[doc(hidden)]
    #[must_use]
    fn declare(name: &'static str, docs: &'static str) -> Declared<Self, Self::Item> {
        Declared::new(name, docs)
    }

    /// Takes the values of the calls; `None` if a call is missing.
    #[doc(hidden)]
    fn from_items(items: Vec<Self::Item>) -> Option<Self>;

    /// The values of the calls that give this value.
    #[doc(hidden)]
    fn items(&self) -> &[Self::Item];

    /// Whether the option has a text at this address.
    #[doc(hidden)]
    fn is_at(&self, address: usize) -> bool {
        self.items()
            .iter()
            .any(|item| Arguments::is_at(item, address))
    }
}

#[diagnostic::do_not_recommend]
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

#[diagnostic::do_not_recommend]
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

#[diagnostic::do_not_recommend]
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
