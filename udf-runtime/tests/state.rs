//! Snapshots of a UDF's state, and bytes that are not one.

use std::collections::{BTreeMap, HashMap, VecDeque};

use udf_runtime::{
    Grouped, Udf,
    line::Precision,
    prelude::*,
    state,
    state::{Envelope, StateError, StateReader, StateWriter},
    testing::Harness,
};

#[state]
#[derive(Clone, Debug, Default, PartialEq)]
struct Window {
    values: VecDeque<f64>,
    sum: f64,
    last: Option<Kind>,
}

#[state]
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Plain,
    With { text: String },
}

/// Counts.
#[udf(stream)]
struct Counter {
    #[option(default = 1)]
    step: u64,
    #[state]
    seen: u64,
    #[state(expire = "1h")]
    windows: PerGroup<Window>,
    #[skip]
    scratch: Vec<u8>,
}

impl Counter {
    fn count(&mut self, item: &impl Grouped) {
        self.seen += self.step;
        self.scratch.push(0);
        let window = self.windows.of(item);
        window.values.push_back(1.5);
        window.sum += 1.5;
        window.last = Some(match window.last {
            None => Kind::Plain,
            Some(_) => Kind::With {
                text: "again".to_owned(),
            },
        });
    }
}

impl OnPoint for Counter {
    fn on_point(&mut self, point: Point, _: &mut StreamOutput) -> Result<()> {
        self.count(&point);
        Ok(())
    }
}

/// The next version: a field has gone, one has come, one has another type.
mod next {
    use super::*;

    #[state]
    #[derive(Debug, Default, PartialEq)]
    pub(super) struct Window {
        pub(super) sum: f64,
        pub(super) of_a_later_version: u32,
    }

    #[udf(stream, name = "counter")]
    pub(super) struct Gained {
        #[state]
        pub(super) windows: PerGroup<Window>,
        #[state]
        pub(super) more: String,
    }

    impl OnPoint for Gained {
        fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> Result<()> {
            Ok(())
        }
    }

    #[udf(stream, name = "counter")]
    pub(super) struct Changed {
        #[state]
        pub(super) windows: PerGroup<Window>,
        #[state]
        pub(super) seen: String,
    }

    impl OnPoint for Changed {
        fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> Result<()> {
            Ok(())
        }
    }
}

/// A batch of a host's group at a time.
fn batch(host: &str, time: Duration) -> Batch {
    let mut batch = Batch::new("m");
    batch.set_tag("host", host);
    batch.set_tmax(i64::try_from(time.as_nanos()).expect("a time of this century"));
    batch
}

const HOUR: Duration = Duration::from_secs(3600);

/// A counter without state.
fn fresh() -> Counter {
    Counter::from_options(&[]).expect("no option has to be called")
}

/// A counter that has seen two groups.
fn counter() -> Counter {
    let mut counter = fresh();
    for batch in [batch("a", HOUR), batch("a", HOUR), batch("b", HOUR)] {
        counter.count(&batch);
    }
    counter
}

#[test]
fn a_state_comes_back_as_it_was() {
    let mut old = counter();
    let state = Udf::snapshot(&mut old).expect("a state");
    let mut new = fresh();
    Udf::restore(&mut new, &state).expect("it fits");
    assert_eq!(new.seen, 3);
    for name in ["host=a", "host=b"] {
        assert_eq!(new.windows.get(name), old.windows.get(name), "{name}");
        assert!(new.windows.get(name).is_some());
    }
    // And once more the same bytes.
    assert_eq!(Udf::snapshot(&mut new).expect("a state").len(), state.len());
}

#[test]
fn groups_expire_from_the_start_and_after_a_restore() {
    let state = Udf::snapshot(&mut counter()).expect("a state");
    let mut restored = fresh();
    Udf::restore(&mut restored, &state).expect("it fits");
    for mut counter in [counter(), restored] {
        counter.count(&batch("b", 2 * HOUR));
        assert!(counter.windows.get("host=a").is_some());
        counter.count(&batch("b", 20 * HOUR));
        counter.count(&batch("b", 40 * HOUR));
        assert!(counter.windows.get("host=a").is_none());
        assert!(counter.windows.get("host=b").is_some());
    }
}

/// Groups in every kind of place, whose expiry code sets.
#[udf(stream)]
struct Nested {
    #[state]
    optional: Option<PerGroup<u64>>,
    #[state]
    boxed: Box<PerGroup<u64>>,
    #[state]
    list: Vec<PerGroup<u64>>,
    #[state]
    queue: VecDeque<PerGroup<u64>>,
    #[state]
    array: [PerGroup<u64>; 2],
    #[state]
    ordered: BTreeMap<String, PerGroup<u64>>,
    #[state]
    map: HashMap<String, Option<PerGroup<u64>>>,
    /// Set at each use.
    #[state]
    in_groups: PerGroup<PerGroup<u64>>,
}

impl Nested {
    fn fixed(&mut self) -> impl Iterator<Item = &mut PerGroup<u64>> {
        (self.optional.iter_mut())
            .chain([&mut *self.boxed])
            .chain(&mut self.list)
            .chain(&mut self.queue)
            .chain(&mut self.array)
            .chain(self.ordered.values_mut())
            .chain(self.map.values_mut().flatten())
    }
}

impl OnPoint for Nested {
    fn on_init(&mut self, _: &Task) -> Result<()> {
        self.optional = Some(PerGroup::default());
        self.list = vec![PerGroup::default(); 2];
        self.queue = [PerGroup::default()].into();
        self.ordered = [("a".to_owned(), PerGroup::default())].into();
        self.map = [("a".to_owned(), Some(PerGroup::default()))].into();
        self.fixed().for_each(|groups| groups.expire_after(HOUR));
        Ok(())
    }

    fn on_point(&mut self, point: Point, _: &mut StreamOutput) -> Result<()> {
        for groups in self.fixed() {
            *groups.of(&point) += 1;
        }
        let groups = self.in_groups.of(&Point::new("m"));
        groups.expire_after(HOUR);
        *groups.of(&point) += 1;
        Ok(())
    }
}

#[test]
fn an_expiry_that_code_has_set_survives_a_restore_in_any_place() {
    let mut udf = Harness::<Nested>::setup()
        .group_by(["host"])
        .precision(Precision::Seconds)
        .start()
        .expect("there are no options");
    udf.lines("m,host=old v=1 0").expect("it counts");
    udf.restart().expect("it fits");
    let hosts = |udf: &mut Harness<Nested>| {
        let in_groups = udf.udf().in_groups.get("").expect("a point came").len();
        let fixed = udf.udf_mut().fixed().map(|groups| groups.len());
        fixed.chain([in_groups]).collect::<Vec<_>>()
    };
    udf.lines("m,host=new v=1 1").expect("it counts");
    assert_eq!(hosts(&mut udf), [2; 10]);
    udf.lines("m,host=new v=1 3000\nm,host=new v=1 6000\nm,host=new v=1 9000")
        .expect("it counts");
    assert_eq!(hosts(&mut udf), [1; 10]);
}

#[test]
fn fields_can_be_gained_and_lost() {
    let state = Udf::snapshot(&mut counter()).expect("a state");
    let mut new = next::Gained::from_options(&[]).expect("there are no options");
    Udf::restore(&mut new, &state).expect("it fits");
    assert_eq!(new.more, "");
    assert_eq!(
        new.windows.get("host=a"),
        Some(&next::Window {
            sum: 3.0,
            of_a_later_version: 0
        })
    );
}

#[test]
fn a_field_that_does_not_fit_is_named_and_nothing_is_changed() {
    let state = Udf::snapshot(&mut counter()).expect("a state");
    let mut new = next::Changed::from_options(&[]).expect("there are no options");
    new.seen = "untouched".to_owned();
    let error = Udf::restore(&mut new, &state).expect_err("a number is no string");
    assert_eq!(
        error.to_string(),
        "the snapshot's `seen` does not fit: expected a string, found integer `3`"
    );
    assert_eq!(new.seen, "untouched");
    // `windows` stands before `seen` and would have fitted.
    assert!(new.windows.get("host=a").is_none());
}

#[test]
fn a_udf_without_state_keeps_none() {
    #[udf(stream)]
    struct Stateless;

    impl OnPoint for Stateless {
        fn on_point(&mut self, _: Point, _: &mut StreamOutput) -> Result<()> {
            Ok(())
        }
    }

    assert!(!Stateless::spec().keeps_state);
    assert!(Counter::spec().keeps_state);
    assert!(
        Udf::snapshot(&mut Stateless)
            .expect("nothing to do")
            .is_empty()
    );
    Udf::restore(&mut Stateless, &[]).expect("nothing to do");
    // Of a version that kept one.
    let state = Udf::snapshot(&mut counter()).expect("a state");
    Udf::restore(&mut Stateless, &state).expect("every field can be lost");
}

#[test]
fn custom_state_is_kept_as_its_author_encodes_it() {
    #[udf(batch, custom_state)]
    struct Own {
        #[skip]
        kept: Vec<u8>,
    }

    impl OnBatch for Own {
        fn on_batch(&mut self, _: Batch, _: &mut BatchOutput) -> Result<()> {
            Ok(())
        }
    }

    impl CustomState for Own {
        fn snapshot(&self) -> Result<Vec<u8>> {
            Ok(self.kept.clone())
        }

        fn restore(&mut self, state: &[u8]) -> Result<()> {
            std::str::from_utf8(state)?;
            self.kept = state.to_vec();
            Ok(())
        }
    }

    let mut own = Own {
        kept: b"mine".to_vec(),
    };
    assert!(Own::spec().keeps_state);
    assert_eq!(Udf::snapshot(&mut own).expect("bytes"), b"mine");
    Udf::restore(&mut own, b"other").expect("text");
    assert_eq!(own.kept, b"other");
    let error = Udf::restore(&mut own, &[0xff]).expect_err("no text");
    assert!(error.to_string().starts_with("invalid utf-8"), "{error}");
}

#[test]
fn an_envelope_says_whose_snapshot_it_is() {
    let wrap = |udf, version, state| {
        Envelope {
            udf,
            version,
            state,
        }
        .wrap()
    };
    let snapshot = wrap("counter", 2, b"state");
    let open = |udf, version| {
        let opened = Envelope::unwrap(&snapshot).and_then(|it| it.open(udf, version));
        opened.map_err(|error| error.to_string())
    };
    assert_eq!(open("counter", 2), Ok(&b"state"[..]));
    assert_eq!(
        open("other", 2),
        Err("expected a snapshot of the UDF \"other\", found one of \"counter\"".to_owned())
    );
    assert_eq!(
        open("counter", 3),
        Err("expected version 3 of the state, found version 2".to_owned())
    );
    for garbage in [
        &b""[..],
        b"garbage",
        b"\x80",
        b"{\"json\": 1}",
        &[0xc1],
        &[0xff; 64],
    ] {
        let error = Envelope::unwrap(garbage).expect_err("garbage");
        assert!(matches!(error, StateError::NotASnapshot { .. }));
        let found = match garbage.len() {
            0 => "nothing".to_owned(),
            1 => "1 byte of something else".to_owned(),
            length => format!("{length} bytes of something else"),
        };
        assert_eq!(
            error.to_string(),
            format!("expected a snapshot of this SDK, found {found}")
        );
    }
}

#[test]
fn bytes_behind_a_snapshot_are_refused() {
    let state = Udf::snapshot(&mut counter()).expect("a state");
    let snapshot = Envelope {
        udf: "counter",
        version: 1,
        state: &state,
    }
    .wrap();
    for byte in 0..=u8::MAX {
        let behind = |bytes: &[u8]| [bytes, &[byte]].concat();
        assert!(Envelope::unwrap(&behind(&snapshot)).is_err(), "{byte:#x}");
        assert!(StateReader::new(&behind(&state)).is_err(), "{byte:#x}");
        // A field's bytes, 7 and one more.
        let field = [&b"\x81\xa4seen\xc4\x02\x07"[..], &[byte]].concat();
        let mut reader = StateReader::new(&field).expect("the map itself is right");
        assert!(reader.field::<u64>("seen").is_err(), "{byte:#x}");
    }
}

#[test]
fn a_snapshot_that_is_cut_or_changed_does_no_harm() {
    let state = Udf::snapshot(&mut counter()).expect("a state");
    let snapshot = Envelope {
        udf: "counter",
        version: 1,
        state: &state,
    }
    .wrap();
    let mut counter = fresh();
    for end in 0..snapshot.len() {
        assert!(Envelope::unwrap(&snapshot[..end]).is_err(), "cut at {end}");
    }
    for end in 1..state.len() {
        assert!(
            Udf::restore(&mut counter, &state[..end]).is_err(),
            "cut at {end}"
        );
        assert_eq!(counter.seen, 0, "cut at {end}");
    }
    for at in 0..state.len() {
        for flip in [0x01, 0x10, 0x80, 0xff] {
            let mut bent = state.clone();
            bent[at] ^= flip;
            // Either way; that there is an answer is all that is asked for.
            let _ = Udf::restore(&mut counter, &bent);
        }
    }
}

#[test]
fn sizes_that_a_snapshot_claims_are_not_believed() {
    // Each claims four thousand million elements, bytes or pairs, and holds none of them.
    for claim in [0xdd_u8, 0xc6, 0xdb, 0xdf, 0xc9] {
        let mut value = vec![claim];
        value.extend([0xff; 4]);
        assert!(Envelope::unwrap(&value).is_err());
        assert!(StateReader::new(&value).is_err());
        let mut state = b"\x81\xa4seen\xc4\x05".to_vec();
        state.extend(&value);
        let reader = || StateReader::new(&state).expect("the map itself is right");
        assert!(reader().field::<Vec<[u64; 16]>>("seen").is_err());
        assert!(reader().field::<HashMap<String, u64>>("seen").is_err());
        assert!(reader().field::<String>("seen").is_err());
    }
    // A value in a value in a value does not use up the stack.
    let deep = vec![0x91; 100_000];
    assert!(Envelope::unwrap(&deep).is_err());
    assert!(StateReader::new(&deep).is_err());
}

#[test]
fn a_value_that_cannot_be_kept_is_named() {
    struct Stubborn;

    impl udf_runtime::__private::serde::Serialize for Stubborn {
        fn serialize<S: udf_runtime::__private::serde::Serializer>(
            &self,
            _: S,
        ) -> Result<S::Ok, S::Error> {
            Err(udf_runtime::__private::serde::ser::Error::custom(
                "it refuses",
            ))
        }
    }

    let error = StateWriter::new()
        .field("stubborn", &Stubborn)
        .expect_err("it refuses");
    let error = udf_runtime::Error::new(error);
    assert_eq!(
        error.to_string(),
        "`stubborn` cannot be kept in a snapshot: it refuses"
    );
}
