//! The oracle: a process that `build.sh` builds. One request a line, one answer a line.

use std::env;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use serde::Deserialize;

use crate::point::{Point, Value};

/// What a parser makes of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It is blank, or a comment.
    Nothing,
    /// It is wrong.
    Refused,
    /// It is a point.
    Point(Point),
    /// It is more than one line.
    Lines(usize),
}

/// What the three parsers make of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readings {
    /// InfluxDB 1.x's, which Kapacitor's `/write` calls.
    pub v1: Reading,
    /// That of `line-protocol` v2.
    pub lp2: Reading,
    /// Telegraf's.
    pub tg: Reading,
}

/// The process. Dropping it ends it.
#[derive(Debug)]
pub struct Oracle {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts the program that `LINE_PROTOCOL_ORACLE` names.
    ///
    /// # Panics
    /// The variable is not set, or the program does not start.
    #[must_use]
    pub fn start() -> Self {
        let program = env::var_os("LINE_PROTOCOL_ORACLE")
            .expect("LINE_PROTOCOL_ORACLE is not set: tests/line-protocol/run.sh runs these tests");
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the oracle starts");
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        Oracle { child, answers }
    }

    /// Reads many lines, each with a line break behind it: at the end of a text, some parsers read a
    /// backslash for ever.
    ///
    /// # Panics
    /// The oracle ends, or answers nonsense.
    pub fn read_all<'a>(&mut self, lines: &'a [Vec<u8>]) -> Vec<(&'a [u8], Readings)> {
        let requests: Vec<_> = lines
            .iter()
            .map(|line| request("read", &[line, &b"\n"[..]].concat()))
            .collect();
        let answers = self.ask(requests);
        let readings = answers.iter().map(|answer| {
            let theirs: Theirs = serde_json::from_str(answer).expect("it answers in JSON");
            Readings {
                v1: theirs.v1.reading(),
                lp2: theirs.lp2.reading(),
                tg: theirs.tg.reading(),
            }
        });
        lines.iter().map(Vec::as_slice).zip(readings).collect()
    }

    /// Reads one line.
    pub fn read(&mut self, line: &[u8]) -> Readings {
        let lines = [line.to_vec()];
        let mut all = self.read_all(&lines);
        all.remove(0).1
    }

    /// The line that Telegraf writes of a metric with this name, tag key, tag value and field key, the
    /// value 1 and the time 5; `None` where it refuses it.
    ///
    /// # Panics
    /// The oracle ends, or answers nonsense.
    pub fn telegraf_writes(&mut self, parts: [&str; 4]) -> Option<Vec<u8>> {
        let parts = parts.map(str::as_bytes).join(&0xff);
        let answer = self.ask(vec![request("write", &parts)]).remove(0);
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("it answers in JSON");
        let text = answer.get("text")?;
        Some(decode(text.as_str().expect("a text")))
    }

    /// Sends requests from another thread, so that neither side waits for the other.
    fn ask(&mut self, requests: Vec<String>) -> Vec<String> {
        let count = requests.len();
        let stdin = self.child.stdin.as_mut().expect("it is piped");
        let answers = &mut self.answers;
        thread::scope(|scope| {
            scope.spawn(move || {
                for chunk in requests.chunks(1_000) {
                    let written = stdin.write_all(chunk.concat().as_bytes());
                    written.expect("the oracle reads");
                }
            });
            let answer = |_| {
                let mut answer = String::new();
                let read = answers.read_line(&mut answer).expect("an answer");
                assert!(read > 0, "the oracle has ended");
                answer
            };
            (0..count).map(answer).collect()
        })
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn request(command: &str, line: &[u8]) -> String {
    let mut request = format!("{command} ");
    for byte in line {
        // Writing into a String does not fail.
        let _ = write!(request, "{byte:02x}");
    }
    request.push('\n');
    request
}

#[derive(Deserialize)]
struct Theirs {
    v1: TheirReading,
    lp2: TheirReading,
    tg: TheirReading,
}

#[derive(Deserialize)]
struct TheirReading {
    points: Option<Vec<TheirPoint>>,
    errors: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct TheirPoint {
    name: String,
    tags: Option<Vec<(String, String)>>,
    fields: Option<Vec<(String, String)>>,
    time: Option<i64>,
}

impl TheirReading {
    fn reading(self) -> Reading {
        let mut points = self.points.unwrap_or_default();
        match (points.len(), self.errors.unwrap_or_default().len()) {
            (0, 0) => Reading::Nothing,
            (0, 1) => Reading::Refused,
            (1, 0) => Reading::Point(points.remove(0).point()),
            (points, errors) => Reading::Lines(points + errors),
        }
    }
}

impl TheirPoint {
    fn point(self) -> Point {
        let pairs = |pairs: Option<Vec<(String, String)>>| pairs.unwrap_or_default().into_iter();
        Point {
            name: text(&self.name),
            tags: pairs(self.tags)
                .map(|(key, value)| (text(&key), text(&value)))
                .collect(),
            fields: pairs(self.fields)
                .map(|(key, shown)| (text(&key), value(&shown)))
                .collect(),
            time: self.time,
        }
        .sorted()
    }
}

fn value(shown: &str) -> Value {
    let (kind, rest) = shown.split_at(1);
    match kind {
        "f" => Value::Float(u64::from_str_radix(rest, 16).expect("bits")),
        "i" => Value::Int(rest.parse().expect("an integer")),
        "u" => Value::Unsigned(rest.parse().expect("an unsigned integer")),
        "b" => Value::Bool(rest == "true"),
        "s" => Value::String(text(rest)),
        _ => panic!("no value: {shown}"),
    }
}

fn text(hexadecimal: &str) -> String {
    String::from_utf8_lossy(&decode(hexadecimal)).into_owned()
}

fn decode(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks(2);
    digits
        .map(|pair| {
            let pair = str::from_utf8(pair).expect("ASCII");
            u8::from_str_radix(pair, 16).expect("hexadecimal")
        })
        .collect()
}
