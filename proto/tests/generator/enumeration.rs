//! The impls of `#[derive(prost::Enumeration)]`.

use syn::{File, ItemEnum, parse_quote};

use super::replace_derive;

pub(super) fn write_out(enumeration: &mut ItemEnum) -> File {
    replace_derive(&mut enumeration.attrs, &[parse_quote!(Default)]);
    enumeration.variants[0].attrs.push(parse_quote!(#[default]));

    let name = &enumeration.ident;
    let doc = format!(" Returns `true` if `value` is a variant of `{name}`.");
    let variants = enumeration.variants.iter();
    let (variants, numbers): (Vec<_>, Vec<_>) = variants
        .map(|it| (&it.ident, &it.discriminant.as_ref().expect("a number").1))
        .unzip();
    parse_quote! {
        impl #name {
            #[doc = #doc]
            pub const fn is_valid(value: i32) -> bool {
                matches!(value, #(#numbers)|*)
            }
        }
        impl ::core::convert::From<#name> for i32 {
            fn from(value: #name) -> i32 {
                value as i32
            }
        }
        impl ::core::convert::TryFrom<i32> for #name {
            type Error = ::prost::UnknownEnumValue;
            fn try_from(value: i32) -> ::core::result::Result<Self, ::prost::UnknownEnumValue> {
                match value {
                    #(#numbers => Ok(Self::#variants),)*
                    _ => Err(::prost::UnknownEnumValue(value)),
                }
            }
        }
    }
}
