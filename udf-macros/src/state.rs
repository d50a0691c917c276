//! `#[state]` above a type: serde's traits, by the runtime's own serde.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{
    Attribute, Fields, Generics, Ident, Index, Item, ItemStruct, Member, Path, Token, parse_quote,
    parse_quote_spanned, punctuated::Punctuated, spanned::Spanned as _,
};

use crate::{
    attribute::{self, default_crate, entries},
    errors::Errors,
    private::Private,
};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let runtime = runtime(arguments, &mut errors);
    let private = Private::of(&runtime);
    let mut item = match syn::parse2::<Item>(item.clone()) {
        Ok(item @ (Item::Struct(_) | Item::Enum(_))) => item,
        Ok(_) | Err(_) => {
            let first = item.clone().into_iter().next();
            errors.at(
                first.to_token_stream(),
                "expected a struct or an enum that snapshots hold, or a field of a UDF",
            );
            let errors = errors.into_compile_errors();
            return quote!(#item #errors);
        }
    };
    let implementation = match &mut item {
        Item::Struct(item) => {
            renamed(&mut item.fields, &mut errors);
            without_derives(&mut item.attrs, &mut errors);
            let start = start(item, &private);
            let keep_settings = keep_settings(&item.ident, &item.generics, &item.fields, &private);
            Some(quote!(#start #keep_settings))
        }
        Item::Enum(item) => {
            for variant in &mut item.variants {
                rename(&mut variant.attrs, &mut errors);
                renamed(&mut variant.fields, &mut errors);
            }
            without_derives(&mut item.attrs, &mut errors);
            None
        }
        _ => None,
    };
    let serde = quote!(#private::serde);
    let path = format!("{}::serde", private.text());
    let errors = errors.into_compile_errors();
    // With errors as well, so that what uses the type has none.
    quote! {
        #[derive(#serde::Serialize, #serde::Deserialize)]
        #[serde(crate = #path)]
        #item
        #implementation
        #errors
    }
}

fn runtime(arguments: TokenStream, errors: &mut Errors) -> Path {
    let mut runtime = default_crate();
    for entry in entries(arguments, errors) {
        if entry.name == "crate" {
            runtime = entry
                .path("crate = \"::udf_runtime\"", errors)
                .unwrap_or(runtime);
        } else {
            attribute::STATE_TYPE.report_unknown(&entry.name, errors);
        }
    }
    runtime
}

/// Replaces `#[state(was = "…")]` above the fields.
fn renamed(fields: &mut Fields, errors: &mut Errors) {
    for field in fields {
        rename(&mut field.attrs, errors);
    }
}

/// Replaces `#[state(was = "…")]` by what serde calls it.
fn rename(attributes: &mut Vec<Attribute>, errors: &mut Errors) {
    for attribute in attributes {
        if !attribute.path().is_ident("state") {
            continue;
        }
        let mut was = None;
        for entry in entries(attribute::inside(attribute, errors), errors) {
            if entry.name == "was" {
                was = entry.string("was = \"old_name\"", errors);
            } else {
                attribute::STATE_PART.report_unknown(&entry.name, errors);
            }
        }
        *attribute = match was {
            Some(was) => parse_quote_spanned!(attribute.span()=> #[serde(alias = #was)]),
            None => parse_quote!(#[serde()]),
        };
    }
}

/// Takes off and reports derives of serde's traits.
fn without_derives(attributes: &mut [Attribute], errors: &mut Errors) {
    for attribute in attributes {
        if !attribute.path().is_ident("derive") {
            continue;
        }
        let parse = Punctuated::<Path, Token![,]>::parse_terminated;
        let Ok(derives) = attribute.parse_args_with(parse) else {
            continue;
        };
        let mut left = Vec::new();
        for derive in derives {
            let name = derive.segments.last().map(|last| last.ident.to_string());
            if let Some(name @ ("Serialize" | "Deserialize")) = name.as_deref() {
                errors.at(
                    derive,
                    format!("`#[state]` derives `{name}` already; help: leave it out"),
                );
            } else {
                left.push(derive);
            }
        }
        *attribute = parse_quote!(#[derive(#(#left),*)]);
    }
}

/// Lets a field that an old snapshot does not have come from the struct's own default. Where the author
/// has not said otherwise, the struct then needs one.
fn start(item: &mut ItemStruct, private: &Private) -> Option<TokenStream> {
    if item.fields.is_empty() || says_default(&item.attrs) {
        return None;
    }
    if !item.generics.params.is_empty() {
        item.attrs.push(parse_quote!(#[serde(default)]));
        return None;
    }
    let ident = &item.ident;
    let path = format!("<{ident} as {}::StateStruct>::fresh", private.text());
    item.attrs.push(parse_quote!(#[serde(default = #path)]));
    // By a trait with a message in the author's words, at the struct's name.
    let at = private.at(ident.span());
    let fresh = quote_spanned!(ident.span()=> <#ident as #at::Fresh>::fresh());
    Some(quote! {
        const _: () = {
            #[automatically_derived]
            impl #private::StateStruct for #ident {
                fn fresh() -> Self {
                    #fresh
                }
            }
        };
    })
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

/// Hands on the settings that a field keeps beside its snapshots, as a `PerGroup` does.
fn keep_settings(
    ident: &Ident,
    generics: &Generics,
    fields: &Fields,
    private: &Private,
) -> TokenStream {
    let (implementation, types, bounds) = generics.split_for_impl();
    let keep = fields.iter().enumerate().map(|(i, field)| {
        let member = field
            .ident
            .clone()
            .map_or(Member::Unnamed(Index::from(i)), Member::Named);
        let cfg = field.attrs.iter().filter(|it| it.path().is_ident("cfg"));
        quote! {
            #(#cfg)*
            #private::Restored(&mut self.#member).keep_settings(&old.#member);
        }
    });
    quote! {
        const _: () = {
            #[automatically_derived]
            #[allow(unused_imports, unused_variables)]
            impl #implementation #private::KeepSettings for #ident #types #bounds {
                fn keep_settings(&mut self, old: &Self) {
                    use #private::KeepsNoSettings as _;
                    #(#keep)*
                }
            }
        };
    }
}
