//! The options as a table in the struct's documentation.

use std::fmt::Write as _;

use quote::ToTokens as _;
use syn::{ItemStruct, parse_quote};

use super::{
    definition::{Definition, Field, OptionField},
    literal,
};

/// Adds the table to the struct's doc comment.
pub(crate) fn add(item: &mut ItemStruct, definition: &Definition) {
    let mut table = String::new();
    for (field, option) in definition.options() {
        let [name, types, default, about] = row(field, option).map(|cell| cell.replace('|', "\\|"));
        // Writing to a `String` cannot fail.
        let _ = writeln!(table, " | `{name}` | {types} | {default} | {about} |");
    }
    if !table.is_empty() {
        let head =
            "\n # Options\n\n | option | type | default | what it is |\n |---|---|---|---|\n";
        let docs = format!("{head}{table}");
        item.attrs.push(parse_quote!(#[doc = #docs]));
    }
}

fn row(field: &Field, option: &OptionField) -> [String; 4] {
    let types = if option.flag.is_some() {
        "flag".to_owned()
    } else {
        match option.field_type.tick_types() {
            Some(types) => types.join(", "),
            // Only the compiler knows: the type as it was written.
            None => format!(
                "`{}`",
                field.ty.to_token_stream().to_string().replace(' ', "")
            ),
        }
    };
    let default = match &option.default {
        Some(default) => format!("`{}`", literal::tick(default, &option.field_type)),
        None => String::new(),
    };
    let mut about = option.docs.replace("\n\n", "<br>").replace('\n', " ");
    if let Some(range) = &option.range {
        let range = range.tokens.to_string().replace(' ', "");
        let separator = if about.is_empty() { "" } else { " " };
        let _ = write!(about, "{separator}(`{range}`)");
    }
    [option.name.text.clone(), types, default, about]
}

#[cfg(test)]
mod tests {
    use quote::quote;

    #[test]
    fn every_option_has_a_row() {
        let code = super::super::expand(
            quote!(stream),
            quote! {
                /// What it does.
                struct Example {
                    /// First
                    /// lines | and a bar.
                    ///
                    /// More.
                    field: String,
                    #[option(default = "it's", name = "as")]
                    name: String,
                    #[option(default = 2, range = 0..=10)]
                    scale: f64,
                    #[option(default = "1h", range = "1s"..)]
                    every: Duration,
                    #[option(default = Side::Left)]
                    side: Side,
                    pairs: Vec<(String, u32)>,
                    /// Says more.
                    #[option(flag)]
                    verbose: bool,
                    #[state]
                    state: u64,
                }
            },
        );
        let file: syn::File = syn::parse2(code).expect("the code is code");
        let syn::Item::Struct(item) = &file.items[0] else {
            panic!("the struct stands first")
        };
        assert_eq!(
            crate::docs::text(&item.attrs),
            "\
What it does.

# Options

| option | type | default | what it is |
|---|---|---|---|
| `field` | STRING |  | First lines \\| and a bar.<br>More. |
| `as` | STRING | `'it\\'s'` |  |
| `scale` | DOUBLE | `2.0` | (`0..=10`) |
| `every` | DURATION | `1h` | (`\"1s\"..`) |
| `side` | `Side` | `'left'` |  |
| `pairs` | STRING, INT |  |  |
| `verbose` | flag |  | Says more. |"
        );
        assert!(
            item.fields
                .iter()
                .all(|field| field.attrs.iter().all(|it| it.path().is_ident("doc")))
        );
    }
}
