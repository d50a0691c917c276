//! Parses the `#[prost(…)]` attribute of a field or of a oneof's variant.

use syn::{Attribute, Ident, LitInt, LitStr, Path};

pub(super) struct Field {
    pub(super) name: Ident,
    /// One number, or several for a oneof.
    pub(super) tags: Vec<LitInt>,
    pub(super) kind: Kind,
}

/// The kinds of fields in udf.proto. A type is the name of prost's module for it.
pub(super) enum Kind {
    One(Ident),
    Repeated(Ident),
    Enumeration(Path),
    Enumerations(Path),
    Map(Ident, Ident),
    Oneof(Path),
}

impl Field {
    /// Removes and parses the attribute.
    pub(super) fn take(name: &Ident, attributes: &mut Vec<Attribute>) -> Self {
        let mut tags = Vec::new();
        let mut words = Vec::new();
        for attribute in attributes.extract_if(.., |it| it.path().is_ident("prost")) {
            let read = attribute.parse_nested_meta(|meta| {
                let word = meta.path.require_ident()?.to_string();
                let value = match meta.value() {
                    Ok(value) => value.parse::<LitStr>()?.value(),
                    Err(_) => String::new(),
                };
                if word == "tag" || word == "tags" {
                    tags = value.split(", ").map(parse).collect();
                } else {
                    words.push((word, value));
                }
                Ok(())
            });
            read.expect("words, some with a value");
        }
        let words: Vec<_> = words
            .iter()
            .map(|(word, value)| (&word[..], &value[..]))
            .collect();
        let kind = match words[..] {
            [("oneof", oneof)] => Kind::Oneof(parse(oneof)),
            [("btree_map", types)] => {
                let (key, value) = types.split_once(", ").expect("a key and a value");
                Kind::Map(parse(key), parse(value))
            }
            [("enumeration", name)] => Kind::Enumeration(parse(name)),
            [("enumeration", name), ("repeated", "")] => Kind::Enumerations(parse(name)),
            // Numbers would be packed.
            [(name @ ("string" | "message"), ""), ("repeated", "")] => Kind::Repeated(parse(name)),
            [(name @ ("bool" | "double" | "int64" | "message" | "string"), "")]
            | [(name @ "bytes", "vec")] => Kind::One(parse(name)),
            _ => panic!("the generator does not know fields like {name}: {words:?}"),
        };
        let name = name.clone();
        Self { name, tags, kind }
    }

    /// The number by which a message orders its fields.
    pub(super) fn lowest_tag(&self) -> u32 {
        let tags = self.tags.iter().map(|tag| tag.base10_parse());
        tags.map(|tag| tag.expect("a number")).min().expect("a tag")
    }
}

fn parse<T: syn::parse::Parse>(text: &str) -> T {
    syn::parse_str(text).unwrap_or_else(|_| panic!("the generator does not know `{text}`"))
}
