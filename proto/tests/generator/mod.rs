//! Replaces prost's derives by impls, so that no build of a UDF needs the derives. Takes prost-build's
//! types and returns the same types with their impls.

#![expect(
    clippy::panic,
    reason = "udf.proto may use features that the generator does not know"
)]

mod codec;
mod enumeration;
mod field;
mod message;
mod oneof;

use std::mem;

use syn::punctuated::Punctuated;
use syn::{Attribute, File, Item, Path, Token, parse_quote};

/// The types of prost-build's output, with impls in place of prost's derives.
pub(crate) fn without_derives(derived: &str) -> String {
    let mut file = syn::parse_file(derived).expect("prost-build writes Rust");
    write_out(&mut file.items);
    let header = "// Generated from udf.proto by `UPDATE=1 cargo test -p udf-runtime-proto`.\n";
    header.to_owned() + &prettyplease::unparse(&file)
}

fn write_out(items: &mut Vec<Item>) {
    for mut item in mem::take(items) {
        let impls: File = match &mut item {
            Item::Mod(module) => {
                let (_, inner) = module.content.as_mut().expect("all is in one file");
                write_out(inner);
                parse_quote!()
            }
            Item::Struct(message) => message::write_out(message),
            Item::Enum(oneof) if oneof.variants.iter().all(|it| it.fields.len() == 1) => {
                oneof::write_out(oneof)
            }
            Item::Enum(enumeration) => enumeration::write_out(enumeration),
            _ => parse_quote!(),
        };
        items.push(item);
        items.extend(impls.items);
    }
}

/// Replaces prost's derives by those of the standard library.
fn replace_derive(attributes: &mut [Attribute], plain: &[Path]) {
    let derive = attributes
        .iter_mut()
        .find(|attribute| attribute.path().is_ident("derive"))
        .expect("each of prost-build's types derives");
    let mut derives: Vec<Path> = derive
        .parse_args_with(Punctuated::<_, Token![,]>::parse_terminated)
        .expect("a list of paths")
        .into_iter()
        .collect();
    derives.retain(|path| path.segments[0].ident != "prost");
    derives.extend_from_slice(plain);
    *derive = parse_quote!(#[derive(#(#derives),*)]);
}
