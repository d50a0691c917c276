//! Literals: strings and doubles.

/// A string literal, in single quotes.
///
/// ```
/// assert_eq!(udf_tickscript::show_string("it's"), r"'it\'s'");
/// ```
#[must_use]
pub fn show_string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "\\'"))
}

/// A DOUBLE literal. Its dot keeps TICKscript from reading an INT.
///
/// ```
/// assert_eq!(udf_tickscript::show_double(2.0), "2.0");
/// ```
#[must_use]
pub fn show_double(number: f64) -> String {
    let text = number.to_string();
    if number.is_finite() && !text.contains('.') {
        text + ".0"
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_always_have_a_dot() {
        assert_eq!(show_double(-0.5), "-0.5");
        assert_eq!(show_double(-3.0), "-3.0");
        assert_eq!(show_double(1e20), "100000000000000000000.0");
        assert_eq!(show_double(f64::NAN), "NaN");
    }
}
