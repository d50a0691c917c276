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
