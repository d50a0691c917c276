//! The code that writes, measures and reads a field of a message.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

use super::field::{Field, Kind};

pub(super) struct Codec {
    pub(super) encode: TokenStream,
    pub(super) encoded_len: TokenStream,
    pub(super) merge: TokenStream,
}

impl Codec {
    pub(super) fn of(field: &Field) -> Self {
        let (name, tag) = (&field.name, &field.tags[0]);
        match &field.kind {
            Kind::One(ty) => Self::unless_default(field, ty),
            Kind::Enumeration(_) => Self::unless_default(field, &format_ident!("int32")),
            Kind::Repeated(ty) => {
                let ty = quote!(::prost::encoding::#ty);
                Self {
                    encode: quote!(#ty::encode_repeated(#tag, &self.#name, buf);),
                    encoded_len: quote!(#ty::encoded_len_repeated(#tag, &self.#name)),
                    merge: quote!(#ty::merge_repeated(wire_type, &mut self.#name, buf, ctx)),
                }
            }
            Kind::Enumerations(_) => {
                let ty = quote!(::prost::encoding::int32);
                Self {
                    encode: quote!(#ty::encode_packed(#tag, &self.#name, buf);),
                    encoded_len: quote!(#ty::encoded_len_packed(#tag, &self.#name)),
                    merge: quote!(#ty::merge_repeated(wire_type, &mut self.#name, buf, ctx)),
                }
            }
            Kind::Map(key, value) => {
                let map = quote!(::prost::encoding::btree_map);
                let key = quote!(::prost::encoding::#key);
                let value = quote!(::prost::encoding::#value);
                Self {
                    encode: quote! {
                        #map::encode(
                            #key::encode, #key::encoded_len, #value::encode, #value::encoded_len,
                            #tag, &self.#name, buf,
                        );
                    },
                    encoded_len: quote! {
                        #map::encoded_len(#key::encoded_len, #value::encoded_len, #tag, &self.#name)
                    },
                    merge: quote! {
                        ::prost::encoding::check_wire_type(
                            ::prost::encoding::WireType::LengthDelimited, wire_type,
                        )
                        .and_then(|()| {
                            #map::merge(#key::merge, #value::merge, &mut self.#name, buf, ctx)
                        })
                    },
                }
            }
            Kind::Oneof(oneof) => Self {
                encode: quote!(if let Some(value) = &self.#name { value.encode(buf); }),
                encoded_len: quote!(self.#name.as_ref().map_or(0, #oneof::encoded_len)),
                merge: quote!(#oneof::merge(&mut self.#name, tag, wire_type, buf, ctx)),
            },
        }
    }

    fn unless_default(field: &Field, ty: &Ident) -> Self {
        let (name, tag) = (&field.name, &field.tags[0]);
        let is_set = match ty.to_string().as_str() {
            "bool" => quote!(self.#name),
            "int32" | "int64" => quote!(self.#name != 0),
            "bytes" | "string" => quote!(!self.#name.is_empty()),
            _ => panic!("the generator does not know the default of {name}, of type {ty}"),
        };
        let ty = quote!(::prost::encoding::#ty);
        Self {
            encode: quote!(if #is_set { #ty::encode(#tag, &self.#name, buf); }),
            encoded_len: quote!(if #is_set { #ty::encoded_len(#tag, &self.#name) } else { 0 }),
            merge: quote!(#ty::merge(wire_type, &mut self.#name, buf, ctx)),
        }
    }
}
