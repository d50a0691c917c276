//! `#[udf]`: from a struct to what the runtime runs.

mod check;
mod definition;
mod field_type;
mod generate;
mod literal;
mod parse;
mod stand_in;
mod table;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::Item;

use crate::errors::Errors;
use crate::private::Private;

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut item = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Struct(item)) => item,
        Ok(other) => return not_a_struct(arguments, &other),
        Err(error) => {
            // The compiler says more about what is not an item.
            let error = error.to_compile_error();
            return quote!(#item #error);
        }
    };
    let mut errors = Errors::default();
    let definition = parse::definition(arguments, &mut item, &mut errors);
    check::definition(&definition, &mut errors);
    let code = generate::implementation(&definition, &mut errors);
    table::add(&mut item, &definition);
    if errors.is_empty() {
        quote!(#item #code)
    } else {
        let private = Private::of(&definition.runtime);
        let provides = definition.edges.provides;
        let stand_in = stand_in::implementation(&private, &item.ident, &item.generics, provides);
        let errors = errors.into_compile_errors();
        quote!(#item #stand_in #errors)
    }
}

/// The item with an error, and a stand-in if the item is a type.
fn not_a_struct(arguments: TokenStream, item: &Item) -> TokenStream {
    let found = match item {
        Item::Enum(_) => "an enum",
        Item::Union(_) => "a union",
        Item::Fn(_) => "a function",
        Item::Impl(_) => "an `impl`",
        Item::Trait(_) => "a trait",
        Item::Mod(_) => "a module",
        _ => "another item",
    };
    let message =
        format!("expected a struct, found {found}; help: write `#[udf(…)]` above the struct");
    let error = syn::Error::new(keyword(item), message).to_compile_error();
    let ident_and_generics = match item {
        Item::Enum(item) => Some((&item.ident, &item.generics)),
        Item::Union(item) => Some((&item.ident, &item.generics)),
        _ => None,
    };
    let stand_in = ident_and_generics.map(|(ident, generics)| {
        let (runtime, provides) = parse::runtime_and_output(arguments);
        stand_in::implementation(&Private::of(&runtime), ident, generics, provides)
    });
    quote!(#item #stand_in #error)
}

/// The place of the word that says what an item is: the first that is not an attribute's.
fn keyword(item: &Item) -> proc_macro2::Span {
    let mut tokens = item.to_token_stream().into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => drop(tokens.next()),
            TokenTree::Ident(ident) if ident == "pub" => {}
            other => return other.span(),
        }
    }
    proc_macro2::Span::call_site()
}
