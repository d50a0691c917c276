//! `pipe`: line protocol in, a UDF, line protocol out.

#![allow(clippy::unwrap_used, reason = "a test ends by it")]

use std::fs;
use std::io::{BufRead, BufReader, PipeWriter, Read, Write, pipe};
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use udf_runtime::line::Precision;
use udf_runtime::pipe::{GroupBy, Outcome, PipeConfig, PipeError, StopSignal, Streams, run};
use udf_runtime::proto::{BeginBatch, EdgeType, EndBatch, InitRequest};
use udf_runtime::{
    Batch, BatchOutput, Handler, Info, Output, Point, Result, Sender, StreamOutput, Verdict, bail,
};

/// How long anything is waited for before the test fails.
const DEADLINE: Duration = Duration::from_secs(60);

/// A handler made of functions: what a test is about, and nothing else.
struct Udf<O: Output> {
    wants: EdgeType,
    on_init: OnInit,
    on_point: OnPoint<O>,
    on_batch: OnBatch<O>,
    on_stop: OnOutput<O>,
    on_tick: OnOutput<O>,
    tick: Option<Duration>,
    batch: Option<(BeginBatch, Vec<Point>)>,
}

type OnInit = Box<dyn FnMut(InitRequest, Sender) -> Result<Verdict> + Send>;
type OnOutput<O> = Box<dyn FnMut(&mut O) -> Result<()> + Send>;
type OnPoint<O> = Box<dyn FnMut(Point, &mut O) -> Result<()> + Send>;
type OnBatch<O> = Box<dyn FnMut(BeginBatch, Vec<Point>, EndBatch, &mut O) -> Result<()> + Send>;

impl<O: Output> Udf<O> {
    fn new(wants: EdgeType) -> Self {
        Udf {
            wants,
            on_init: Box::new(|_, _| Ok(Verdict::Accepted)),
            on_point: Box::new(|_, _| Ok(())),
            on_batch: Box::new(|_, _, _, _| Ok(())),
            on_stop: Box::new(|_| Ok(())),
            on_tick: Box::new(|_| Ok(())),
            tick: None,
            batch: None,
        }
    }

    fn of_points(on_point: impl FnMut(Point, &mut O) -> Result<()> + Send + 'static) -> Self {
        Udf {
            on_point: Box::new(on_point),
            ..Udf::new(EdgeType::Stream)
        }
    }

    fn of_batches(
        on_batch: impl FnMut(BeginBatch, Vec<Point>, EndBatch, &mut O) -> Result<()> + Send + 'static,
    ) -> Self {
        Udf {
            on_batch: Box::new(on_batch),
            ..Udf::new(EdgeType::Batch)
        }
    }
}

impl<O: Output> Handler for Udf<O> {
    type Output = O;

    fn info(&mut self) -> Result<Info> {
        Ok(Info::new(self.wants))
    }

    fn init(&mut self, init: InitRequest, sender: Sender) -> Result<Verdict> {
        (self.on_init)(init, sender)
    }

    fn begin_batch(&mut self, begin: BeginBatch, _: &mut O) -> Result<()> {
        assert!(self.batch.is_none(), "a batch in a batch");
        self.batch = Some((begin, Vec::new()));
        Ok(())
    }

    fn point(&mut self, point: Point, out: &mut O) -> Result<()> {
        match &mut self.batch {
            Some((_, points)) => {
                points.push(point);
                Ok(())
            }
            None => (self.on_point)(point, out),
        }
    }

    fn end_batch(&mut self, end: EndBatch, out: &mut O) -> Result<()> {
        let (begin, points) = self.batch.take().expect("a batch has begun");
        (self.on_batch)(begin, points, end, out)
    }

    fn stop(&mut self, out: &mut O) -> Result<()> {
        (self.on_stop)(out)
    }

    fn tick_every(&self) -> Option<Duration> {
        self.tick
    }

    fn tick(&mut self, _: i64, out: &mut O) -> Result<()> {
        (self.on_tick)(out)
    }
}

fn mirror() -> Udf<StreamOutput> {
    Udf::of_points(|point, out: &mut StreamOutput| out.point(point))
}

/// Sends each batch as one point, named after its group, that shows what came.
fn describe() -> Udf<StreamOutput> {
    Udf::of_batches(|begin, points, end, out: &mut StreamOutput| {
        assert_eq!(begin.size, points.len() as i64);
        assert_eq!(
            (&begin.name, &begin.group, &begin.tags),
            (&end.name, &end.group, &end.tags)
        );
        let mut point = Point::new(&begin.name);
        point.set_time(end.tmax);
        point.set_field("group", begin.group.as_str());
        for (tag, value) in &begin.tags {
            point.set_tag(tag, value);
        }
        let times: Vec<_> = points
            .iter()
            .map(|point| point.time().to_string())
            .collect();
        point.set_field("times", times.join(" ").as_str());
        assert!(
            points
                .iter()
                .all(|point| point.group() == begin.group && point.name().is_empty())
        );
        out.point(point)
    })
}

/// What a run has left behind.
struct Ran {
    result: Result<Outcome, PipeError>,
    output: String,
    errors: String,
}

impl Ran {
    fn outcome(&self) -> &Outcome {
        self.result.as_ref().expect("no failure")
    }
}

fn run_on<H: Handler>(handler: H, config: &PipeConfig, input: impl AsRef<[u8]>) -> Ran {
    let (reader, mut writer) = pipe().unwrap();
    let input = input.as_ref().to_vec();
    let feeder = thread::spawn(move || {
        // Fails where the run has ended before.
        let _ = writer.write_all(&input);
    });
    let (mut lines, output) = pipe().unwrap();
    let drain = thread::spawn(move || {
        let mut text = String::new();
        lines.read_to_string(&mut text).unwrap();
        text
    });
    let mut errors = String::new();
    let mut report = |_, text: &str| {
        errors.push_str(text);
        errors.push('\n');
    };
    let streams = Streams::new(reader.into(), Box::new(output), &mut report);
    let result = run(handler, config, streams, None);
    feeder.join().unwrap();
    Ran {
        result,
        output: drain.join().unwrap(),
        errors,
    }
}

fn grouped_by(tags: &[&str]) -> PipeConfig {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    PipeConfig::new().group_by(GroupBy::Tags(tags))
}

fn strict() -> PipeConfig {
    PipeConfig::new().strict(true)
}

fn reading(files: impl IntoIterator<Item = PathBuf>) -> PipeConfig {
    files.into_iter().fold(PipeConfig::new(), PipeConfig::file)
}

/// A run that goes on while the test talks to it.
struct Live {
    input: Option<PipeWriter>,
    output: mpsc::Receiver<String>,
    reports: mpsc::Receiver<String>,
    run: JoinHandle<Result<Outcome, PipeError>>,
}

impl Live {
    fn start<H: Handler>(handler: H, config: PipeConfig, stop: Option<StopSignal>) -> Self {
        let (reader, input) = pipe().unwrap();
        let (output, writer) = pipe().unwrap();
        let (line, lines) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).split(b'\n').map_while(Result::ok);
            let mut lines = lines.map(|line| String::from_utf8(line).unwrap() + "\n");
            // The test may have ended.
            lines.all(|text| line.send(text).is_ok())
        });
        let (sender, reports) = mpsc::channel();
        let run = thread::spawn(move || {
            let mut report = |_, text: &str| drop(sender.send(text.to_owned()));
            let streams = Streams::new(reader.into(), Box::new(writer), &mut report);
            run(handler, &config, streams, stop.as_ref())
        });
        Live {
            input: Some(input),
            output: lines,
            reports,
            run,
        }
    }

    fn write(&mut self, text: &str) {
        self.input
            .as_mut()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    /// The next line of output, which must come without anything more being written. Empty at the end.
    fn read(&mut self) -> String {
        let line = self.output.recv_timeout(DEADLINE);
        assert_ne!(line, Err(mpsc::RecvTimeoutError::Timeout));
        line.unwrap_or_default()
    }

    /// What still comes, and how it ended.
    fn end(mut self) -> (String, Result<Outcome, PipeError>) {
        self.input = None;
        let rest = self.output.iter().collect();
        (rest, self.run.join().unwrap())
    }
}

#[test]
fn what_is_not_changed_comes_back_as_it_came() {
    // Numbers that would be written in another way, tags in no order, escapes, odd blanks.
    let input = "m,z=1,a=2 x=1.0,y=1e3,z=007i,t=T,s=\"a\nb\" 5\n\
                 a\\ b,k\\,k=v\\=v x=.5,\"q\"=-0 -5\n";
    let ran = run_on(mirror(), &PipeConfig::default(), input);
    assert_eq!(ran.output, input);
    let ran = run_on(
        mirror(),
        &PipeConfig::default(),
        "# c\n\n  m   x=1.0   5  \r\n m x=2u 6",
    );
    assert_eq!(ran.output, "m x=1.0 5\nm x=2i 6\n");
    assert_eq!((ran.outcome().points_in, ran.outcome().points_out), (2, 2));
    assert_eq!((ran.errors.as_str(), ran.outcome().exit_code()), ("", 0));
}

#[test]
fn changed_parts_are_written_and_the_rest_is_copied() {
    let change = |change: fn(&mut Point)| {
        Udf::of_points(move |mut point: Point, out: &mut StreamOutput| {
            change(&mut point);
            out.point(point)
        })
    };
    let input = "m,t=1 a=1.0,b=2.0,c=3.0,d=4.0,e=\"x\" 5\n";
    for (udf, expected) in [
        (
            change(|point| point.set_field("b", 7.5)),
            "m,t=1 a=1.0,b=7.5,c=3.0,d=4.0,e=\"x\" 5\n",
        ),
        (
            change(|point| point.set_field("b", 2)),
            "m,t=1 a=1.0,c=3.0,d=4.0,e=\"x\",b=2i 5\n",
        ),
        (
            change(|point| assert!(point.remove_field("a"))),
            "m,t=1 b=2.0,c=3.0,d=4.0,e=\"x\" 5\n",
        ),
        (
            change(|point| assert!(point.remove_field("c"))),
            "m,t=1 a=1.0,b=2.0,d=4.0,e=\"x\" 5\n",
        ),
        (change(|point| point.clear_fields()), ""),
        (
            change(|point| point.set_field("z", true)),
            &input.replace(" 5", ",z=true 5"),
        ),
        (
            change(|point| assert!(point.rename_field("b", "B"))),
            "m,t=1 a=1.0,c=3.0,d=4.0,e=\"x\",B=2 5\n",
        ),
        (
            change(|point| point.set_tag("t", "2")),
            &input.replace("t=1", "t=2"),
        ),
        (
            change(|point| point.set_tag("u", "2")),
            &input.replace("t=1", "t=1,u=2"),
        ),
        (
            change(|point| assert!(point.remove_tag("t"))),
            &input.replace(",t=1", ""),
        ),
        (
            change(|point| point.set_name("n m")),
            &input.replace("m,", "n\\ m,"),
        ),
        (
            change(|point| point.set_time(-7)),
            &input.replace(" 5", " -7"),
        ),
        (
            change(|point| {
                let before = std::mem::replace(point, Point::new("new"));
                point.set_field("c", before.float("c").unwrap());
                point.set_field("a", before.float("a").unwrap());
            }),
            "new c=3.0,a=1 0\n",
        ),
    ] {
        let ran = run_on(udf, &PipeConfig::default(), input);
        assert_eq!(ran.output, expected);
    }
}

#[test]
fn points_of_other_lines_are_not_mistaken_for_this_one() {
    // Sends the point of the line before, twice, the second time changed.
    let mut before: Option<Point> = None;
    let udf = Udf::of_points(move |point: Point, out: &mut StreamOutput| {
        if let Some(mut before) = before.replace(point.clone()) {
            out.point(before.clone())?;
            before.set_field("b", 0.5);
            out.point(before)?;
            out.point(point)?;
        }
        Ok(())
    });
    let ran = run_on(
        udf,
        &PipeConfig::default(),
        "m,t=1 a=1.0,b=1.0 1\nm,t=2 a=2.0,b=2.0 2\n",
    );
    assert_eq!(
        ran.output,
        "m,t=1 a=1,b=1 1\nm,t=1 a=1,b=0.5 1\nm,t=2 a=2.0,b=2.0 2\n"
    );
}

#[test]
fn of_a_repeated_field_the_last_is_written() {
    for (input, output) in [
        ("m a=1.0,b=2.0,a=3i,c=4.0 5\n", "m b=2.0,a=3i,c=4.0 5\n"),
        ("m b=2.0,a=1.0,a=3i,c=4.0 5\n", "m b=2.0,a=3i,c=4.0 5\n"),
        (
            "m b=2.0,a\"=1.0,a\\\"=3i,c=4.0 5\n",
            "m b=2.0,a\\\"=3i,c=4.0 5\n",
        ),
    ] {
        assert_eq!(
            run_on(mirror(), &PipeConfig::default(), input).output,
            output
        );
    }
}

#[test]
fn a_field_that_only_its_place_makes_legal_is_respelled_elsewhere() {
    let udf = Udf::of_points(|mut point: Point, out: &mut StreamOutput| {
        point.remove_field("a");
        out.point(point)
    });
    let ran = run_on(udf, &PipeConfig::default(), "m a=1,\tb=2,c=3 5\n");
    assert_eq!(
        (ran.output.as_str(), ran.outcome().omitted.unportable),
        ("m \\tb=2,c=3 5\n", 1)
    );
}

#[test]
fn a_line_is_answered_before_the_next_one_is_waited_for() {
    let mut live = Live::start(mirror(), PipeConfig::default(), None);
    live.write("m a=1 1\nm a=2 2\nm a=");
    assert_eq!(live.read(), "m a=1 1\n");
    assert_eq!(live.read(), "m a=2 2\n");
    live.write("3 3\n");
    assert_eq!(live.read(), "m a=3 3\n");
    // A string that goes on.
    live.write("m a=\"x\n");
    live.write("y\n");
    live.write("z\" 4\n");
    assert_eq!(
        live.read() + &live.read() + &live.read(),
        "m a=\"x\ny\nz\" 4\n"
    );
    let (rest, result) = live.end();
    assert_eq!((rest.as_str(), result.unwrap().points_out), ("", 4));
}

#[test]
fn lines_are_read_whatever_the_pieces_that_they_come_in() {
    let mut input = String::new();
    for n in 0..20_000 {
        input.push_str(&format!(
            "m,t={n} a={n},s=\"{}\n\" {n}\n",
            "x".repeat(n % 50)
        ));
    }
    assert!(input.len() > 10 * 64 * 1024);
    let ran = run_on(mirror(), &PipeConfig::default(), &input);
    assert!(ran.output == input);

    // One byte after the other.
    let input = &input[..2_000];
    let mut live = Live::start(mirror(), PipeConfig::default(), None);
    for at in 0..input.len() {
        live.write(&input[at..=at]);
    }
    let (rest, result) = live.end();
    // The cut through the last line is reported only at its end.
    let end = rest.len();
    assert_eq!(rest, input[..end]);
    assert!(input.len() - end < 200 && result.unwrap().bad_lines <= 1);
}

#[test]
fn files_are_read_one_after_the_other_and_lines_end_with_them() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let files = vec![
        file("1", "m a=1 1"),
        PathBuf::from("-"),
        file("2", "m a=3 3\n"),
    ];
    let config = reading(files);
    let ran = run_on(mirror(), &config, "m a=2 2");
    assert_eq!(ran.output, "m a=1 1\nm a=2 2\nm a=3 3\n");

    let missing = directory.path().join("missing");
    let files = vec![file("3", "m a=1 1\n"), missing.clone()];
    let ran = run_on(mirror(), &reading(files), "");
    // It is reported before anything is read.
    assert_eq!(ran.output, "");
    let error = ran.result.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("{}: ", missing.display())),
        "{error}"
    );
    assert_eq!(error.exit_code(), 1);
}

#[test]
fn bad_lines_are_reported_and_the_run_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lines");
    // The third holds a string of two lines, so that the next one is the fifth.
    let text = "m a=1 1\nm a=\nm a=x,s=\"1\n2\" 3\n# comment\nm a=\"y\"z\nm a=2 2\nm,t= a=1";
    fs::write(&path, text).unwrap();
    let config = reading([path.clone()]);
    let ran = run_on(mirror(), &config, "");
    assert_eq!(ran.output, "m a=1 1\nm a=2 2\n");
    assert_eq!((ran.outcome().bad_lines, ran.outcome().exit_code()), (4, 1));
    let path = path.display();
    let reports: Vec<_> = ran.errors.lines().collect();
    assert_eq!(reports.len(), 5, "{}", ran.errors);
    for (report, start) in reports.iter().zip([
        format!("{path}:2:5: field `a` has no value"),
        format!("{path}:3:5: field value `x` is none of"),
        format!("{path}:6:8: `z` after the end of a string"),
        format!("{path}:8:5: tag `t` has no value"),
        "4 bad lines".to_owned(),
    ]) {
        assert!(report.starts_with(&start), "{report} / {start}");
    }
}

#[test]
fn the_standard_input_is_named_in_reports() {
    let ran = run_on(mirror(), &PipeConfig::default(), "m a=1\n\nm\n");
    assert!(
        ran.errors.starts_with("stdin:3:2: no fields"),
        "{}",
        ran.errors
    );
    assert!(ran.errors.ends_with("\n1 bad line\n"), "{}", ran.errors);
}

#[test]
fn a_string_that_is_never_closed_costs_one_line() {
    let cut_off = "m a=1,f=\"cut off\n";
    let plain = "m a=1 1\nm a=2 2\n";
    // Its quotes close the string that was cut off, and what follows them may even look like a time.
    let quoted = "m s=\"x\" 3\nm s=\"\" 4\nm s=\",b=1\" 5\nm s=\" 6\" 6\n";
    for behind in [
        plain,
        quoted,
        &(plain.to_owned() + quoted),
        &(quoted.to_owned() + plain),
    ] {
        let ran = run_on(mirror(), &PipeConfig::new(), cut_off.to_owned() + behind);
        assert_eq!(ran.output, behind);
        let report = "stdin:1:9: the string that begins here is not closed";
        assert!(ran.errors.starts_with(report), "{}", ran.errors);
        assert_eq!(ran.outcome().bad_lines, 1);
    }
}

#[test]
fn in_a_live_stream_a_string_that_is_never_closed_costs_one_line() {
    for first in ["m a=1 1\n", "m s=\"x\" 1\n"] {
        let mut live = Live::start(mirror(), PipeConfig::new(), None);
        live.write("m f=\"cut off\n");
        live.write(first);
        // It comes though the input stays open.
        assert_eq!(live.read(), first);
        let report = live.reports.recv_timeout(DEADLINE).unwrap();
        assert!(
            report.starts_with("stdin:1:5: the string that begins here"),
            "{report}"
        );
        live.write("m a=2 2\n");
        assert_eq!(live.read(), "m a=2 2\n");
        assert_eq!(live.end().1.unwrap().bad_lines, 1);
    }
}

#[test]
fn waiting_for_the_end_of_a_string_is_reported() {
    let mut live = Live::start(mirror(), PipeConfig::new(), None);
    live.write("m a=1 1\nm f=\"begins\nno line\n");
    assert_eq!(live.read(), "m a=1 1\n");
    let report = live.reports.recv_timeout(DEADLINE).unwrap();
    assert!(
        report.starts_with("stdin:2: waiting for the end of the string"),
        "{report}"
    );
    live.write("ends\" 2\n");
    assert_eq!(
        live.read() + &live.read() + &live.read(),
        "m f=\"begins\nno line\nends\" 2\n"
    );
    let (_, result) = live.end();
    assert_eq!(result.unwrap().bad_lines, 0);
}

#[test]
fn a_long_stream_behind_a_string_that_was_cut_off_is_not_lost() {
    let lines: String = (0..200_000).map(|n| format!("m a={n} {n}\n")).collect();
    let mut live = Live::start(mirror(), PipeConfig::new(), None);
    let mut input = live.input.take().unwrap();
    let text = "m f=\"cut off\n".to_owned() + &lines;
    let feeder = thread::spawn(move || {
        input.write_all(text.as_bytes()).unwrap();
        input
    });
    // Before the input ends.
    let output: String = (0..200_000).map(|_| live.read()).collect();
    assert!(output == lines);
    drop(feeder.join().unwrap());
    assert_eq!(live.end().1.unwrap().bad_lines, 1);
}

#[test]
fn a_string_may_hold_whole_lines() {
    let text = "m s=\"a\nm a=1 1\nb\" 5\nm s=\"\nm t=\\\"x\\\" 1\n\",b=2 6\n";
    let ran = run_on(mirror(), &PipeConfig::new(), text);
    assert_eq!((ran.output.as_str(), ran.errors.as_str()), (text, ""));
}

#[test]
fn what_a_bad_line_holds_in_a_string_is_not_taken_for_lines() {
    let input = "m a=oops,s=\"\nm a=666 1\n\" 1\nm a=2 2\n";
    let ran = run_on(mirror(), &PipeConfig::default(), input);
    assert_eq!(
        (ran.output.as_str(), ran.outcome().bad_lines),
        ("m a=2 2\n", 1)
    );
}

#[test]
fn a_line_without_end_is_dropped_and_not_kept() {
    for head in ["m a=", "m a=\""] {
        let mut input = head.as_bytes().to_vec();
        input.resize(40 << 20, b'1');
        input.extend_from_slice(b"\nm a=2 2\n");
        let ran = run_on(mirror(), &PipeConfig::default(), input);
        assert_eq!(
            (ran.output.as_str(), ran.outcome().bad_lines),
            ("m a=2 2\n", 1),
            "{head}"
        );
        assert!(ran.errors.contains("stdin:1:"), "{}", ran.errors);
    }
}

#[test]
fn strict_stops_at_the_first_bad_line() {
    let config = strict();
    let ran = run_on(mirror(), &config, "m a=1 1\nm\nm a=2 2\nm\n");
    assert_eq!(ran.output, "m a=1 1\n");
    let reports: Vec<_> = ran.errors.lines().collect();
    assert_eq!(
        (reports.len(), reports[1]),
        (2, "1 bad line"),
        "{}",
        ran.errors
    );
    assert!(matches!(ran.result, Err(PipeError::BadLine)));
}

/// Sends batches as [`describe`] does, and a last point.
fn describe_to_the_end() -> Udf<StreamOutput> {
    let mut udf = describe();
    udf.on_stop = Box::new(|out: &mut StreamOutput| {
        let mut point = Point::new("bye");
        point.set_field("a", 1);
        out.point(point)
    });
    udf
}

#[test]
fn what_was_read_before_a_strict_end_is_answered() {
    let config = strict();
    let ran = run_on(describe_to_the_end(), &config, "m a=1 1\nm\nm a=2 2\n");
    assert_eq!(ran.output, "m group=\"\",times=\"1\" 1\nbye a=1i 0\n");
    assert!(matches!(ran.result, Err(PipeError::BadLine)));
}

#[test]
fn what_was_read_before_an_unreadable_file_is_answered() {
    // It can be opened; nothing is mapped at its beginning.
    let unreadable = PathBuf::from("/proc/self/mem");
    let config = reading([PathBuf::from("-"), unreadable]);
    let ran = run_on(describe_to_the_end(), &config, "m a=1 1\nm\nm a=2 2\n");
    assert_eq!(ran.output, "m group=\"\",times=\"1 2\" 2\nbye a=1i 0\n");
    assert!(ran.errors.ends_with("\n1 bad line\n"), "{}", ran.errors);
    let error = ran.result.unwrap_err();
    assert!(error.to_string().starts_with("/proc/self/mem: "), "{error}");
    assert_eq!(error.exit_code(), 1);
}

#[test]
fn a_failure_at_a_strict_end_is_reported_after_it() {
    let config = strict();
    let mut udf = mirror();
    udf.on_stop = Box::new(|_| bail!("no end"));
    let ran = run_on(udf, &config, "m\n");
    assert!(
        ran.errors
            .ends_with("\nerror: stopped at the first bad line\n1 bad line\n"),
        "{}",
        ran.errors
    );
    assert_eq!(ran.result.unwrap_err().to_string(), "no end");
}

#[test]
fn the_summary_says_what_was_done() {
    let config = PipeConfig::new().summary(true);
    let ran = run_on(mirror(), &config, "m a=1 1\nm\nm a=2 2\n");
    let summary = ran.errors.lines().last().unwrap();
    assert!(
        summary.starts_with("2 points in, 2 points out, 1 bad line, 0."),
        "{summary}"
    );
}

#[test]
fn a_line_without_a_time_gets_the_present_one() {
    let now = || {
        std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .unwrap()
            .as_nanos() as i64
    };
    let before = now();
    let ran = run_on(mirror(), &PipeConfig::default(), "m a=1\n");
    let time: i64 = ran.output["m a=1 ".len()..].trim_end().parse().unwrap();
    assert!((before..=now()).contains(&time), "{}", ran.output);
}

#[test]
fn the_precision_is_that_of_both_ends() {
    let later = Udf::of_points(|mut point: Point, out: &mut StreamOutput| {
        point.set_time(point.time() + 1_999_999_999);
        out.point(point)
    });
    let config = PipeConfig::new().precision(Precision::Seconds);
    let ran = run_on(later, &config, "m a=1 1700000000\nm a=1 -5\n");
    assert_eq!(ran.output, "m a=1 1700000001\nm a=1 -4\n");
}

#[test]
fn groups_are_spelled_as_kapacitor_spells_them() {
    let show = || {
        Udf::of_points(|point: Point, out: &mut StreamOutput| {
            let mut shown = Point::new("m");
            shown.set_field("group", point.group());
            let dimensions: Vec<_> = point.dimensions().collect();
            shown.set_field("dimensions", dimensions.join("|").as_str());
            shown.set_field("by_name", point.by_name());
            out.point(shown)
        })
    };
    let tags = |tags: &[&str]| GroupBy::Tags(tags.iter().map(|tag| (*tag).to_owned()).collect());
    for (group_by, by_name, group, dimensions) in [
        (GroupBy::Nothing, false, "", ""),
        (GroupBy::Nothing, true, "cpu", ""),
        (tags(&["host"]), false, "host=a b", "host"),
        // Sorted by the tags' names, whatever the order that they are given in.
        (
            tags(&["host", "dc", "host"]),
            false,
            "dc=eu,host=a b",
            "dc|host",
        ),
        (tags(&["host"]), true, "cpu\nhost=a b", "host"),
        (
            tags(&["none", "host"]),
            false,
            "host=a b,none=",
            "host|none",
        ),
        (GroupBy::AllTags, false, "dc=eu,host=a b", "dc|host"),
        (GroupBy::AllTags, true, "cpu\ndc=eu,host=a b", "dc|host"),
    ] {
        let config = PipeConfig::new().group_by(group_by).by_name(by_name);
        let ran = run_on(show(), &config, "cpu,host=a\\ b,dc=eu x=1 5\n");
        let expected =
            format!("m group=\"{group}\",dimensions=\"{dimensions}\",by_name={by_name} 0\n");
        assert_eq!(ran.output, expected);
    }
}

#[test]
fn group_by_is_read_from_the_command_line() {
    let tags = |tags: &[&str]| GroupBy::Tags(tags.iter().map(|tag| (*tag).to_owned()).collect());
    assert_eq!(GroupBy::parse("host"), Ok(tags(&["host"])));
    assert_eq!(GroupBy::parse("host,cpu"), Ok(tags(&["host", "cpu"])));
    assert_eq!(GroupBy::parse("*"), Ok(GroupBy::AllTags));
    for wrong in ["", "host,", ",host", "host,*"] {
        assert!(GroupBy::parse(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn without_a_period_a_batch_a_group_ends_with_the_input() {
    let input = "m,h=b,x=1 a=1 3\nm,h=a,x=2 a=1 7\nm,h=b,x=3 a=1 1\nn,h=b a=1 2\nm a=1 9\n";
    let ran = run_on(describe(), &grouped_by(&["h"]), input);
    // In the order in which the groups came first; the points in that of time.
    assert_eq!(
        ran.output,
        "m,h=b group=\"h=b\",times=\"1 3\" 3\n\
         m,h=a group=\"h=a\",times=\"7\" 7\n\
         n,h=b group=\"h=b\",times=\"2\" 2\n\
         m group=\"h=\",times=\"9\" 9\n"
    );
    let config = grouped_by(&["h"]).by_name(true);
    let ran = run_on(describe(), &config, "m,h=b a=1 3\n");
    assert_eq!(ran.output, "m,h=b group=\"m\nh=b\",times=\"3\" 3\n");
}

#[test]
fn a_name_and_a_group_are_not_mistaken_for_others() {
    let config = PipeConfig::new().group_by(GroupBy::AllTags);
    let ran = run_on(describe(), &config, "m,xh=1 a=1 1\nmx,h=1 a=1 2\n");
    assert_eq!(
        ran.output,
        "m,xh=1 group=\"xh=1\",times=\"1\" 1\nmx,h=1 group=\"h=1\",times=\"2\" 2\n"
    );
}

#[test]
fn a_period_ends_the_batches_of_each_group_by_its_own_points() {
    let config = grouped_by(&["h"]).period(Duration::from_nanos(10));
    let mut live = Live::start(describe(), config, None);
    live.write("m,h=a a=1 11\nm,h=b a=1 12\nm,h=a a=1 19\nm,h=a a=1 20\n");
    assert_eq!(live.read(), "m,h=a group=\"h=a\",times=\"11 19\" 20\n");
    // Late points join what is open; empty spans are none.
    live.write("m,h=a a=1 18\nm,h=a a=1 -1\nm,h=a a=1 55\n");
    assert_eq!(live.read(), "m,h=a group=\"h=a\",times=\"-1 18 20\" 30\n");
    let (rest, result) = live.end();
    assert_eq!(
        rest,
        "m,h=b group=\"h=b\",times=\"12\" 20\nm,h=a group=\"h=a\",times=\"55\" 60\n"
    );
    assert_eq!(result.unwrap().points_in, 7);
}

#[test]
fn extreme_times_and_periods_do_no_harm() {
    for period in [1, 7, i64::MAX as u64] {
        let config = PipeConfig::new().period(Duration::from_nanos(period));
        let input = format!("m a=1 {}\nm a=1 0\nm a=1 {}\n", i64::MIN, i64::MAX);
        let ran = run_on(describe(), &config, input);
        assert_eq!(ran.outcome().points_in, 3);
    }
}

#[test]
fn periods_that_make_no_sense_are_wrong_usage() {
    for (period, udf) in [
        (Duration::ZERO, describe()),
        (Duration::from_secs(u64::MAX), describe()),
        (Duration::from_secs(1), mirror()),
    ] {
        let config = PipeConfig::new().period(period);
        let ran = run_on(udf, &config, "");
        assert_eq!(ran.result.unwrap_err().exit_code(), 2);
    }
}

#[test]
fn many_groups_are_many_batches() {
    const GROUPS: usize = 200_000;
    let mut input = String::new();
    for round in 0..2 {
        for group in 0..GROUPS {
            input.push_str(&format!("m,h={group} a=1 {round}\n"));
        }
    }
    let mut batches = 0;
    let (count, counted) = mpsc::channel();
    let mut udf = Udf::of_batches(move |_, points, _, _: &mut BatchOutput| {
        assert_eq!(points.len(), 2);
        batches += 1;
        count.send(batches)?;
        Ok(())
    });
    udf.on_stop = Box::new(|_| Ok(()));
    let ran = run_on(udf, &grouped_by(&["h"]), input);
    assert_eq!(ran.outcome().points_in, 2 * GROUPS as u64);
    assert_eq!(counted.iter().last(), Some(GROUPS));
}

#[test]
fn points_of_a_batch_are_lines_with_its_name_and_tags() {
    let udf = Udf::of_batches(|begin, points, _, out: &mut BatchOutput| {
        let mut batch = Batch::new(&begin.name);
        for (tag, value) in &begin.tags {
            batch.set_tag(tag, value);
        }
        batch.set_tag("b", "of batch");
        for point in points {
            batch.push(point);
        }
        out.batch(batch)
    });
    let input = "m,h=a,b=own x=1.0,y=\"z\" 1\nm,h=a x=2i 2\n";
    let ran = run_on(udf, &grouped_by(&["h"]), input);
    assert_eq!(
        ran.output,
        "m,h=a,b=own x=1,y=\"z\" 1\nm,h=a,b=of\\ batch x=2i 2\n"
    );
    assert_eq!(ran.outcome().points_out, 2);
}

#[test]
fn a_stream_can_become_batches() {
    let udf = Udf::of_points(|point: Point, out: &mut BatchOutput| {
        let mut batch = Batch::new("pair");
        batch.push(point.clone());
        batch.push(point);
        out.batch(batch)
    });
    let ran = run_on(udf, &PipeConfig::default(), "m,t=1 a=1 1\n");
    assert_eq!(ran.output, "pair,t=1 a=1 1\npair,t=1 a=1 1\n");
}

#[test]
fn the_last_words_are_written() {
    let mut udf = mirror();
    udf.on_stop = Box::new(|out: &mut StreamOutput| {
        let mut point = Point::new("bye");
        point.set_field("a", 1);
        out.point(point)
    });
    let ran = run_on(udf, &PipeConfig::default(), "m a=1 1\n");
    assert_eq!(ran.output, "m a=1 1\nbye a=1i 0\n");
}

#[test]
fn the_clock_ticks_while_nothing_comes() {
    let mut ticks = 0;
    let mut udf = mirror();
    udf.tick = Some(Duration::from_millis(5));
    udf.on_tick = Box::new(move |out: &mut StreamOutput| {
        ticks += 1;
        let mut point = Point::new("tick");
        point.set_field("a", ticks);
        out.point(point)
    });
    let mut live = Live::start(udf, PipeConfig::default(), None);
    assert_eq!(live.read(), "tick a=1i 0\n");
    assert_eq!(live.read(), "tick a=2i 0\n");
    live.write("m a=1 1\n");
    while live.read() != "m a=1 1\n" {}
    live.end().1.unwrap();
}

#[test]
fn input_is_read_though_each_tick_takes_longer_than_its_period() {
    let mut udf = mirror();
    udf.tick = Some(Duration::from_nanos(1));
    let (taken, read) = mpsc::channel();
    udf.on_point = Box::new(move |point: Point, _: &mut StreamOutput| {
        taken.send(point.time()).unwrap();
        Ok(())
    });
    let mut live = Live::start(udf, PipeConfig::default(), None);
    live.write("m a=1 7\n");
    assert_eq!(read.recv_timeout(DEADLINE), Ok(7));
    live.end().1.unwrap();
}

#[test]
fn another_thread_sends_at_any_time() {
    let (hand_over, sender) = mpsc::channel();
    let mut udf = mirror();
    udf.on_init = Box::new(move |_, sender| {
        hand_over.send(sender).unwrap();
        Ok(Verdict::Accepted)
    });
    let mut live = Live::start(udf, PipeConfig::default(), None);
    let sender = sender.recv().unwrap();
    let mut point = Point::new("m");
    point.set_tag("t", "x y");
    point.set_tag("s", "z");
    point.set_field("b", true);
    point.set_field("a", 1.5);
    sender.point(&point).unwrap();
    assert_eq!(live.read(), "m,t=x\\ y,s=z b=true,a=1.5 0\n");
    assert!(sender.batch(&Batch::new("m")).is_err());
    let (_, result) = live.end();
    assert_eq!(result.unwrap().points_out, 1);
    assert!(sender.point(&point).is_err());
}

#[test]
fn another_thread_sends_batches_too() {
    let mut udf = Udf::<BatchOutput>::new(EdgeType::Stream);
    udf.on_init = Box::new(|_, sender| {
        let mut batch = Batch::new("m");
        batch.set_tag("t", "1");
        let mut point = Point::new("");
        point.set_field("a", 1);
        batch.push(point);
        sender.batch(&batch)?;
        Ok(Verdict::Accepted)
    });
    let ran = run_on(udf, &PipeConfig::default(), "");
    assert_eq!(ran.output, "m,t=1 a=1i 0\n");
}

#[test]
fn batches_of_any_size_come_from_another_thread() {
    // Written at once, in a few pieces, in many.
    let sizes = [1, 500, 5_000, 50_000];
    let mut udf = Udf::<BatchOutput>::new(EdgeType::Stream);
    udf.on_init = Box::new(move |_, sender| {
        for size in sizes {
            let mut batch = Batch::new("m");
            batch.set_tag("of", &size.to_string());
            for time in 0..size {
                let mut point = Point::new("");
                point.set_time(time);
                point.set_field("a", 1);
                batch.push(point);
            }
            sender.batch(&batch)?;
        }
        Ok(Verdict::Accepted)
    });
    let ran = run_on(udf, &PipeConfig::default(), "");
    let lines = sizes
        .iter()
        .flat_map(|size| (0..*size).map(move |time| format!("m,of={size} a=1i {time}")));
    assert!(ran.output.lines().eq(lines), "some are lost");
    assert_eq!(ran.outcome().points_out, 55_501);
}

#[test]
fn it_can_be_stopped_while_it_waits() {
    let stop = StopSignal::new().unwrap();
    let config = PipeConfig::new().period(Duration::from_nanos(10));
    let mut live = Live::start(describe(), config, Some(stop.clone()));
    live.write("m a=1 5\nm a=1 15\n");
    // This answer shows that both lines were read.
    assert_eq!(live.read(), "m group=\"\",times=\"5\" 10\n");
    stop.stopper().stop();
    // The input stays open, and still the open batch comes, and the end.
    assert_eq!(live.read(), "m group=\"\",times=\"15\" 20\n");
    assert_eq!(live.read(), "");
    assert_eq!(live.run.join().unwrap().unwrap().points_out, 2);
    drop(live.input);
}

#[test]
fn a_closed_output_ends_quietly() {
    let (stopped, was_stopped) = mpsc::channel();
    let mut udf = mirror();
    udf.on_stop = Box::new(move |_| {
        stopped.send(())?;
        Ok(())
    });
    let mut live = Live::start(udf, PipeConfig::default(), None);
    live.write("m a=1 1\n");
    live.read();
    let Live {
        input, output, run, ..
    } = live;
    drop(output);
    let mut input = input.unwrap();
    // Written until it is not read any more.
    while input.write_all(b"m a=2 2\n").is_ok() {}
    let outcome = run.join().unwrap().unwrap();
    assert!(outcome.output_closed);
    assert_eq!(outcome.exit_code(), 0);
    was_stopped.try_recv().expect("the UDF was stopped");
}

#[test]
fn a_failure_says_where_after_what_was_sent_before() {
    let udf = Udf::of_points(|point: Point, out: &mut StreamOutput| {
        if point.int("a").is_err() {
            bail!("no a");
        }
        out.point(point)
    });
    let ran = run_on(
        udf,
        &PipeConfig::default(),
        "m a=1i 1\n# c\nm b=1i 1\nm a=3i 1\n",
    );
    assert_eq!(ran.output, "m a=1i 1\n");
    let error = ran.result.unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.exit_code()),
        ("stdin:3: no a", 1)
    );
}

#[test]
fn a_panic_is_a_failure_too() {
    let udf = Udf::of_points(|point: Point, out: &mut StreamOutput| {
        assert!(point.time() < 2, "too late");
        out.point(point)
    });
    let ran = run_on(udf, &PipeConfig::default(), "m a=1i 1\nm a=1i 2\n");
    assert_eq!(ran.output, "m a=1i 1\n");
    let error = ran.result.unwrap_err();
    assert!(matches!(&error, PipeError::Panic { message, .. } if message.contains("too late")));
    assert!(error.to_string().starts_with("stdin:2: "), "{error}");
}

#[test]
fn refused_options_are_wrong_usage() {
    let mut udf = mirror();
    udf.on_init = Box::new(|init, _| {
        assert_eq!(init.node_id, "mirror");
        Ok(Verdict::Refused(format!(
            "there is no option {}",
            init.options[0].name
        )))
    });
    let option = udf_runtime::proto::Option {
        name: "x".into(),
        values: Vec::new(),
    };
    let config = PipeConfig::new().option(option).node_id("mirror");
    let ran = run_on(udf, &config, "m a=1 1\n");
    let error = ran.result.unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.exit_code()),
        ("there is no option x", 2)
    );
    assert_eq!(ran.output, "");
}

#[test]
fn what_cannot_be_written_is_left_out_and_reported_once_a_kind() {
    let udf = Udf::of_points(|mut point: Point, out: &mut StreamOutput| {
        point.set_field("a", f64::NAN);
        out.point(point)
    });
    let ran = run_on(
        udf,
        &PipeConfig::new(),
        "cpu a=1,b=2 1\nm a=1 2\nm a=1,b=3 3\n",
    );
    assert_eq!(ran.output, "cpu b=2 1\nm b=3 3\n");
    let omitted = &ran.outcome().omitted;
    assert_eq!((omitted.points, omitted.tags, omitted.fields), (1, 0, 2));
    assert_eq!(
        (ran.outcome().points_out, ran.outcome().exit_code()),
        (2, 0)
    );
    assert_eq!(
        ran.errors,
        "point \"cpu\" at 1: field `a` is NaN, which line protocol does not have: the field is left \
         out (reported once, then counted)\n\
         not in the output, or not as sent: 1 point, 0 tags, 2 fields, 0 spellings\n"
    );
}

#[test]
fn losses_of_other_threads_are_reported_too() {
    let mut udf = mirror();
    udf.on_init = Box::new(|_, sender| {
        let mut point = Point::new("m");
        point.set_field("a", f64::INFINITY);
        point.set_field("b", 1);
        sender.point(&point)?;
        Ok(Verdict::Accepted)
    });
    let ran = run_on(udf, &PipeConfig::new(), "");
    assert_eq!(ran.output, "m b=1i 0\n");
    assert!(
        ran.errors.starts_with("point \"m\" at 0: field `a` is inf"),
        "{}",
        ran.errors
    );
}

#[test]
fn a_field_has_one_type_in_the_output() {
    let clamp = || {
        Udf::of_points(|mut point: Point, out: &mut StreamOutput| {
            let depth = point.int("depth")?.min(100);
            point.set_field("depth", depth);
            out.point(point)
        })
    };
    let input = "q depth=5u 1\nq depth=250u 2\nq depth=7i 3\n";
    let expected = "q depth=5i 1\nq depth=100i 2\nq depth=7i 3\n";
    assert_eq!(run_on(clamp(), &PipeConfig::new(), input).output, expected);
    // Beside other fields, whether they are changed or not.
    let add = || {
        Udf::of_points(|mut point: Point, out: &mut StreamOutput| {
            out.point(point.clone())?;
            point.set_field("z", true);
            out.point(point)
        })
    };
    let ran = run_on(add(), &PipeConfig::new(), "q a=1.0,b=2u,c=\"3u\",d=4u 1\n");
    assert_eq!(
        ran.output,
        "q a=1.0,b=2i,c=\"3u\",d=4i 1\nq a=1.0,b=2i,c=\"3u\",d=4i,z=true 1\n"
    );
    let ran = run_on(mirror(), &PipeConfig::new(), "q a=9223372036854775808u 1\n");
    assert!(
        ran.errors
            .starts_with("stdin:1:5: unsigned integer `9223372036854775808u` is out of range"),
        "{}",
        ran.errors
    );
}

#[test]
fn a_field_without_a_spelling_is_left_out_and_the_point_goes_on() {
    let udf = Udf::of_points(|mut point: Point, out: &mut StreamOutput| {
        for key in [r"a\=b", r"a\ b", r"a\,b", r"a\"] {
            point.set_field(key, 7);
        }
        point.set_field("path", r"C:\");
        out.point(point)
    });
    let ran = run_on(udf, &PipeConfig::new(), "m x=1 1\n");
    assert_eq!(ran.output, "m x=1,path=\"C:\\\\\" 1\n");
    assert_eq!(ran.outcome().omitted.fields, 4);
    assert!(
        ran.errors
            .starts_with("point \"m\" at 1: field key `a\\=b` cannot be written")
    );
}

#[test]
fn tags_that_end_with_a_backslash_are_kept_apart() {
    let udf = Udf::of_points(|mut point: Point, out: &mut StreamOutput| {
        let drive = point.str("drive")?.to_owned();
        point.set_tag("drive", &drive);
        point.remove_field("drive");
        out.point(point)
    });
    let ran = run_on(
        udf,
        &PipeConfig::new(),
        "m drive=\"C:\\\\\",x=1 1\nm drive=\"D:\\\\\",x=2 1\n",
    );
    assert_eq!(ran.output, "m,drive=C: x=1 1\nm,drive=D: x=2 1\n");
    assert!(
        ran.errors.contains(r"`C:\` is written as `C:`") && ran.errors.contains("2 spellings"),
        "{}",
        ran.errors
    );
}

#[test]
fn control_characters_of_a_udf_break_no_line() {
    let udf = Udf::of_points(|mut point: Point, out: &mut StreamOutput| {
        point.set_name("a\nb");
        point.set_tag("c\td", "e\rf");
        point.set_field("g\x0ch", 1);
        out.point(point)
    });
    let ran = run_on(udf, &PipeConfig::new(), "m x=1 1\n");
    assert_eq!(ran.output, "a\\nb,c\\td=e\\rf x=1,g\\fh=1i 1\n");
    assert_eq!(ran.outcome().omitted.unportable, 4);
}

#[test]
fn nul_bytes_and_a_byte_order_mark_are_skipped_and_reported_once() {
    let input = "\u{feff}m a=1 1\n\0\0\0m a=2 2\n\0m a=3 3\n\u{feff}m a=4 4\n";
    let ran = run_on(mirror(), &PipeConfig::new(), input);
    assert_eq!(ran.output, "m a=1 1\nm a=2 2\nm a=3 3\n\u{feff}m a=4 4\n");
    let reports: Vec<_> = ran.errors.lines().collect();
    assert_eq!(reports[0], "stdin:1: a byte order mark is skipped");
    assert!(
        reports[1].starts_with("stdin:2: NUL bytes are skipped"),
        "{reports:?}"
    );
    assert_eq!(reports.len(), 2);
}
