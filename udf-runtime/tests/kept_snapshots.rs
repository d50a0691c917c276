//! Snapshots of released versions, kept as files, are restored for ever.
//!
//! A new version adds a file: `cargo test -p udf-runtime --test kept_snapshots -- --ignored` writes the
//! one of the version in Cargo.toml. A file that was released never changes.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use udf_runtime::{Udf, prelude::*, state, state::Envelope};

/// Has state of every kind.
#[udf(stream, state_version = 3)]
struct Keeper {
    #[state]
    count: u64,
    #[state]
    balance: i64,
    #[state]
    mean: f64,
    #[state]
    text: String,
    #[state]
    flags: (bool, Option<bool>, Option<u8>),
    #[state]
    period: Duration,
    #[state]
    by_name: BTreeMap<String, Vec<i32>>,
    #[state]
    by_number: HashMap<u32, String>,
    #[state]
    groups: PerGroup<Window>,
}

#[state]
#[derive(Clone, Debug, Default, PartialEq)]
struct Window {
    values: VecDeque<f64>,
    last: Option<Event>,
    pair: Pair,
}

#[state]
#[derive(Clone, Debug, Default, PartialEq)]
struct Pair(u8, String);

#[state]
#[derive(Clone, Debug, PartialEq)]
enum Event {
    Begin,
    Value(f64),
    Change { from: i32, to: i32 },
}

impl OnPoint for Keeper {
    fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> Result<()> {
        Ok(())
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots")
}

fn new() -> Keeper {
    Keeper::from_options(&[]).expect("there are no options")
}

/// The windows of the groups that the files have.
fn windows() -> [(&'static str, Window); 3] {
    let window = |last, values: &[f64]| Window {
        values: values.iter().copied().collect(),
        last: Some(last),
        pair: Pair(7, "seven".to_owned()),
    };
    [
        ("a", window(Event::Begin, &[])),
        ("b", window(Event::Value(0.5), &[1.0, -2.5])),
        (
            "c",
            window(
                Event::Change {
                    from: -1,
                    to: 70_000,
                },
                &[1e300],
            ),
        ),
    ]
}

fn filled() -> Keeper {
    let mut keeper = new();
    keeper.count = u64::MAX;
    keeper.balance = i64::MIN;
    keeper.mean = 0.1;
    keeper.text = "Grüße\n".to_owned();
    keeper.flags = (true, None, Some(200));
    keeper.period = Duration::new(90, 5);
    keeper.by_name = [("x".to_owned(), vec![1, -2, 3])].into();
    keeper.by_number = [(7, "seven".to_owned())].into();
    for (host, window) in windows() {
        let mut batch = Batch::new("m");
        batch.set_tag("host", host);
        *keeper.groups.of(&batch) = window;
    }
    keeper
}

#[test]
fn every_kept_snapshot_is_restored() {
    let files: Vec<_> = fs::read_dir(folder())
        .expect("the folder is there")
        .map(|file| file.expect("it can be listed").path())
        .collect();
    assert!(!files.is_empty());
    for file in files {
        let snapshot = fs::read(&file).expect("it can be read");
        let envelope = Envelope::unwrap(&snapshot).expect("it is a snapshot");
        let state = envelope.open("keeper", 3).expect("it is the keeper's");
        let mut keeper = new();
        Udf::restore(&mut keeper, state).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        let expected = filled();
        assert_eq!(keeper.count, expected.count, "{file:?}");
        assert_eq!(keeper.balance, expected.balance, "{file:?}");
        assert_eq!(keeper.mean, expected.mean, "{file:?}");
        assert_eq!(keeper.text, expected.text, "{file:?}");
        assert_eq!(keeper.flags, expected.flags, "{file:?}");
        assert_eq!(keeper.period, expected.period, "{file:?}");
        assert_eq!(keeper.by_name, expected.by_name, "{file:?}");
        assert_eq!(keeper.by_number, expected.by_number, "{file:?}");
        assert_eq!(keeper.groups, expected.groups, "{file:?}");
    }
}

#[test]
#[ignore = "writes the file of a new version"]
fn write_the_snapshot_of_this_version() {
    let state = Udf::snapshot(&mut filled()).expect("a state");
    let spec = Keeper::spec();
    let snapshot = Envelope {
        udf: spec.name,
        version: spec.state_version,
        state: &state,
    }
    .wrap();
    let file = folder().join(format!("{}.snapshot", env!("CARGO_PKG_VERSION")));
    assert!(!file.exists(), "{file:?} is kept already");
    fs::write(file, snapshot).expect("it can be written");
}
