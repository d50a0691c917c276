//! `#[state]` above a type: serde's traits, by the runtime's own serde.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Attribute, Fields, Item, Path, Token, punctuated::Punctuated};

use crate::{
    attribute::{self, default_crate, entries},
    errors::Errors,
    private::Private,
};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut runtime = default_crate();
    for entry in entries(arguments, &mut errors) {
        if entry.name == "crate" {
            runtime = entry
                .path("crate = \"::udf_runtime\"", &mut errors)
                .unwrap_or(runtime);
        } else {
            attribute::STATE_TYPE.report_unknown(&entry.name, &mut errors);
        }
    }
    let (attributes, has_fields) = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Struct(item)) => {
            let has_fields = match &item.fields {
                Fields::Named(fields) => !fields.named.is_empty(),
                Fields::Unnamed(fields) => !fields.unnamed.is_empty(),
                Fields::Unit => false,
            };
            (item.attrs, has_fields)
        }
        Ok(Item::Enum(item)) => (item.attrs, false),
        Ok(_) | Err(_) => {
            let first = item.clone().into_iter().next();
            errors.at(
                first.to_token_stream(),
                "`#[state]` goes above a struct or an enum that snapshots hold, or above a field \
                 of a UDF",
            );
            let errors = errors.into_compile_errors();
            return quote!(#item #errors);
        }
    };
    derived_already(&attributes, &mut errors);
    if !errors.is_empty() {
        let errors = errors.into_compile_errors();
        return quote!(#item #errors);
    }
    let private = Private::of(&runtime);
    let (serde, path) = (
        quote!(#private::serde),
        format!("{}::serde", private.text()),
    );
    // What an old snapshot does not have comes from the struct's own default.
    let default = (has_fields && !says_default(&attributes)).then(|| quote!(, default));
    quote! {
        #[derive(#serde::Serialize, #serde::Deserialize)]
        #[serde(crate = #path #default)]
        #item
    }
}

/// Reports a derive of serde's traits below.
fn derived_already(attributes: &[Attribute], errors: &mut Errors) {
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
    {
        let derives = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
        for derive in derives.into_iter().flatten() {
            let name = derive.segments.last().map(|last| last.ident.to_string());
            if let Some(name @ ("Serialize" | "Deserialize")) = name.as_deref() {
                errors.at(derive, format!("`#[state]` derives `{name}` already"));
            }
        }
    }
}

/// Whether the author has said what becomes of missing fields.
fn says_default(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
        .any(|attribute| {
            let mut found = false;
            // What serde cannot read is serde's to report.
            let _ = attribute.parse_nested_meta(|meta| {
                found |= meta.path.is_ident("default");
                if meta.input.peek(Token![=]) {
                    meta.value()?.parse::<syn::Expr>()?;
                }
                Ok(())
            });
            found
        })
}
