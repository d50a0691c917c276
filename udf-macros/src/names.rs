//! Names: of UDFs, options and choices; and which one was probably meant.

use syn::{Ident, ext::IdentExt as _};

/// What TICKscript reads as something else than a name.
const RESERVED: [&str; 7] = ["AND", "OR", "TRUE", "FALSE", "var", "dbrp", "lambda"];

/// Why TICKscript cannot write this name, if it cannot.
pub(crate) fn unwritable(name: &str) -> Option<String> {
    if RESERVED.contains(&name) {
        return Some(format!(
            "`{name}` is a word of TICKscript's own; it cannot be a name, nor can {}",
            list(RESERVED.iter().filter(|word| **word != name))
        ));
    }
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !plain || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some(format!(
            "TICKscript cannot write the name `{name}`; it may have letters, digits and `_`, and \
             starts with a letter"
        ));
    }
    None
}

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

/// "; did you mean `x`?", where one of the names is near to the given one.
pub(crate) fn did_you_mean<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let given = given.to_lowercase();
    let near = names
        .into_iter()
        .map(|name| (distance(&given, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len().min(given.len()) / 4)
        .min_by_key(|(distance, _)| *distance);
    near.map(|(_, name)| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

/// Number of characters to insert, delete, replace or swap with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use udf_runtime::options::{Declared, Reader};

    use super::*;

    #[test]
    fn words_are_told_apart() {
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

    #[test]
    fn names_that_tickscript_cannot_write_are_known() {
        for name in ["field", "as", "p99", "true", "Var", "a_b"] {
            assert_eq!(unwritable(name), None);
        }
        for name in ["", "_a", "9a", "a-b", "größe", "TRUE", "var", "lambda"] {
            assert!(unwritable(name).is_some(), "{name}");
        }
    }

    #[test]
    fn slips_find_their_name() {
        let names = ["default", "name", "range"];
        assert_eq!(did_you_mean("defualt", names), "; did you mean `default`?");
        assert_eq!(did_you_mean("Name", names), "; did you mean `name`?");
        assert_eq!(did_you_mean("colour", names), "");
    }

    #[test]
    fn the_same_names_are_meant_as_where_a_udf_is_used() {
        let names = ["field", "size", "as", "percentile"];
        let told_by_the_runtime = |given: &str| {
            let call = udf_runtime::proto::Option {
                name: given.to_owned(),
                ..Default::default()
            };
            let options = |reader: &mut Reader<'_>| {
                for name in names {
                    reader.option(Declared::<Option<bool>, _>::new(name, ""));
                }
                Some(())
            };
            Reader::read(&[call], options).unwrap_err().to_string()
        };
        for given in [
            "sise",
            "feild",
            "Size",
            "az",
            "sa",
            "s",
            "fie",
            "persentiel",
            "precentil",
            "percent",
            "window",
            "scale",
            "perc",
            "",
        ] {
            let meant = did_you_mean(given, names).replace('`', "\"");
            let told = told_by_the_runtime(given);
            assert_eq!(told.contains("did you mean"), !meant.is_empty(), "{told}");
            assert!(told.contains(&meant), "{meant} {told}");
        }
    }
}
