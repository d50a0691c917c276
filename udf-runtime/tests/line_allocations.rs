//! Neither a line nor what a pipe makes of it costs an allocation, once the buffers have grown.

#![allow(clippy::unwrap_used, reason = "a test ends by it")]

use std::fs::File;
use std::io::{Write, sink};

use udf_runtime::line::{LineWriter, Parser};
use udf_runtime::pipe::{GroupBy, PipeConfig, Streams, run};
use udf_runtime::proto::{EdgeType, InitRequest};
use udf_runtime::{Handler, Info, Point, Result, Sender, StreamOutput, Verdict};

/// Lines of two shapes, with escapes and strings of several lines.
fn lines(count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        let (name, host) = (["cpu", "disk\\ io"][n % 2], ["a", "b\\,c", "d"][n % 3]);
        let order = ["user=1.5,system=2i", "system=2i,user=1.5"][n / 2 % 2];
        text.push_str(&format!(
            "{name},host={host},dc=eu {order},model=\"x \\\"{}\\\"\ny\",up=true {}\n",
            n % 10,
            1_700_000_000_000_000_000 + n
        ));
    }
    text
}

#[test]
fn a_line_is_read_and_written_without_allocating() {
    let (text, mut parser, mut out) = (lines(100), Parser::default(), Vec::new());
    let mut copy = || {
        out.clear();
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let line = parser.parse(rest).unwrap().unwrap();
            let mut writer = LineWriter::new(&mut out, line.name());
            for (key, value) in line.tags() {
                writer.tag(key, value);
            }
            for (key, value) in line.fields() {
                writer.field(key, value);
            }
            assert!(writer.finish(line.time()).is_empty());
            rest = &rest[out.len() - (text.len() - rest.len())..];
        }
        assert_eq!(out, text.as_bytes());
    };
    copy();
    let counted = allocation_counter::measure(copy);
    assert_eq!(counted.count_total, 0);
}

/// Adds a field, changes one and takes one out.
struct Change;

impl Handler for Change {
    type Output = StreamOutput;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(EdgeType::Stream))
    }

    fn init(&mut self, _: InitRequest, _: Sender) -> Result<Verdict> {
        Ok(Verdict::Accepted)
    }

    fn point(&mut self, mut point: Point, out: &mut StreamOutput) -> Result<()> {
        out.point(point.clone())?;
        point.set_field("new", 0.1);
        point.set_field("user", 2.5);
        point.remove_field("system");
        out.point(point)
    }
}

#[test]
fn a_pipe_does_not_allocate_for_a_line() {
    let directory = tempfile::tempdir().unwrap();
    let config = PipeConfig::new().group_by(GroupBy::AllTags).by_name(true);
    let allocations = |lines_in: usize| {
        let path = directory.path().join("lines");
        let mut file = File::create(&path).unwrap();
        file.write_all(lines(lines_in).as_bytes()).unwrap();
        let mut counted = None;
        let measured = allocation_counter::measure(|| {
            let mut report = |_, _: &str| {};
            let input = File::open(&path).unwrap().into();
            let streams = Streams::new(input, Box::new(sink()), &mut report);
            counted = Some(run(Change, &config, streams, None).unwrap());
        });
        assert_eq!(counted.unwrap().points_out, 2 * lines_in as u64);
        measured.count_total
    };
    // Both are many times what the buffers hold.
    allocations(5_000);
    assert_eq!(allocations(5_000), allocations(20_000));
}
