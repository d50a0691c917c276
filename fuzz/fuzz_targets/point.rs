//! Compares the point codec with prost: a message that prost refuses is refused, and any other has the same
//! meaning after it has passed through, unchanged or changed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use support::requests::Requests;
use udf_fuzz::answer;
use udf_runtime::prelude::*;
use udf_runtime::proto::{
    self, EdgeType, InitRequest, prost::Message as _, prost::encoding::encode_varint,
    response::Message,
};
use udf_runtime::{Handler, Info, Sender, Verdict};

/// The changes of a point, one bit each.
const ACTS: u8 = 12;

/// Makes the given changes to points, and reads all their parts.
struct Change {
    acts: u16,
    name: String,
}

impl Handler for Change {
    type Output = StreamOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(EdgeType::Stream))
    }
    fn init(&mut self, _: InitRequest, _: Sender) -> Result<Verdict> {
        Ok(Verdict::Accepted)
    }
    fn point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        let name = &*self.name;
        let unchanged = point.clone();
        for act in (0..ACTS).filter(|act| self.acts & (1 << act) != 0) {
            match act {
                0 => point.set_name(name),
                1 => point.set_time(i64::MIN),
                2 => point.set_database(name),
                3 => point.set_retention_policy(name),
                4 => point.set_by_name(true),
                5 => point.set_tag(name, "a tag"),
                6 => drop(point.remove_tag("host")),
                7 => point.set_field(name, f64::NAN),
                8 => point.set_field("value", 7),
                9 => drop(point.remove_field("value")),
                10 => point.set_field(name, "a text"),
                _ => point.set_field(name, true),
            }
        }
        let seen = (
            point.fields().count(),
            point.tags().count(),
            point.dimensions().count(),
        );
        assert!(point.fields().all(|(name, value)| {
            point
                .field(name)
                .is_some_and(|it| format!("{it:?}") == format!("{value:?}"))
        }));
        assert_eq!(
            seen.1,
            point
                .tags()
                .filter(|(name, _)| point.tag(name).is_some())
                .count()
        );
        out.point(unchanged)?;
        out.point(point)
    }
}

/// The same changes to prost's point.
fn change(point: &mut proto::Point, acts: u16, name: &str) {
    fn clear(point: &mut proto::Point, name: &str) {
        point.fields_double.remove(name);
        point.fields_int.remove(name);
        point.fields_string.remove(name);
        point.fields_bool.remove(name);
    }
    let owned = || name.to_owned();
    for act in (0..ACTS).filter(|act| acts & (1 << act) != 0) {
        if matches!(act, 7 | 10 | 11) {
            clear(point, name);
        }
        match act {
            0 => point.name = owned(),
            1 => point.time = i64::MIN,
            2 => point.database = owned(),
            3 => point.retention_policy = owned(),
            4 => point.by_name = true,
            5 => drop(point.tags.insert(owned(), "a tag".into())),
            6 => drop(point.tags.remove("host")),
            7 => drop(point.fields_double.insert(owned(), f64::NAN)),
            8 => {
                clear(point, "value");
                point.fields_int.insert("value".into(), 7);
            }
            9 => clear(point, "value"),
            10 => drop(point.fields_string.insert(owned(), "a text".into())),
            _ => drop(point.fields_bool.insert(owned(), true)),
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let [low, high, name, message @ ..] = data else {
        return;
    };
    let acts = u16::from_le_bytes([*low, *high]);
    let name = [
        "value",
        "host",
        "",
        "other",
        "a name of more than sixteen bytes",
    ][usize::from(name % 5)];
    let mut frame = vec![0x8a, 0x01];
    encode_varint(message.len() as u64, &mut frame);
    frame.extend_from_slice(message);
    let mut length = Vec::new();
    encode_varint(frame.len() as u64, &mut length);
    let bytes = Requests::new().init([]).raw(&length).raw(&frame).bytes();
    let handler = Change {
        acts,
        name: name.to_owned(),
    };
    let (responses, _) = answer(handler, &bytes[..]);
    match (proto::Point::decode(message), &responses[1..]) {
        (Ok(expected), [Message::Point(unchanged), Message::Point(changed)]) => {
            // Compared as bytes, which distinguish NaNs.
            assert_eq!(unchanged.encode_to_vec(), expected.encode_to_vec());
            let mut expected = expected;
            change(&mut expected, acts, name);
            // The host sets the group.
            expected.group.clone_from(&changed.group);
            assert_eq!(changed.encode_to_vec(), expected.encode_to_vec());
        }
        (Err(_), [Message::Error(_)]) => {}
        (expected, got) => panic!("prost has {expected:?}, we have {got:?}"),
    }
});
