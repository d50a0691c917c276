//! Writes the initial inputs of each target, from which the fuzzer derives others: `seeds FOLDER`.

use std::fs;
use std::io;
use std::path::Path;

use support::requests::{Requests, option, point, string};
use udf_runtime::UdfHandler;
use udf_runtime::proto::{
    InitRequest, Point, option_value::Value, prost::Message as _, request::Message,
};

fn main() -> io::Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .unwrap_or_else(|| "corpus".into());
    let folder = Path::new(&folder);
    let write = |target: &str, name: &str, bytes: Vec<u8>| {
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    };
    for which in 0..6_u8 {
        let name = format!("udf-{which}");
        let input = conversation(which);
        write("agent", &name, [&[which][..], &input].concat())?;
        write(
            "frames",
            &name,
            [&[3, 1, 0, which * 9][..], &input].concat(),
        )?;
    }
    for (name, calls) in inits() {
        let init = InitRequest {
            options: calls,
            task_id: "task".into(),
            node_id: "strict2".into(),
        };
        write("init", name, init.encode_to_vec())?;
    }
    for (name, acts, point) in points() {
        write("point", name, [&acts[..], &point.encode_to_vec()].concat())?;
    }
    let (responses, _) =
        udf_fuzz::answer(UdfHandler::<udf_fuzz::Keeper>::new(), &conversation(4)[..]);
    for response in responses {
        if let udf_runtime::proto::response::Message::Snapshot(snapshot) = response {
            write("restore", "whole", [&[0][..], &snapshot.snapshot].concat())?;
            let opened = udf_runtime::state::Envelope::unwrap(&snapshot.snapshot);
            let state = opened.map_err(io::Error::other)?.state.to_vec();
            write("restore", "state", [&[1][..], &state].concat())?;
        }
    }
    for (index, line) in LINES.iter().enumerate() {
        write("line", &format!("line-{index}"), line.as_bytes().to_vec())?;
    }
    Ok(())
}

/// Requests of every kind for one of the UDFs.
fn conversation(which: u8) -> Vec<u8> {
    let options = match which {
        5 => vec![
            option("field", [string("usage")]),
            option("size", [Value::IntValue(10)]),
        ],
        _ => vec![],
    };
    let init = InitRequest {
        options,
        ..InitRequest::default()
    };
    let requests = Requests::new()
        .info()
        .request(Message::Init(init))
        .keepalive(1);
    let requests = match which {
        1 | 2 => requests
            .begin(3)
            .point(point(1, 1.0))
            .point(point(2, f64::NAN))
            .point(point(i64::MAX, -0.0))
            .end(9)
            .begin(0)
            .end(10),
        _ => requests
            .point(point(1, 1.0))
            .point(point(2, 2.0))
            .point(point(-1, 3.0)),
    };
    requests
        .snapshot()
        .keepalive(i64::MAX)
        .restore(&[1, 2])
        .bytes()
}

fn inits() -> Vec<(&'static str, Vec<udf_runtime::proto::Option>)> {
    let good = || {
        vec![
            option("field", [string("usage")]),
            option("size", [Value::IntValue(10)]),
        ]
    };
    let all = [
        good(),
        vec![
            option("port", [Value::IntValue(80)]),
            option(
                "between",
                [Value::DoubleValue(0.0), Value::DoubleValue(0.5)],
            ),
            option("period", [Value::DurationValue(5_000_000_000)]),
            option("quick", []),
            option("side", [string("out")]),
            option(
                "tags",
                [string("a"), Value::IntValue(1), Value::BoolValue(true)],
            ),
            option(
                "tags",
                [string("b"), Value::IntValue(-1), Value::BoolValue(false)],
            ),
            option(
                "weights",
                [Value::IntValue(1), Value::IntValue(2), Value::IntValue(3)],
            ),
        ],
    ];
    vec![
        ("good", good()),
        ("all", all.concat()),
        ("none", vec![]),
        ("few", vec![option("size", [])]),
    ]
}

fn points() -> Vec<(&'static str, [u8; 3], Point)> {
    let mut mixed = point(1_700_000_000_000_000_000, 0.5);
    mixed.fields_int.insert("value".into(), -1);
    mixed.fields_string.insert("text".into(), "grüße".into());
    mixed.fields_bool.insert("up".into(), true);
    mixed.by_name = true;
    let mut wide = Point::default();
    for number in 0..20 {
        wide.fields_double
            .insert(format!("field{number}"), f64::from(number));
        wide.tags
            .insert(format!("tag{number}"), format!("{number}"));
    }
    vec![
        ("plain", [0, 0, 0], point(1, 1.0)),
        ("empty", [0xff, 0x0f, 2], Point::default()),
        ("mixed", [0x60, 0x03, 1], mixed),
        ("wide", [0xa0, 0x0c, 4], wide),
    ]
}

const LINES: &[&str] = &[
    "cpu,host=a,region=eu usage_user=12.5,cores=8i,up=true,model=\"Xeon \\\"E5\\\"\" 1700000000000000000",
    "disk\\ usage,path=/var\\,log,a\\=b=c\\ d free=12i,ratio=-0.25e-7 -9223372036854775808\n",
    "a b=1u,c=t,d=F,e=\"line\nbreak \\\\\" 1\r\nnext",
    "# a comment\n",
    "x y=1,y=2,z=.5",
];
