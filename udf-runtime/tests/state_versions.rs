//! State from one version of a UDF's code to the next.

use std::collections::BTreeMap;

use udf_runtime::{
    Udf,
    prelude::*,
    state,
    state::{OldState, StateReader},
};

/// What each version does with a point: nothing.
macro_rules! idle {
    ($($udf:ty),*) => {$(
        impl OnPoint for $udf {
            fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> Result<()> {
                Ok(())
            }
        }
    )*};
}

/// The first version.
mod first {
    use super::*;

    #[state]
    #[derive(Default)]
    pub(super) struct Window {
        pub(super) values: Vec<f64>,
        pub(super) kind: Kind,
        pub(super) gone: String,
    }

    #[state]
    #[derive(Default)]
    pub(super) enum Kind {
        #[default]
        Plain,
        With {
            text: String,
        },
    }

    #[udf(stream, name = "windows")]
    pub(super) struct Windows {
        #[state]
        pub(super) total: u64,
        #[state]
        pub(super) windows: PerGroup<Window>,
        #[state]
        pub(super) dropped: Vec<u32>,
    }

    idle!(Windows);
}

/// The second version: all names are new, and some fields are gone.
mod second {
    use super::*;

    #[state]
    #[derive(Debug, Default, PartialEq)]
    pub(super) struct Window {
        #[state(was = "values")]
        pub(super) samples: Vec<f64>,
        #[state(was = "kind")]
        pub(super) sort: Sort,
    }

    #[state]
    #[derive(Debug, Default, PartialEq)]
    pub(super) enum Sort {
        #[state(was = "Plain")]
        #[default]
        Simple,
        #[state(was = "With")]
        Labelled {
            #[state(was = "text")]
            label: String,
        },
    }

    #[udf(stream, name = "windows")]
    pub(super) struct Windows {
        #[state(was = "total")]
        pub(super) count: u64,
        #[state(was = "windows")]
        pub(super) groups: PerGroup<Window>,
    }

    idle!(Windows);
}

/// A version whose values have other types.
mod other_types {
    use super::*;

    #[state]
    #[derive(Default)]
    pub(super) struct Window {
        pub(super) values: Vec<Inner>,
    }

    #[state]
    #[derive(Default)]
    pub(super) struct Inner {
        pub(super) count: u64,
    }

    #[udf(stream, name = "windows")]
    pub(super) struct Windows {
        #[state]
        pub(super) windows: PerGroup<Window>,
    }

    idle!(Windows);
}

fn made<U: Udf>() -> U {
    U::from_options(&[]).expect("no option has to be called")
}

/// A batch of the group of a host.
fn of_host(host: &str) -> Batch {
    let mut batch = Batch::new("cpu");
    batch.set_tag("host", host);
    batch
}

/// The state of the first version, of two groups.
fn state_of_first() -> Vec<u8> {
    let mut first: first::Windows = made();
    first.total = 5;
    for (host, values) in [("a", vec![1.0, 2.0]), ("b", vec![3.0])] {
        *first.windows.of(&of_host(host)) = first::Window {
            values,
            kind: first::Kind::With {
                text: host.to_owned(),
            },
            gone: "gone".to_owned(),
        };
    }
    first.dropped = vec![1];
    Udf::snapshot(&mut first).expect("a state")
}

#[test]
fn renamed_fields_and_variants_keep_their_values() {
    let mut second: second::Windows = made();
    Udf::restore(&mut second, &state_of_first()).expect("all names are known");
    assert_eq!(second.count, 5);
    let labelled = |label: &str| second::Sort::Labelled {
        label: label.to_owned(),
    };
    assert_eq!(
        second.groups.get("host=a"),
        Some(&second::Window {
            samples: vec![1.0, 2.0],
            sort: labelled("a"),
        })
    );
    // And from then on by their new names.
    let state = Udf::snapshot(&mut second).expect("a state");
    let mut third: second::Windows = made();
    Udf::restore(&mut third, &state).expect("it is of the same version");
    assert_eq!(third.groups, second.groups);
    assert_eq!(third.count, 5);
}

#[test]
fn fields_that_no_field_takes_are_named_once() {
    let state = state_of_first();
    let mut reader = StateReader::new(&state).expect("fields");
    assert_eq!(reader.unread(), ["dropped", "total", "windows"]);
    let groups: PerGroup<second::Window> = reader
        .field("windows")
        .expect("it fits")
        .expect("it is there");
    assert_eq!(groups.len(), 2);
    assert_eq!(reader.unread(), ["dropped", "total", "windows[…].gone"]);
    assert_eq!(reader.field::<u64>("windows"), Ok(None));
}

#[test]
fn a_value_that_does_not_fit_is_named_with_its_whole_path() {
    let mut other: other_types::Windows = made();
    let error = Udf::restore(&mut other, &state_of_first()).expect_err("numbers are no structs");
    let error = error.to_string();
    let paths =
        ["a", "b"].map(|host| format!("the snapshot's `windows[\"host={host}\"].values[0]` "));
    assert!(paths.iter().any(|path| error.starts_with(path)), "{error}");
    assert!(
        error.ends_with("expected struct Inner, found floating point `1.0`")
            || error.ends_with("expected struct Inner, found floating point `3.0`"),
        "{error}"
    );
}

#[test]
fn an_older_state_is_read_as_a_struct_or_field_by_field() {
    #[state]
    #[derive(Debug, Default, PartialEq)]
    struct Old {
        total: u64,
        dropped: Vec<u32>,
        of_no_version: String,
    }

    let state = state_of_first();
    let old = OldState::new(&state);
    assert_eq!(
        old.read::<Old>().expect("it fits"),
        Old {
            total: 5,
            dropped: vec![1],
            of_no_version: String::new(),
        }
    );
    assert_eq!(old.field::<u64>("total"), Ok(5));
    let text =
        |error: Result<String, udf_runtime::state::StateError>| error.unwrap_err().to_string();
    assert_eq!(
        text(old.field("count")),
        "the snapshot has no field `count`"
    );
    assert_eq!(
        text(old.field("total")),
        "the snapshot's `total` does not fit: expected a string, found integer `5`"
    );
    let error = old
        .read::<BTreeMap<String, Vec<u32>>>()
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "the snapshot's `total` does not fit: expected a sequence, found integer `5`"
    );
    assert_eq!(OldState::new(b"garbage").bytes(), b"garbage");
    assert!(OldState::new(b"garbage").read::<Old>().is_err());
}

#[test]
fn settings_of_groups_survive_a_restore() {
    #[state]
    #[derive(Default)]
    struct Inner {
        groups: PerGroup<u64>,
    }

    #[udf(stream)]
    struct Expiring {
        #[option(default = "1h")]
        keep: Duration,
        #[state(expire = keep)]
        by_option: PerGroup<u64>,
        #[state]
        by_code: PerGroup<u64>,
        #[state]
        inner: Inner,
    }

    idle!(Expiring);

    let new = || {
        let mut udf: Expiring = made();
        // As `on_init` would.
        udf.by_code.expire_after(udf.keep);
        udf.inner.groups.expire_after(udf.keep);
        udf
    };
    let mut old = new();
    for groups in [&mut old.by_option, &mut old.by_code, &mut old.inner.groups] {
        *groups.of(&of_host("a")) += 1;
    }
    let state = Udf::snapshot(&mut old).expect("a state");
    let mut restored = new();
    Udf::restore(&mut restored, &state).expect("it fits");
    for groups in [
        &mut restored.by_option,
        &mut restored.by_code,
        &mut restored.inner.groups,
    ] {
        assert!(groups.get("host=a").is_some());
        for hour in [1, 20, 40] {
            let mut batch = of_host("b");
            batch.set_tmax(hour * 3_600_000_000_000);
            *groups.of(&batch) += 1;
        }
        assert!(groups.get("host=a").is_none());
        assert!(groups.get("host=b").is_some());
    }
}

#[test]
fn a_state_that_is_nested_deeply_comes_back() {
    #[state]
    #[derive(Default)]
    struct Node {
        next: Option<Box<Node>>,
    }

    #[udf(stream)]
    struct Deep {
        #[state]
        node: Node,
    }

    idle!(Deep);

    let mut deep: Deep = made();
    for _ in 0..200 {
        let next = std::mem::take(&mut deep.node);
        deep.node.next = Some(Box::new(next));
    }
    let state = Udf::snapshot(&mut deep).expect("a state");
    let mut restored: Deep = made();
    Udf::restore(&mut restored, &state).expect("it fits");
    let mut depth = 0;
    let mut node = &restored.node;
    while let Some(next) = &node.next {
        depth += 1;
        node = next;
    }
    assert_eq!(depth, 200);

    // What could not be restored is not kept.
    for _ in 0..100 {
        let next = std::mem::take(&mut deep.node);
        deep.node.next = Some(Box::new(next));
    }
    let error = Udf::snapshot(&mut deep).expect_err("it is nested too deeply");
    assert_eq!(
        error.to_string(),
        "`node` cannot be kept in a snapshot: it is nested too deeply"
    );

    // What is nested deeper than any state is refused, and does not use up the stack.
    let mut endless = b"\x81\xa4next".repeat(100_000);
    endless.push(0xc0);
    let length = u32::try_from(endless.len()).expect("it is not that long");
    let mut state = b"\x81\xa4node\xc6".to_vec();
    state.extend(length.to_be_bytes());
    state.extend(endless);
    let error = Udf::restore(&mut restored, &state).expect_err("it is nested too deeply");
    let error = error.to_string();
    let (path, reason) = error.split_once('…').expect("the path is cut");
    assert!(
        path.starts_with("the snapshot's `node.next.next."),
        "{path}"
    );
    assert!(path.len() < 500, "{path}");
    assert_eq!(reason, "` does not fit: it is nested too deeply");
}
