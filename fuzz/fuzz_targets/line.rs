//! Line protocol, read and written: a line that was read and written reads as the same point.
#![no_main]

use libfuzzer_sys::fuzz_target;
use udf_runtime::line::{Line, LineWriter, Parser, Precision};

/// A line's parts. Of repeated fields, the last one counts.
fn parts(line: &Line<'_>) -> String {
    let mut fields: Vec<(String, String)> = Vec::new();
    for (key, value) in line.fields() {
        let value = format!("{value:?}");
        match fields.iter_mut().find(|(it, _)| it == key) {
            Some((_, it)) => *it = value,
            None => fields.push((key.to_owned(), value)),
        }
    }
    fields.sort();
    let tags: Vec<_> = line.tags().collect();
    format!("{:?} {tags:?} {fields:?} {:?}", line.name(), line.time())
}

fuzz_target!(|data: &[u8]| {
    let mut parser = Parser::new(Precision::Nanoseconds);
    let Ok(Some(line)) = parser.parse(data) else {
        return;
    };
    let mut text = b"before\n".to_vec();
    let mut writer = LineWriter::new(&mut text, line.name());
    for (key, value) in line.tags() {
        writer.tag(key, value);
    }
    for (key, value) in line.fields() {
        writer.field(key, value);
    }
    let omitted = writer.finish(line.time());
    let first = parts(&line);
    let text = text
        .strip_prefix(b"before\n")
        .expect("what was there stays");
    if !omitted.is_empty() {
        return;
    }
    let mut parser = Parser::new(Precision::Nanoseconds);
    let again = match parser.parse(text) {
        Ok(Some(again)) => again,
        other => panic!("{:?} is read as {other:?}", String::from_utf8_lossy(text)),
    };
    assert_eq!(parts(&again), first, "{:?}", String::from_utf8_lossy(text));
    let mut twice = Vec::new();
    let mut writer = LineWriter::new(&mut twice, again.name());
    again.tags().for_each(|(key, value)| writer.tag(key, value));
    again
        .fields()
        .for_each(|(key, value)| writer.field(key, value));
    assert!(writer.finish(again.time()).is_empty());
    assert_eq!(
        String::from_utf8_lossy(&twice),
        String::from_utf8_lossy(text)
    );
});
