//! What takes the implementation's place where there are errors.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemStruct;

use super::{definition::Definition, generate};
use crate::private::Private;

/// An implementation that does nothing, so that whatever uses the UDF has no errors of its own.
pub(crate) fn implementation(definition: &Definition, item: &ItemStruct) -> TokenStream {
    if definition.generic {
        // There is no telling what would satisfy its bounds.
        return TokenStream::new();
    }
    let private = Private::of(&definition.runtime);
    let ident = &item.ident;
    let output = generate::output(definition.edges.provides, &private);
    let result = quote!(#private::Result<(), #private::Error>);
    quote! {
        const _: () = {
            #[automatically_derived]
            #[allow(clippy::empty_loop)]
            impl #private::Udf for #ident {
                type Output = #output;

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
