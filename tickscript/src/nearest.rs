//! Which name was probably meant.

/// Bytes of a name that is looked up. A longer one is not a typing error.
const LONGEST: usize = 64;

/// The name that is nearest to `given`, if it is near enough to be a typing error.
///
/// ```
/// use udf_tickscript::nearest;
///
/// assert_eq!(nearest("sise", ["field", "size"]), Some("size"));
/// assert_eq!(nearest("window", ["field", "size"]), None);
/// ```
pub fn nearest<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if given.len() > LONGEST {
        return None;
    }
    let given = given.to_lowercase();
    names
        .into_iter()
        .map(|name| (distance(&given, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= 1 + name.len().min(given.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Number of characters to insert, delete, replace or swap with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    // Three rows of the Damerau-Levenshtein matrix: a swap looks two rows back.
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
    use super::*;

    #[test]
    fn typing_errors_find_their_name() {
        let names = ["field", "size", "as", "percentile", "Default"];
        for (given, name) in [
            ("sise", "size"),
            ("feild", "field"),
            ("Size", "size"),
            ("az", "as"),
            ("precentil", "percentile"),
            ("defualt", "Default"),
        ] {
            assert_eq!(nearest(given, names), Some(name), "{given}");
        }
    }

    #[test]
    fn other_words_find_no_name() {
        let names = ["field", "size", "as"];
        for given in ["", "window", "scale", &"size".repeat(100)] {
            assert_eq!(nearest(given, names), None, "{given}");
        }
    }
}
