//! Our reading and writing of lines.

use udf_runtime::FieldValue;
use udf_runtime::line::{LineWriter, Omitted, Parser};

use crate::oracle::Reading;
use crate::point::{Point, Value};

/// What our parser makes of one line.
#[must_use]
pub fn read(line: &[u8]) -> Reading {
    let mut parser = Parser::default();
    match parser.parse(line) {
        Err(_) => Reading::Refused,
        Ok(None) => Reading::Nothing,
        Ok(Some(line)) => {
            let tags = line.tags();
            let fields = line.fields();
            Reading::Point(
                Point {
                    name: line.name().to_owned(),
                    tags: tags
                        .map(|(key, value)| (key.to_owned(), value.to_owned()))
                        .collect(),
                    fields: fields
                        .map(|(key, value)| (key.to_owned(), value.into()))
                        .collect(),
                    time: line.time(),
                }
                .sorted(),
            )
        }
    }
}

/// The line of a point, without its line break, and what it does not hold.
#[must_use]
pub fn write(point: &Point) -> (Vec<u8>, Omitted) {
    let mut text = Vec::new();
    let mut line = LineWriter::new(&mut text, &point.name);
    for (key, value) in &point.tags {
        line.tag(key, value);
    }
    for (key, value) in &point.fields {
        let value = match value {
            Value::Float(bits) => FieldValue::Float(f64::from_bits(*bits)),
            Value::Int(value) => FieldValue::Int(*value),
            Value::Unsigned(value) => FieldValue::Int(*value as i64),
            Value::Bool(value) => FieldValue::Bool(*value),
            Value::String(value) => FieldValue::String(value),
        };
        line.field(key, value);
    }
    let omitted = line.finish(point.time);
    text.pop();
    (text, omitted)
}
