//! Compares the checked-in impls with those that prost derives for the same types.

#![expect(
    clippy::panic,
    reason = "udf.proto may use features that the test does not know"
)]

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::Union;
use protox::prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};
use udf_proto::prost::Message;
use udf_proto::prost::encoding::{WireType, encode_key, encode_varint};

#[allow(dead_code, missing_docs, unreachable_pub, clippy::all)]
#[rustfmt::skip]
#[path = "derived/agent.rs"]
mod derived;

fn varint(value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_varint(value, &mut bytes);
    bytes
}

fn with_length(bytes: Vec<u8>) -> Vec<u8> {
    [varint(bytes.len() as u64), bytes].concat()
}

/// A field of a message, encoded in one of the valid ways, and seldom in an invalid one.
fn field(of: &FieldDescriptor) -> BoxedStrategy<Vec<u8>> {
    let number = of.number();
    let with_key = move |(wire_type, value): (WireType, Vec<u8>)| {
        let mut bytes = Vec::new();
        encode_key(number, wire_type, &mut bytes);
        [bytes, value].concat()
    };
    let (wire_type, value) = match of.kind() {
        Kind::Bool | Kind::Int64 | Kind::Enum(_) => {
            let value = prop_oneof![0..7_u64, any::<u64>()];
            (WireType::Varint, value.prop_map(varint).boxed())
        }
        Kind::Double => {
            let value = prop_oneof![Just(0.0), Just(-0.0), any::<f64>()];
            let bytes = value.prop_map(|value| value.to_le_bytes().to_vec());
            (WireType::SixtyFourBit, bytes.boxed())
        }
        Kind::String | Kind::Bytes => {
            let text = prop_oneof!["[a-c]{0,2}", any::<String>()];
            let bytes = text.prop_map(|text| with_length(text.into_bytes()));
            (WireType::LengthDelimited, bytes.boxed())
        }
        Kind::Message(inner) => {
            let bytes = message(&inner).prop_map(with_length);
            (WireType::LengthDelimited, bytes.boxed())
        }
        other => panic!("udf.proto has no {other:?}"),
    };
    let packed = vec(value.clone(), 0..4).prop_map(|values| with_length(values.concat()));
    let packed = (Just(WireType::LengthDelimited), packed);
    let other = prop_oneof![
        (
            Just(WireType::Varint),
            any::<u8>().prop_map(|byte| vec![byte])
        ),
        (Just(WireType::ThirtyTwoBit), vec(any::<u8>(), 4)),
        (Just(WireType::LengthDelimited), vec(0..4_u8, 1..5)),
    ];
    let plain = (Just(wire_type), value);
    prop_oneof![
        40 => plain,
        if of.is_packed() { 40 } else { 0 } => packed,
        1 => other,
    ]
    .prop_map(with_key)
    .boxed()
}

/// Unknown fields: a number, and nested groups, which may be nested too deeply.
fn unknown() -> impl Strategy<Value = Vec<u8>> {
    let depth = prop_oneof![0..3_usize, 96..101_usize];
    let groups = depth.prop_map(|depth| [vec![0x7b; depth], vec![0x7c; depth]].concat());
    prop_oneof![Just(vec![0x78, 5]), groups]
}

/// A message with any of its fields, any number of times, in any order.
fn message(of: &MessageDescriptor) -> BoxedStrategy<Vec<u8>> {
    let known = of.fields().map(|it| (8, field(&it)));
    let fields = Union::new_weighted(known.chain([(1, unknown().boxed())]).collect());
    vec(fields, 0..6).prop_map(|fields| fields.concat()).boxed()
}

/// Messages, some of them damaged.
fn bytes(name: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let files = protox::compile(["udf.proto"], [env!("CARGO_MANIFEST_DIR")]).expect("it compiles");
    let pool = DescriptorPool::from_file_descriptor_set(files).expect("all is there");
    let message = message(&pool.get_message_by_name(name).expect("it is there"));
    let damaged = (message.clone(), any::<Index>(), any::<u8>(), any::<Index>()).prop_map(
        |(mut bytes, at, byte, end)| {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
                bytes.truncate(at + 1 + end.index(bytes.len()));
            }
            bytes
        },
    );
    prop_oneof![4 => message, 2 => damaged, 1 => vec(any::<u8>(), 0..40)]
}

/// Merges two messages, with our impls and with the derived ones, and compares.
fn read_alike<Ours, Derived>(first: &[u8], second: &[u8]) -> Result<(), TestCaseError>
where
    Ours: Message + Default + PartialEq + Debug,
    Derived: Message + Default + Debug,
{
    let mut ours = Ours::default();
    let mut derived = Derived::default();
    for bytes in [first, second] {
        let error =
            |read: Result<(), _>| read.map_err(|error: prost::DecodeError| error.to_string());
        prop_assert_eq!(error(ours.merge(bytes)), error(derived.merge(bytes)));
        // After an error, both keep the fields before it.
        prop_assert_eq!(format!("{ours:?}"), format!("{derived:?}"));
        prop_assert_eq!(ours.encode_to_vec(), derived.encode_to_vec());
        prop_assert_eq!(ours.encoded_len(), derived.encode_to_vec().len());
    }
    ours.clear();
    prop_assert_eq!(ours, Ours::default());
    Ok(())
}

/// Everything that the types return for a number of an enumeration.
macro_rules! told_of {
    ($number:expr, $types:ident) => {{
        use $types::{EdgeType, InfoResponse, OptionInfo, OptionValue, ValueType};
        let number = $number;
        let mut info = InfoResponse {
            wants: number,
            ..InfoResponse::default()
        };
        let mut option = OptionInfo {
            value_types: vec![number, 1, number],
        };
        let mut value = OptionValue {
            r#type: number,
            value: None,
        };
        let mut summary = format!(
            "{:?}",
            (
                EdgeType::try_from(number).map_err(|error| error.to_string()),
                EdgeType::is_valid(number),
                ValueType::try_from(number).map_err(|error| error.to_string()),
                ValueType::is_valid(number),
                (
                    info.wants(),
                    value.r#type(),
                    option.value_types().collect::<Vec<_>>()
                ),
                (&info, &option, &value),
            )
        );
        info.set_wants(EdgeType::Batch);
        value.set_type(ValueType::try_from(number).unwrap_or_default());
        option.push_value_types(ValueType::Duration);
        summary += &format!(
            "{info:#?} {option:#?} {value:#?} {}",
            i32::from(ValueType::Double)
        );
        summary
    }};
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn requests_are_read_and_written_as_derived(
        first in bytes("agent.Request"),
        second in bytes("agent.Request"),
    ) {
        read_alike::<udf_proto::Request, derived::Request>(&first, &second)?;
    }

    #[test]
    fn responses_are_read_and_written_as_derived(
        first in bytes("agent.Response"),
        second in bytes("agent.Response"),
    ) {
        read_alike::<udf_proto::Response, derived::Response>(&first, &second)?;
    }

    #[test]
    fn enumerations_behave_as_derived(number in prop_oneof![-1..7, any::<i32>()]) {
        prop_assert_eq!(told_of!(number, udf_proto), told_of!(number, derived));
    }
}
