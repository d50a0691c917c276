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

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut item = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Struct(item)) => item,
        Ok(other) => {
            let message = "a UDF is made of a struct; put `#[udf]` above one";
            let error = syn::Error::new(keyword(&other), message).to_compile_error();
            return quote!(#other #error);
        }
        Err(error) => {
            // Not even an item: the compiler knows more to say of it.
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
        let stand_in = stand_in::implementation(&definition, &item);
        let errors = errors.into_compile_errors();
        quote!(#item #stand_in #errors)
    }
}

/// The place of the word that tells what an item is: the first that is not an attribute's.
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
