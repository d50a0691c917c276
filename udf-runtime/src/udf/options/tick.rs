//! TICKscript's types and values, as messages show them.

use std::fmt;

use udf_proto::ValueType;

/// A string literal. A long one is cut.
pub(super) fn show_string(text: &str) -> String {
    udf_tickscript::show_string(&clip(text))
}

/// The strings that are allowed, in words.
pub(super) fn one_of(choices: &[&str]) -> String {
    let choices: Vec<_> = choices.iter().map(|text| show_string(text)).collect();
    format!("one of {}", choices.join(", "))
}

/// The name of a type.
pub(super) fn type_name(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::Bool => "BOOL",
        ValueType::Int => "INT",
        ValueType::Double => "DOUBLE",
        ValueType::String => "STRING",
        ValueType::Duration => "DURATION",
    }
}

/// The name of a type with its article.
pub(super) fn a_type(value_type: ValueType) -> impl fmt::Display {
    let article = if value_type == ValueType::Int {
        "an"
    } else {
        "a"
    };
    format!("{article} {}", type_name(value_type))
}

/// Cuts a text from outside to a length that a message can hold.
pub(super) fn clip(text: &str) -> String {
    const LENGTH: usize = 80;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let clipped = clip(&"é".repeat(200));
        assert_eq!(clipped, "é".repeat(80) + "…");
    }
}
