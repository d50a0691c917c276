//! The implementation of a UDF that has errors.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Generics, Ident, parse_quote};

use super::definition::Edge;
use super::generate;
use crate::private::Private;

/// An implementation that does nothing, so that what uses the UDF has no errors.
pub(crate) fn implementation(
    private: &Private,
    ident: &Ident,
    generics: &Generics,
    provides: Edge,
) -> TokenStream {
    let output = generate::output(provides, private);
    let result = quote!(#private::Result<(), #private::Error>);
    let mut bounded = generics.clone();
    let (_, types, _) = generics.split_for_impl();
    if !generics.params.is_empty() {
        let bounds = parse_quote!(#ident #types: #private::Send + 'static);
        bounded.make_where_clause().predicates.push(bounds);
    }
    let (implementation, _, bounds) = bounded.split_for_impl();
    quote! {
        const _: () = {
            #[automatically_derived]
            #[allow(clippy::empty_loop)]
            impl #implementation #private::Udf for #ident #types #bounds {
                type Output = #output;

                // Each has another name, so that `main!` takes them.
                const NAME: &'static str = ::core::concat!(::core::module_path!(), ::core::line!());

                fn spec() -> #private::Spec {
                    loop {}
                }

                fn from_options(
                    _: &[#private::Call],
                ) -> #private::Result<Self, #private::OptionErrors> {
                    loop {}
                }

                fn init(&mut self, _: &#private::Task) -> #result {
                    loop {}
                }

                fn tick(&mut self, _: i64, _: &mut Self::Output) -> #result {
                    loop {}
                }

                fn stop(&mut self, _: &mut Self::Output) -> #result {
                    loop {}
                }

                fn snapshot(
                    &mut self,
                ) -> #private::Result<#private::Vec<u8>, #private::Error> {
                    loop {}
                }

                fn restore(&mut self, _: &[u8]) -> #result {
                    loop {}
                }
            }
        };
    }
}
