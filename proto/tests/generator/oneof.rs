//! The impls of `#[derive(prost::Oneof)]`.

use syn::{File, ItemEnum, parse_quote};

use super::field::{Field, Kind};
use super::replace_derive;

pub(super) fn write_out(oneof: &mut ItemEnum) -> File {
    replace_derive(&mut oneof.attrs, &[parse_quote!(Debug)]);
    let name = &oneof.ident;
    let (mut variants, mut tags, mut types) = (Vec::new(), Vec::new(), Vec::new());
    for variant in &mut oneof.variants {
        let field = Field::take(&variant.ident, &mut variant.attrs);
        let Kind::One(ty) = field.kind else {
            panic!("the generator does not know variants like {}", field.name);
        };
        variants.push(field.name);
        tags.extend(field.tags);
        types.push(ty);
    }
    let no_such_tag = format!("invalid {name} tag: {{tag}}");
    parse_quote! {
        impl #name {
            /// Encodes the message to a buffer.
            pub fn encode(&self, buf: &mut impl ::prost::bytes::BufMut) {
                match self {
                    #(Self::#variants(value) => ::prost::encoding::#types::encode(#tags, value, buf),)*
                }
            }
            /// Decodes an instance of the message from a buffer, and merges it into self.
            pub fn merge(
                field: &mut ::core::option::Option<Self>,
                tag: u32,
                wire_type: ::prost::encoding::WireType,
                buf: &mut impl ::prost::bytes::Buf,
                ctx: ::prost::encoding::DecodeContext,
            ) -> ::core::result::Result<(), ::prost::DecodeError> {
                match tag {
                    #(#tags => {
                        if let Some(Self::#variants(value)) = field {
                            ::prost::encoding::#types::merge(wire_type, value, buf, ctx)
                        } else {
                            let mut value = ::core::default::Default::default();
                            ::prost::encoding::#types::merge(wire_type, &mut value, buf, ctx)
                                .map(|()| *field = Some(Self::#variants(value)))
                        }
                    })*
                    _ => unreachable!(#no_such_tag),
                }
            }
            /// Returns the encoded length of the message without a length delimiter.
            #[inline]
            pub fn encoded_len(&self) -> usize {
                match self {
                    #(Self::#variants(value) => ::prost::encoding::#types::encoded_len(#tags, value),)*
                }
            }
        }
    }
}
