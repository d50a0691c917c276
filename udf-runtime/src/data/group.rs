//! How Kapacitor spells a group.

/// Appends a group as Kapacitor spells it: `name\ntag=value,tag=value`. The name is included only if points are
/// grouped by it. The tags have the order of the dimensions.
///
/// A missing tag has an empty value.
pub(crate) fn spell_group<'a>(
    to: &mut String,
    name: Option<&str>,
    tags: impl IntoIterator<Item = (&'a str, &'a str)>,
) {
    to.push_str(name.unwrap_or_default());
    let mut separator = if name.is_some() { "\n" } else { "" };
    for (tag, value) in tags {
        for piece in [separator, tag, "=", value] {
            to.push_str(piece);
        }
        separator = ",";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_spelled_as_kapacitor_spells_it() {
        let tags = [("host", "a"), ("cpu", "0")];
        for (name, tags, expected) in [
            (None, &tags[..0], ""),
            (None, &tags[..1], "host=a"),
            (None, &tags[..], "host=a,cpu=0"),
            (Some("m"), &tags[..0], "m"),
            (Some("m"), &tags[..], "m\nhost=a,cpu=0"),
        ] {
            let mut group = String::new();
            spell_group(&mut group, name, tags.iter().copied());
            assert_eq!(group, expected);
        }
    }
}
