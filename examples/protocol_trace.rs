//! A `Handler` written by hand: it logs every message of the protocol and sends the data back.
//!
//! Put it where a UDF will be, to see what Kapacitor really sends: the options of the TICKscript,
//! the groups, the sizes of batches, when it asks for snapshots. It takes batches; the same for a
//! stream differs in two words.
//!
//! ```text
//! batch
//!     |query('SELECT usage_user FROM "telegraf"."autogen"."cpu"')
//!         .period(1m)
//!         .every(1m)
//!     @protocol_trace()
//!         .note('anything')
//!     |httpOut('trace')
//! ```
//!
//! Without the macro there is no command line: this program speaks the protocol on stdin and
//! stdout and nothing else. In kapacitor.conf:
//!
//! ```text
//! [udf.functions.protocol_trace]
//!   prog = "/path/to/protocol_trace"
//!   timeout = "10s"
//! ```

use std::io::{stdin, stdout};

use udf_runtime::proto::{BeginBatch, EdgeType, EndBatch, InitRequest, ValueType};
use udf_runtime::{
    Agent, AgentError, Batch, BatchOutput, Handler, Info, Point, Result, Sender, Verdict, bail,
};

#[derive(Default)]
struct ProtocolTrace {
    batch: Option<Batch>,
    batches: u64,
}

/// Writes a line to standard error, which Kapacitor copies into its log.
fn log_line(text: &str) {
    eprintln!("protocol: {text}");
}

impl Handler for ProtocolTrace {
    type Output = BatchOutput;

    fn info(&mut self) -> Result<Info> {
        log_line("Info");
        Ok(Info::new(EdgeType::Batch).option("note", &[ValueType::String]))
    }

    fn init(&mut self, init: InitRequest, _: Sender) -> Result<Verdict> {
        log_line(&format!(
            "Init of task {:?}, node {:?}",
            init.task_id, init.node_id
        ));
        for option in &init.options {
            log_line(&format!("  .{}({:?})", option.name, option.values));
        }
        Ok(Verdict::Accepted)
    }

    fn snapshot(&mut self) -> Result<Vec<u8>> {
        log_line("Snapshot");
        Ok(self.batches.to_le_bytes().to_vec())
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<Verdict> {
        log_line(&format!("Restore of {} bytes", snapshot.len()));
        let Ok(bytes) = snapshot.try_into() else {
            return Ok(Verdict::Refused(
                "a snapshot of this UDF has 8 bytes".to_owned(),
            ));
        };
        self.batches = u64::from_le_bytes(bytes);
        Ok(Verdict::Accepted)
    }

    fn begin_batch(&mut self, begin: BeginBatch, _: &mut BatchOutput) -> Result<()> {
        log_line(&format!(
            "Begin of {:?}, group {:?}, {} points",
            begin.name, begin.group, begin.size
        ));
        let mut batch = Batch::new(&begin.name);
        batch.set_by_name(begin.by_name);
        for (name, value) in &begin.tags {
            batch.set_tag(name, value);
        }
        self.batch = Some(batch);
        Ok(())
    }

    fn point(&mut self, point: Point, _: &mut BatchOutput) -> Result<()> {
        log_line(&format!("Point {point:?}"));
        let Some(batch) = &mut self.batch else {
            bail!("a point outside of a batch")
        };
        batch.push(point);
        Ok(())
    }

    fn end_batch(&mut self, end: EndBatch, out: &mut BatchOutput) -> Result<()> {
        log_line(&format!("End, tmax {}", end.tmax));
        let Some(mut batch) = self.batch.take() else {
            bail!("an end without a begin")
        };
        batch.set_tmax(end.tmax);
        self.batches += 1;
        out.batch(batch)
    }

    fn stop(&mut self, _: &mut BatchOutput) -> Result<()> {
        log_line(&format!("the end, after {} batches", self.batches));
        Ok(())
    }
}

fn main() -> Result<(), AgentError> {
    Agent::new(stdin(), stdout()).run(ProtocolTrace::default())
}

/// A handler by hand has no `Harness`: its tests speak the protocol.
#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, Write};
    use std::sync::{Arc, Mutex};

    use udf_runtime::proto::prost::Message as _;
    use udf_runtime::proto::{Request, Response, RestoreRequest, request, response};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn answers(requests: &[request::Message]) -> Vec<response::Message> {
        let frame = |message: &request::Message| {
            let message = Some(message.clone());
            Request { message }.encode_length_delimited_to_vec()
        };
        let input: Vec<u8> = requests.iter().flat_map(frame).collect();
        let output = Written::default();
        let agent = Agent::new(Cursor::new(input), output.clone());
        agent.run(ProtocolTrace::default()).unwrap();
        let bytes = output.0.lock().unwrap();
        let mut rest = &bytes[..];
        let mut answers = Vec::new();
        while !rest.is_empty() {
            let response = Response::decode_length_delimited(&mut rest).unwrap();
            answers.extend(response.message);
        }
        answers
    }

    #[test]
    fn a_batch_comes_back_with_its_group_and_time() {
        let tags = [("host".to_owned(), "a".to_owned())];
        let begin = BeginBatch {
            name: "cpu".to_owned(),
            group: "host=a".to_owned(),
            tags: tags.into(),
            size: 0,
            by_name: false,
        };
        let end = EndBatch {
            name: begin.name.clone(),
            group: begin.group.clone(),
            tags: begin.tags.clone(),
            tmax: 7,
            by_name: false,
        };
        let answers = answers(&[
            request::Message::Init(InitRequest::default()),
            request::Message::Begin(begin.clone()),
            request::Message::End(end.clone()),
        ]);
        let expected = [response::Message::Begin(begin), response::Message::End(end)];
        assert_eq!(answers[1..], expected);
    }

    #[test]
    fn a_snapshot_of_another_length_is_refused() {
        let answers = answers(&[
            request::Message::Init(InitRequest::default()),
            request::Message::Restore(RestoreRequest {
                snapshot: vec![1, 2, 3],
            }),
        ]);
        let response::Message::Restore(answer) = &answers[1] else {
            panic!("{answers:?}")
        };
        assert_eq!(answer.error, "a snapshot of this UDF has 8 bytes");
    }
}
