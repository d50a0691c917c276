//! The impls of `#[derive(prost::Message)]`.

use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{File, ImplItemFn, ItemStruct, parse_quote};

use super::codec::Codec;
use super::field::{Field, Kind};
use super::replace_derive;

pub(super) fn write_out(message: &mut ItemStruct) -> File {
    let fields = message.fields.iter_mut().map(|field| {
        let name = field.ident.as_ref().expect("a message's fields have names");
        Field::take(name, &mut field.attrs)
    });
    let mut fields: Vec<Field> = fields.collect();
    let accessors: Vec<ImplItemFn> = fields.iter().flat_map(accessors).collect();
    let of_enumerations: File = if accessors.is_empty() {
        let plain = [parse_quote!(Default), parse_quote!(Debug)];
        replace_derive(&mut message.attrs, &plain);
        parse_quote!()
    } else {
        replace_derive(&mut message.attrs, &[parse_quote!(Default)]);
        let (name, debug) = (&message.ident, debug(message, &fields));
        parse_quote! {
            impl #name { #(#accessors)* }
            impl ::core::fmt::Debug for #name { #debug }
        }
    };

    fields.sort_by_key(Field::lowest_tag);
    let codecs: Vec<Codec> = fields.iter().map(Codec::of).collect();
    let encodecs = codecs.iter().map(|codec| &codec.encode);
    let lengths = codecs.iter().map(|codec| &codec.encoded_len);
    let merges = codecs.iter().map(|codec| &codec.merge);
    let tags = fields.iter().map(|field| &field.tags);
    let tags = tags.map(|tags| quote!(#(#tags)|*));
    let fields = fields.iter().map(|field| field.name.to_string());
    let name = &message.ident;
    let text = name.to_string();
    parse_quote! {
        impl ::prost::Message for #name {
            fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
                #(#encodecs)*
            }
            fn merge_field(
                &mut self,
                tag: u32,
                wire_type: ::prost::encoding::WireType,
                buf: &mut impl ::prost::bytes::Buf,
                ctx: ::prost::encoding::DecodeContext,
            ) -> ::core::result::Result<(), ::prost::DecodeError> {
                match tag {
                    #(#tags => #merges.map_err(crate::shared::in_field(#text, #fields)),)*
                    _ => ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
                }
            }
            #[inline]
            fn encoded_len(&self) -> usize {
                0 #(+ #lengths)*
            }
            fn clear(&mut self) {
                *self = Self::default();
            }
        }
        #of_enumerations
    }
}

/// Methods for a field that holds numbers of an enumeration.
fn accessors(of: &Field) -> Vec<ImplItemFn> {
    let (field, name) = (&of.name, of.name.unraw());
    match &of.kind {
        Kind::Enumeration(enumeration) => {
            let get = parse_quote! {
                /// Returns the enum value, or the default if the field is set to an invalid one.
                pub fn #field(&self) -> #enumeration {
                    #enumeration::try_from(self.#field).unwrap_or_default()
                }
            };
            let set = format_ident!("set_{name}");
            let set = parse_quote! {
                /// Sets the field to the provided enum value.
                pub fn #set(&mut self, value: #enumeration) {
                    self.#field = value as i32;
                }
            };
            vec![get, set]
        }
        Kind::Enumerations(enumeration) => {
            let get = parse_quote! {
                /// Returns an iterator which yields the valid enum values.
                pub fn #field(&self) -> impl Iterator<Item = #enumeration> {
                    self.#field.iter().filter_map(|value| #enumeration::try_from(*value).ok())
                }
            };
            let push = format_ident!("push_{name}");
            let push = parse_quote! {
                /// Appends the provided enum value.
                pub fn #push(&mut self, value: #enumeration) {
                    self.#field.push(value as i32);
                }
            };
            vec![get, push]
        }
        _ => Vec::new(),
    }
}

/// `Debug` that shows enumerations by name.
fn debug(message: &ItemStruct, fields: &[Field]) -> ImplItemFn {
    let message = message.ident.to_string();
    let names = fields.iter().map(|field| field.name.to_string());
    let shown = fields.iter().map(|Field { name, kind, .. }| match kind {
        Kind::Enumeration(it) => quote!(crate::shared::by_name::<#it>(&self.#name)),
        Kind::Enumerations(it) => quote!(crate::shared::by_names::<#it>(&self.#name)),
        _ => quote!(self.#name),
    });
    parse_quote! {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.debug_struct(#message)#(.field(#names, &#shown))*.finish()
        }
    }
}
