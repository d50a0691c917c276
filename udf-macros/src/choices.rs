//! `#[derive(OptionValue)]`: an enum whose variants TICKscript gives by their names.

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, Path};

use crate::{
    attribute::{self, Entry, default_crate, entries},
    errors::Errors,
    names::{plain, snake_case},
    private::Private,
};

struct Choice<'a> {
    variant: &'a Ident,
    text: String,
    span: Span,
}

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let item: DeriveInput = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let runtime = runtime(&item.attrs, &mut errors);
    let choices = parse(&item, &mut errors);
    check(&choices, &mut errors);
    let implementation = generate(&item, &runtime, &choices, errors.is_empty());
    let errors = errors.into_compile_errors();
    quote!(#implementation #errors)
}

/// The path of the runtime, as `#[option(crate = "…")]` says it.
fn runtime(attributes: &[Attribute], errors: &mut Errors) -> Path {
    let mut runtime = default_crate();
    for entry in option_entries(attributes, errors) {
        if entry.name == "crate" {
            runtime = entry
                .path("crate = \"::udf_runtime\"", errors)
                .unwrap_or(runtime);
        } else {
            attribute::CHOICES.report_unknown(&entry.name, errors);
        }
    }
    runtime
}

fn option_entries(attributes: &[Attribute], errors: &mut Errors) -> Vec<Entry> {
    let ours = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("option"));
    let tokens: Vec<_> = ours
        .map(|attribute| attribute::inside(attribute, errors))
        .collect();
    tokens
        .into_iter()
        .flat_map(|tokens| entries(tokens, errors))
        .collect()
}

fn parse<'a>(item: &'a DeriveInput, errors: &mut Errors) -> Vec<Choice<'a>> {
    if !item.generics.params.is_empty() {
        errors.at(
            &item.generics,
            "expected an enum without generic parameters",
        );
    }
    let data = match &item.data {
        Data::Enum(data) => data,
        Data::Struct(data) => {
            errors.at(
                data.struct_token,
                "expected an enum with variants without fields, found a struct; help: implement \
                 `OptionValue` by hand",
            );
            return Vec::new();
        }
        Data::Union(data) => {
            errors.at(
                data.union_token,
                "expected an enum with variants without fields, found a union",
            );
            return Vec::new();
        }
    };
    if data.variants.is_empty() {
        errors.at(&item.ident, "expected at least one variant");
    }
    let mut choices = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            errors.at(
                &variant.fields,
                "expected a variant without fields, because TICKscript gives a name alone",
            );
        }
        let mut choice = Choice {
            variant: &variant.ident,
            text: snake_case(&plain(&variant.ident)),
            span: variant.ident.span(),
        };
        for entry in option_entries(&variant.attrs, errors) {
            if entry.name == "rename" {
                if let Some(text) = entry.string("rename = \"…\"", errors) {
                    choice.text = text;
                    choice.span = entry.span();
                }
            } else {
                attribute::CHOICE.report_unknown(&entry.name, errors);
            }
        }
        choices.push(choice);
    }
    choices
}

fn check(choices: &[Choice<'_>], errors: &mut Errors) {
    let mut texts = HashMap::new();
    for choice in choices {
        if let Some(first) = texts.insert(&choice.text, choice.variant) {
            let message = format!(
                "duplicate name {:?}; the variant `{first}` has it too",
                choice.text
            );
            errors.at_span(choice.span, message);
        }
    }
}

fn generate(
    item: &DeriveInput,
    runtime: &Path,
    choices: &[Choice<'_>],
    correct: bool,
) -> TokenStream {
    let private = Private::of(runtime);
    let ident = &item.ident;
    let (implementation, types, bounds) = item.generics.split_for_impl();
    let (texts, variants): (Vec<_>, Vec<_>) = choices
        .iter()
        .map(|choice| (&choice.text, choice.variant))
        .unzip();
    // Where there are errors, a stand-in keeps the fields of this type from having theirs.
    let (from, to) = if correct {
        (
            quote! {
                match &*given {
                    #(#texts => #private::Result::Ok(Self::#variants),)*
                    _ => #private::Result::Err(#private::ValueError::not_allowed()),
                }
            },
            quote! {
                #private::text(match self {
                    #(Self::#variants => #texts,)*
                })
            },
        )
    } else {
        (quote!(loop {}), quote!(loop {}))
    };
    quote! {
        const _: () = {
            #[automatically_derived]
            #[allow(unused_variables, clippy::empty_loop)]
            impl #implementation #private::OptionValue for #ident #types #bounds {
                type Given = #private::String;

                fn from_given(
                    given: #private::String,
                ) -> #private::Result<Self, #private::ValueError> {
                    #from
                }

                fn to_given(&self) -> #private::String {
                    #to
                }

                fn choices() -> &'static [&'static str] {
                    &[#(#texts),*]
                }
            }
        };
    }
}
