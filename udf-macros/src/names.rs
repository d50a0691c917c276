//! Names of UDFs, options and choices, and how messages list them.

use syn::{Ident, ext::IdentExt as _};
use udf_tickscript::nearest;

/// A name without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// `MovingAvg` as `moving_avg`, `HTTPStatus` as `http_status`.
pub(crate) fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(i + 1);
        let starts_word = c.is_uppercase()
            && before.is_some_and(|before| {
                // The last capital of several belongs to the word that follows them.
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        if starts_word {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

/// The names between backticks: "`a`, `b` and `c`".
pub(crate) fn list<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names
        .into_iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    match &*names {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [names @ .., last] => format!("{} and {last}", names.join(", ")),
    }
}

/// "did you mean `x`?", where one of the names is near to the given one.
pub(crate) fn did_you_mean<'a>(
    given: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(given, names).map(|name| format!("did you mean `{name}`?"))
}

/// `moving_avg` as `movingAvg`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut starts_word = false;
    for c in name.chars() {
        if c == '_' {
            starts_word = !camel.is_empty();
        } else if starts_word {
            camel.extend(c.to_uppercase());
            starts_word = false;
        } else {
            camel.push(c);
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camel_case_joins_the_words() {
        for (snake, camel) in [
            ("size", "size"),
            ("moving_avg", "movingAvg"),
            ("p_99", "p99"),
            ("_field", "field"),
        ] {
            assert_eq!(camel_case(snake), camel);
        }
    }

    #[test]
    fn snake_case_separates_the_words() {
        for (camel, snake) in [
            ("Mirror", "mirror"),
            ("MovingAvg", "moving_avg"),
            ("HTTPStatus", "http_status"),
            ("P99", "p99"),
            ("P99Latency", "p99_latency"),
            ("already_snake", "already_snake"),
        ] {
            assert_eq!(snake_case(camel), snake);
        }
    }
}
