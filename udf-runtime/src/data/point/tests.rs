//! Points against prost's reading of the same bytes: the oracle of everything in here.

use std::cell::Cell;
use std::time::{Duration, UNIX_EPOCH};

use proptest::collection::vec;
use proptest::prelude::*;
use udf_proto::{self as proto, prost::Message as _};

use super::{FieldValue, Point};

/// A piece of a message: mostly fields of a point, in all the ways in which protobuf lets one
/// write them, and some that it does not.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        4 => "[a-c]{0,2}".prop_map(String::into_bytes),
        1 => any::<String>().prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..20),
        // About as long as what is looked at in one go.
        1 => "[a-z]{12,20}".prop_map(String::into_bytes),
        1 => "[a-z]{28,36}".prop_map(String::into_bytes),
        1 => "[a-zé]{6,33}".prop_map(String::into_bytes),
        1 => "[a-z]{120,300}".prop_map(String::into_bytes),
    ];
    let varint = prop_oneof![
        any::<u64>().prop_map(|value| {
            let mut bytes = Vec::new();
            crate::protocol::varint::write(value, &mut bytes);
            bytes
        }),
        // Longer than it has to be, or too long.
        vec(0x80_u8..=0xff, 0..11).prop_map(|mut bytes| {
            bytes.push(1);
            bytes
        }),
    ];
    let part = |key: u8, body: Vec<u8>| {
        let mut bytes = vec![key];
        crate::protocol::varint::write(body.len() as u64, &mut bytes);
        bytes.extend(body);
        bytes
    };
    let entry_key = text.clone().prop_map(move |text| part(0x0a, text));
    let entry_value = prop_oneof![
        text.clone().prop_map(move |text| part(0x12, text)),
        any::<f64>().prop_map(|value| [&[0x11][..], &value.to_le_bytes()].concat()),
        varint
            .clone()
            .prop_map(|value| [&[0x10][..], &value].concat()),
    ];
    let unknown = prop_oneof![
        Just(vec![0x18, 5]),
        Just(vec![0x1d, 1, 2, 3, 4]),
        Just(vec![0xf8, 0x01, 5]),
        Just(vec![0x1b, 0x1c]),
        Just(vec![0x07]),
        vec(any::<u8>(), 0..6),
    ];
    let entry = prop_oneof![
        12 => (entry_key.clone(), entry_value.clone()).prop_map(|(key, value)| [key, value].concat()),
        1 => entry_key.clone(),
        1 => entry_value.clone(),
        1 => vec(prop_oneof![entry_key, entry_value, unknown.clone()], 0..5)
            .prop_map(|parts| parts.concat()),
    ];
    let map = prop_oneof![Just(0x3a), Just(0x42), Just(0x4a), Just(0x52), Just(0x62)];
    let plain = prop_oneof![Just(0x12), Just(0x1a), Just(0x22), Just(0x2a), Just(0x32)];
    prop_oneof![
        12 => (map, entry).prop_map(move |(key, entry)| part(key, entry)),
        3 => (plain, text).prop_map(move |(key, text)| part(key, text)),
        3 => (prop_oneof![Just(0x08), Just(0x58)], varint)
            .prop_map(|(key, value)| [&[key][..], &value].concat()),
        1 => unknown,
    ]
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    vec(piece(), 0..12).prop_map(|pieces| pieces.concat())
}

/// The message that a point stands for, as prost reads it.
fn meaning(point: &Point) -> proto::Point {
    let mut bytes = Vec::new();
    point.encode(&mut bytes);
    assert_eq!(bytes.len(), point.encoded_len(), "it says how long it is");
    proto::Point::decode(&bytes[..]).expect("a point is always a valid message")
}

/// What Kapacitor makes of a message: of a field with several types, it takes one.
fn seen_by_host(mut point: proto::Point) -> proto::Point {
    let keep = |name: &String, others: [bool; 3]| {
        let _ = name;
        !others.contains(&true)
    };
    let bools = point.fields_bool.clone();
    let doubles = point.fields_double.clone();
    let ints = point.fields_int.clone();
    point
        .fields_double
        .retain(|name, _| keep(name, [bools.contains_key(name), false, false]));
    point.fields_int.retain(|name, _| {
        keep(
            name,
            [bools.contains_key(name), doubles.contains_key(name), false],
        )
    });
    point.fields_string.retain(|name, _| {
        let others = [
            bools.contains_key(name),
            doubles.contains_key(name),
            ints.contains_key(name),
        ];
        keep(name, others)
    });
    point
}

/// A message with what the getters return.
fn read_by_getters(point: &Point) -> proto::Point {
    let mut read = proto::Point {
        time: point.time(),
        name: point.name().to_owned(),
        database: point.database().to_owned(),
        retention_policy: point.retention_policy().to_owned(),
        group: point.group().to_owned(),
        dimensions: point.dimensions().map(str::to_owned).collect(),
        by_name: point.by_name(),
        ..proto::Point::default()
    };
    for (name, value) in point.tags() {
        assert_eq!(point.tag(name), Some(value));
        assert!(
            read.tags.insert(name.into(), value.into()).is_none(),
            "tag {name:?} twice"
        );
    }
    let mut names = std::collections::HashSet::new();
    for (name, value) in point.fields() {
        assert!(names.insert(name), "field {name:?} twice");
        match value {
            FieldValue::Float(value) => {
                read.fields_double.insert(name.into(), value);
            }
            FieldValue::Int(value) => {
                read.fields_int.insert(name.into(), value);
            }
            FieldValue::String(value) => {
                read.fields_string.insert(name.into(), value.into());
            }
            FieldValue::Bool(value) => {
                read.fields_bool.insert(name.into(), value);
            }
        }
    }
    read
}

/// Equal, where NaN is NaN.
fn same(left: &proto::Point, right: &proto::Point) -> bool {
    left.encode_to_vec() == right.encode_to_vec()
}

/// What can be done to a point.
#[derive(Clone, Debug)]
enum Change {
    Time(i64),
    Name(String),
    Database(String),
    RetentionPolicy(String),
    Group(String),
    Dimensions(Vec<String>),
    ByName(bool),
    SetTag(String, String),
    RemoveTag(String),
    SetFloat(String, f64),
    SetInt(String, i64),
    SetString(String, String),
    SetBool(String, bool),
    RemoveField(String),
    RenameField(String, String),
    ClearFields,
}

fn change() -> impl Strategy<Value = Change> {
    let name = || "[a-c]{0,2}";
    prop_oneof![
        any::<i64>().prop_map(Change::Time),
        any::<String>().prop_map(Change::Name),
        name().prop_map(Change::Database),
        name().prop_map(Change::RetentionPolicy),
        name().prop_map(Change::Group),
        vec(name(), 0..3).prop_map(Change::Dimensions),
        any::<bool>().prop_map(Change::ByName),
        (name(), any::<String>()).prop_map(|(name, value)| Change::SetTag(name, value)),
        name().prop_map(Change::RemoveTag),
        (name(), any::<f64>()).prop_map(|(name, value)| Change::SetFloat(name, value)),
        (name(), any::<i64>()).prop_map(|(name, value)| Change::SetInt(name, value)),
        (name(), "[a-z]{0,300}").prop_map(|(name, value)| Change::SetString(name, value)),
        (name(), any::<bool>()).prop_map(|(name, value)| Change::SetBool(name, value)),
        name().prop_map(Change::RemoveField),
        (name(), name()).prop_map(|(from, to)| Change::RenameField(from, to)),
        Just(Change::ClearFields),
    ]
}

fn apply(change: &Change, point: &mut Point) {
    match change {
        Change::Time(time) => point.set_time(*time),
        Change::Name(name) => point.set_name(name),
        Change::Database(name) => point.set_database(name),
        Change::RetentionPolicy(name) => point.set_retention_policy(name),
        Change::Group(name) => point.set_group(name),
        Change::Dimensions(names) => point.set_dimensions(names.iter().map(String::as_str)),
        Change::ByName(by_name) => point.set_by_name(*by_name),
        Change::SetTag(name, value) => point.set_tag(name, value),
        Change::RemoveTag(name) => drop(point.remove_tag(name)),
        Change::SetFloat(name, value) => point.set_field(name, *value),
        Change::SetInt(name, value) => point.set_field(name, *value),
        Change::SetString(name, value) => point.set_field(name, value),
        Change::SetBool(name, value) => point.set_field(name, *value),
        Change::RemoveField(name) => drop(point.remove_field(name)),
        Change::RenameField(from, to) => drop(point.rename_field(from, to)),
        Change::ClearFields => point.clear_fields(),
    }
}

fn remove_field(name: &str, point: &mut proto::Point) {
    point.fields_double.remove(name);
    point.fields_int.remove(name);
    point.fields_string.remove(name);
    point.fields_bool.remove(name);
}

/// Spells the group as Kapacitor does.
fn regroup(point: &mut proto::Point) {
    let tag = |name: &String| {
        let value = point.tags.get(name).map_or("", String::as_str);
        format!("{name}={value}")
    };
    let tags: Vec<_> = point.dimensions.iter().map(tag).collect();
    point.group = match (point.by_name, tags.is_empty()) {
        (true, true) => point.name.clone(),
        (true, false) => format!("{}\n{}", point.name, tags.join(",")),
        (false, _) => tags.join(","),
    };
}

/// The same change of prost's point.
fn apply_plainly(change: &Change, point: &mut proto::Point) {
    match change.clone() {
        Change::Time(time) => point.time = time,
        Change::Name(name) => {
            point.name = name;
            if point.by_name {
                regroup(point);
            }
        }
        Change::Database(name) => point.database = name,
        Change::RetentionPolicy(name) => point.retention_policy = name,
        Change::Group(name) => point.group = name,
        Change::Dimensions(names) => {
            point.dimensions = names;
            regroup(point);
        }
        Change::ByName(by_name) => {
            if by_name != point.by_name {
                point.by_name = by_name;
                regroup(point);
            }
        }
        Change::SetTag(name, value) => {
            point.tags.insert(name.clone(), value);
            if point.dimensions.contains(&name) {
                regroup(point);
            }
        }
        Change::RemoveTag(name) => {
            if point.tags.remove(&name).is_some() && point.dimensions.contains(&name) {
                regroup(point);
            }
        }
        Change::SetFloat(name, value) => {
            remove_field(&name, point);
            point.fields_double.insert(name, value);
        }
        Change::SetInt(name, value) => {
            remove_field(&name, point);
            point.fields_int.insert(name, value);
        }
        Change::SetString(name, value) => {
            remove_field(&name, point);
            point.fields_string.insert(name, value);
        }
        Change::SetBool(name, value) => {
            remove_field(&name, point);
            point.fields_bool.insert(name, value);
        }
        Change::RemoveField(name) => remove_field(&name, point),
        Change::RenameField(from, to) if from != to => {
            let renamed = seen_by_host(point.clone());
            if let Some(value) = renamed.fields_bool.get(&from) {
                apply_plainly(&Change::SetBool(to, *value), point);
            } else if let Some(value) = renamed.fields_double.get(&from) {
                apply_plainly(&Change::SetFloat(to, *value), point);
            } else if let Some(value) = renamed.fields_int.get(&from) {
                apply_plainly(&Change::SetInt(to, *value), point);
            } else if let Some(value) = renamed.fields_string.get(&from) {
                apply_plainly(&Change::SetString(to, value.clone()), point);
            }
            remove_field(&from, point);
        }
        Change::RenameField(..) => {}
        Change::ClearFields => {
            point.fields_double.clear();
            point.fields_int.clear();
            point.fields_string.clear();
            point.fields_bool.clear();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_point_is_read_as_prost_reads_it(bytes in message()) {
        match (Point::decode(&bytes), proto::Point::decode(&bytes[..])) {
            (Ok(ours), Ok(theirs)) => {
                prop_assert!(same(&meaning(&ours), &theirs), "{ours:?}\n{theirs:?}");
                let read = read_by_getters(&ours);
                let seen = seen_by_host(theirs);
                prop_assert!(same(&read, &seen), "{read:?}\n{seen:?}");
            }
            (Err(_), Err(_)) => {}
            (ours, theirs) => prop_assert!(false, "{ours:?}\n{theirs:?}"),
        }
    }

    #[test]
    fn a_point_that_is_cut_off_is_read_or_refused_as_by_prost(
        bytes in message(),
        kept in any::<proptest::sample::Index>(),
    ) {
        let bytes = &bytes[..kept.index(bytes.len() + 1)];
        match (Point::decode(bytes), proto::Point::decode(bytes)) {
            (Ok(ours), Ok(theirs)) => prop_assert!(same(&meaning(&ours), &theirs)),
            (Err(_), Err(_)) => {}
            (ours, theirs) => prop_assert!(false, "{ours:?}\n{theirs:?}"),
        }
    }

    #[test]
    fn a_point_that_was_changed_means_what_prosts_means(
        bytes in message(),
        changes in vec(change(), 0..20),
    ) {
        let Ok(mut plain) = proto::Point::decode(&bytes[..]) else { return Ok(()) };
        let mut point = Point::decode(&bytes).expect("prost accepts it");
        for change in &changes {
            apply(change, &mut point);
            apply_plainly(change, &mut plain);
            let read = read_by_getters(&point);
            prop_assert!(same(&read, &seen_by_host(plain.clone())), "{change:?}: {read:?}\n{plain:?}");
            prop_assert!(same(&seen_by_host(meaning(&point)), &read), "{change:?}");
        }
    }
}

#[test]
fn a_point_that_is_changed_for_ever_does_not_grow() {
    let mut point = Point::new("m");
    for round in 0..100_000 {
        point.set_field("text", &*"x".repeat(round % 50));
        point.set_field("int", round as i64);
        point.set_time(round as i64);
    }
    let mut bytes = Vec::new();
    point.encode(&mut bytes);
    assert!(
        point.message.bytes.capacity() < 64 * 1024 && point.message.parts.capacity() < 4 * 1024,
        "{:?}",
        point.message
    );
    assert_eq!(point.int("int"), Ok(99_999));
}

#[test]
fn the_getters_read_each_field_of_a_point_with_many_once() {
    let mut message = proto::Point::default();
    for index in 0..1_000 {
        message.fields_int.insert(format!("f{index}"), index);
        message.fields_bool.insert(format!("f{}", index * 2), true);
    }
    let point = Point::decode(&message.encode_to_vec()).unwrap();
    assert!(same(&read_by_getters(&point), &seen_by_host(message)));
}

thread_local! {
    /// How often a part was looked at for its name.
    static LOOKS: Cell<usize> = const { Cell::new(0) };
}

pub(super) fn count_look() {
    LOOKS.set(LOOKS.get() + 1);
}

/// How often parts were looked at for their names.
fn looks(work: impl FnOnce()) -> usize {
    let before = LOOKS.get();
    work();
    LOOKS.get() - before
}

/// A point of so many tags and fields, all of which come twice.
fn repeated(count: usize) -> Vec<u8> {
    let mut point = Point::new("m");
    for round in 0..2 {
        for index in 0..count {
            let name = format!("name{index}");
            point.push_tag(&name, &format!("{round}"));
            let value = match index % 3 {
                0 => FieldValue::Int(round),
                1 if round == 0 => FieldValue::Bool(true),
                _ => FieldValue::Float(round as f64),
            };
            point.push_field(&name, value);
        }
    }
    let mut bytes = Vec::new();
    point.encode(&mut bytes);
    bytes
}

#[test]
fn nothing_looks_at_all_parts_of_a_wide_point_for_each_of_them() {
    const COUNT: usize = 100_000;
    let names: Vec<_> = (0..COUNT).map(|index| format!("name{index}")).collect();
    // To look at all parts for each would be 100,000 times as many as there are.
    let few = 100 * COUNT;

    let mut point = Point::new("m");
    let set = looks(|| {
        for name in names.iter().chain(&names) {
            point.set_field(name, 1);
            point.set_field(name, 2.5);
            point.set_tag(name, name);
        }
    });
    assert!(set < few, "{set} looks to set");
    assert_eq!(point.fields().count(), COUNT);

    let read = looks(|| {
        for name in &names {
            assert_eq!(point.float(name), Ok(2.5));
            assert_eq!(point.tag(name), Some(&**name));
        }
    });
    assert!(read < few, "{read} looks to read");

    let other = point.clone();
    let compared = looks(|| assert!(point == other));
    assert!(compared < few, "{compared} looks to compare");

    let renamed = looks(|| {
        for name in &names {
            assert!(point.rename_field(name, &format!("{name}_")));
        }
    });
    assert!(renamed < few, "{renamed} looks to rename");

    let removed = looks(|| {
        for name in &names {
            assert!(point.remove_tag(name));
            assert!(point.remove_field(&format!("{name}_")));
        }
    });
    assert!(removed < few, "{removed} looks to remove");
    assert_eq!(point, Point::new("m"));
}

#[test]
fn of_names_that_come_twice_the_last_counts_in_linear_time() {
    const COUNT: usize = 100_000;
    let bytes = repeated(COUNT);
    let expected = |index: usize| match index % 3 {
        0 => FieldValue::Int(1),
        1 => FieldValue::Bool(true),
        _ => FieldValue::Float(1.0),
    };
    let mut point = Point::decode(&bytes).unwrap();
    let spent = looks(|| {
        assert_eq!(point.tags().count(), COUNT);
        assert_eq!(point.fields().count(), COUNT);
        for index in 0..COUNT {
            let name = format!("name{index}");
            assert_eq!(point.field(&name), Some(expected(index)));
            assert_eq!(point.tag(&name), Some("1"));
        }
        for index in 0..COUNT / 2 {
            let name = format!("name{index}");
            point.set_tag(&name, "2");
            point.set_field(&name, "2");
            assert_eq!(point.str(&name), Ok("2"));
        }
        assert_eq!(point.tags().count(), COUNT);
        assert_eq!(point.fields().count(), COUNT);
    });
    assert!(spent < 100 * COUNT, "{spent} looks");
    let sent = meaning(&point);
    assert_eq!(sent.tags.len(), COUNT);
    assert_eq!(sent.fields_string.len(), COUNT / 2);
}

/// A text that fills a message, and takes no memory before it is copied.
fn endless() -> String {
    String::from_utf8(vec![0; i32::MAX as usize]).unwrap()
}

#[test]
fn a_copy_without_the_field_that_was_too_large_can_be_sent() {
    let mut point = Point::new("m");
    point.set_tag("host", "a");
    point.set_field("text", endless());
    assert!(point.is_oversize());
    assert!(point.clone().is_oversize());
    assert!(!Point::like(&point).is_oversize());
    point.clear_fields();
    assert!(!point.is_oversize());
}

#[test]
fn a_copy_that_lacks_a_tag_cannot_be_sent() {
    let mut point = Point::new("m");
    point.set_tag("host", &endless());
    assert!(Point::like(&point).is_oversize());
}

#[test]
fn the_group_follows_what_it_is_made_of() {
    let mut point = Point::new("cpu");
    point.set_tag("host", "a");
    assert_eq!(point.group(), "");
    point.set_dimensions(["host"]);
    assert_eq!(point.group(), "host=a");
    point.set_tag("host", "b");
    assert_eq!(point.group(), "host=b");
    point.set_dimensions(["rack", "host"]);
    assert_eq!(point.group(), "rack=,host=b");
    point.set_by_name(true);
    assert_eq!(point.group(), "cpu\nrack=,host=b");
    point.set_name("mem");
    point.remove_tag("host");
    assert_eq!(point.group(), "mem\nrack=,host=");
    point.set_dimensions([]);
    assert_eq!(point.group(), "mem");
    point.set_by_name(false);
    assert_eq!(point.group(), "");
}

#[test]
fn the_group_of_a_points_message_stays_where_nothing_of_it_changes() {
    let message = proto::Point {
        group: "as Kapacitor spells it".into(),
        dimensions: vec!["host".into()],
        ..proto::Point::default()
    };
    let mut point = Point::decode(&message.encode_to_vec()).unwrap();
    point.set_name("m");
    point.set_tag("rack", "7");
    point.set_field("x", 1);
    point.remove_tag("host");
    assert_eq!(point.group(), "as Kapacitor spells it");
}

#[test]
fn times_are_the_standard_librarys_as_well() {
    let mut point = Point::new("m");
    for (nanoseconds, time) in [
        (0, UNIX_EPOCH),
        (1_500_000_000, UNIX_EPOCH + Duration::from_millis(1_500)),
        (-1, UNIX_EPOCH - Duration::from_nanos(1)),
    ] {
        point.set_system_time(time);
        assert_eq!((point.time(), point.system_time()), (nanoseconds, time));
    }
    let thousand_years = Duration::from_secs(1_000 * 365 * 24 * 60 * 60);
    point.set_system_time(UNIX_EPOCH + thousand_years);
    assert_eq!(point.time(), i64::MAX);
    point.set_system_time(UNIX_EPOCH - thousand_years);
    assert_eq!(point.time(), i64::MIN);
    assert_eq!(
        point.system_time(),
        UNIX_EPOCH - Duration::from_nanos(1 << 63)
    );
}

#[test]
fn integers_of_all_widths_are_fields_and_none_is_another_number() {
    let mut point = Point::new("m");
    point.set_field("i8", i8::MIN);
    point.set_field("u32", u32::MAX);
    point.set_field("usize", 7_usize);
    point.set_field("u64", i64::MAX as u64);
    point.set_field("beyond", 1_u64 << 63);
    point.set_field("i128", i128::from(i64::MIN));
    point.set_field("below", i128::from(i64::MIN) - 1);
    point.set_field("u128", u128::MAX);
    assert_eq!(point.int("i8"), Ok(-128));
    assert_eq!(point.int("u32"), Ok(4_294_967_295));
    assert_eq!(point.int("usize"), Ok(7));
    assert_eq!(point.int("u64"), Ok(i64::MAX));
    assert_eq!(point.float("beyond"), Ok(9_223_372_036_854_775_808.0));
    assert_eq!(point.int("i128"), Ok(i64::MIN));
    assert_eq!(point.float("below"), Ok(-9_223_372_036_854_775_808.0));
    assert_eq!(point.float("u128"), Ok(2_f64.powi(128)));
}

#[test]
fn errors_name_what_is_missing_or_wrong() {
    let mut point = Point::new("m");
    assert_eq!(
        point.number("x").unwrap_err().to_string(),
        r#"the point has no field "x"; it has no fields"#
    );
    point.set_field("s", "text");
    point.set_field("b", true);
    assert_eq!(
        point.number("s").unwrap_err().to_string(),
        r#"field "s" is the string "text" and no number"#
    );
    assert_eq!(
        point.int("b").unwrap_err().to_string(),
        r#"field "b" is the bool true and no int"#
    );
    assert_eq!(
        point.required_tag("host").unwrap_err().to_string(),
        r#"the point has no tag "host"; it has no tags"#
    );
    for index in 0..20 {
        point.set_field(&format!("f{index:02}"), 1.0);
    }
    let text = point.float("x").unwrap_err().to_string();
    assert!(text.ends_with(r#""f09", …"#), "{text}");
}

#[test]
fn a_point_like_another_has_all_but_its_fields() {
    let mut point = Point::new("m");
    point.set_time(7);
    point.set_tag("host", "a");
    point.set_dimensions(["host"]);
    point.set_field("x", 1.0);
    let mut other = Point::like(&point);
    assert_eq!(other.fields().count(), 0);
    other.set_field("x", 1.0);
    assert_eq!(other, point);
}
