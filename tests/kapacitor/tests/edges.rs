//! A UDF that changes nothing leaves a task's output unchanged: names, tags, dimensions and fields of all
//! types, for all four pairs of edges.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kapacitor_tests::{Influx, Kapacitor, Udf, Via, programs, wait};
use serde_json::Value;

#[test]
fn stream_to_stream_of_the_go_agent() {
    // The Go agent's mirror cannot run as a process.
    stream_to_stream(programs::go_example("mirror"), Via::Socket);
}

#[test]
fn stream_to_stream_as_a_process() {
    stream_to_stream(programs::example("mirror"), Via::Process);
}

#[test]
fn stream_to_stream_over_a_socket() {
    stream_to_stream(programs::example("mirror"), Via::Socket);
}

#[test]
fn batch_to_batch_as_a_process() {
    batches("mirror-batch", "@udf()", Via::Process);
}

#[test]
fn batch_to_batch_over_a_socket() {
    batches("mirror-batch", "@udf()", Via::Socket);
}

#[test]
fn batches_keep_their_contents_as_a_process() {
    batches_in_the_log(Via::Process);
}

#[test]
fn batches_keep_their_contents_over_a_socket() {
    batches_in_the_log(Via::Socket);
}

#[test]
fn batch_to_stream_as_a_process() {
    batches("unroll", "@udf()", Via::Process);
}

#[test]
fn batch_to_stream_over_a_socket() {
    batches("unroll", "@udf()", Via::Socket);
}

#[test]
fn stream_to_batch_as_a_process() {
    stream_to_batch(Via::Process);
}

#[test]
fn stream_to_batch_over_a_socket() {
    stream_to_batch(Via::Socket);
}

fn stream_to_stream(program: PathBuf, via: Via) {
    let pairs = Pairs::start(Udf::new("udf", program, via));
    for (i, grouping) in GROUPINGS.iter().enumerate() {
        pairs.stream(i, grouping, "", "@udf()");
    }
    pairs.kapacitor.write(&points());
    for i in 0..GROUPINGS.len() {
        pairs.compare(i);
    }
}

/// The test UDF `windows` does the same as a node of Kapacitor.
fn stream_to_batch(via: Via) {
    let pairs = Pairs::start(Udf::new("udf", programs::test_udf("edges"), via).arg("windows"));
    for (i, grouping) in GROUPINGS.iter().enumerate() {
        let window = "|window().periodCount(2).everyCount(2)";
        pairs.stream(i, grouping, window, "@udf().size(2)");
    }
    // Twice, so that each group gets at least one batch.
    pairs.kapacitor.write(&points());
    pairs.kapacitor.write(&points());
    for i in 0..GROUPINGS.len() {
        pairs.compare(i);
    }
}

fn batches(name: &str, call: &str, via: Via) {
    let pairs = Pairs::start(Udf::new("udf", programs::test_udf("edges"), via).arg(name));
    pairs.influx.write(&points());
    for (i, grouping) in GROUPINGS.iter().enumerate() {
        pairs.batch(i, grouping, "", call);
    }
    for i in 0..GROUPINGS.len() {
        pairs.compare(i);
    }
}

/// A database does not hold all parts of a batch. Kapacitor's log shows the rest: the batch's name, group,
/// tags and time, which is its tmax, and the points in order.
fn batches_in_the_log(via: Via) {
    let influx = Influx::start();
    influx.write(&points());
    let udf = Udf::new("udf", programs::test_udf("edges"), via).arg("mirror-batch");
    let kapacitor = Kapacitor::builder().influx(&influx).udf(udf).start();
    for (i, grouping) in GROUPINGS.iter().enumerate() {
        let [plain, through] = [plain_id(i), through_id(i)];
        // The same batches go both ways, because batches of another query would have another time.
        let task = kapacitor.batch(
            &format!("task_{i}"),
            &format!(
                "var batches = {QUERY}{grouping}
                 batches|log().prefix('{plain}')
                 batches@udf()|log().prefix('{through}')"
            ),
        );
        wait::until(&format!("two queries' batches for {grouping:?}"), || {
            let log = kapacitor.log();
            let [plain, through] = [&plain, &through].map(|prefix| logged(&log, prefix));
            let mut ends = 0;
            for (plain, through) in plain.iter().zip(&through) {
                assert_eq!(
                    through, plain,
                    "{grouping:?}: with the UDF (left) and without"
                );
                let (what, says) = plain;
                ends += usize::from(what == "end batch" && says.contains("name=long"));
            }
            (ends >= 2).then_some(()).ok_or_else(|| {
                let [plain, through] = [plain, through].map(|lines| lines.len());
                format!("{plain} lines without the UDF, {through} with it")
            })
        });
        task.delete();
    }
}

/// The output of a `|log()` with this prefix: the begin of each batch, its points and its end.
fn logged(log: &str, prefix: &str) -> Vec<(String, String)> {
    let prefix = format!(" prefix={prefix} ");
    // The last line may be incomplete.
    let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let lines = whole.lines().filter_map(|line| line.split_once(&prefix));
    lines
        .map(|(head, says)| {
            let what = head.split('"').nth(1).unwrap_or_default();
            // Kapacitor writes tags and fields in any order.
            let mut words: Vec<_> = says.split(' ').collect();
            words.sort_unstable();
            (what.to_owned(), words.join(" "))
        })
        .collect()
}

/// Queries all points repeatedly.
const QUERY: &str = "batch|query('SELECT * FROM mydb.myrp./.*/').period(3h).every(100ms)";

/// All ways to group.
const GROUPINGS: [&str; 6] = [
    "",
    ".groupBy('host')",
    ".groupBy('region', 'host')",
    ".groupBy(*)",
    ".groupByMeasurement()",
    ".groupBy('host').groupByMeasurement()",
];

/// Points with everything that line protocol allows, an hour old.
fn points() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock that is set");
    // The same time for all calls of a run, so that points written again are the same points.
    let start = (now - Duration::from_secs(3600)).as_secs() / 3600 * 3600;
    let long = "long ".repeat(6000);
    let lines = [
        r#"cpu,host=a,region=eu value=1.5,count=3i,ok=true,text="plain""#,
        r#"cpu,host=b,region=us value=-0.25,count=-9223372036854775808i,ok=false,text="""#,
        r#"cpu,host=a,region=us value=1.7976931348623157e308,count=9223372036854775807i"#,
        r#"cpu,host=a value=5e-324,count=0i"#,
        r#"cpu value=-1e300,ok=true"#,
        r#"mem,region=eu,host=a free=12i"#,
        r#"my\ cpu\,0,my\ host=a\,b,r\=k=x\ y va\ lue=1,te\,xt="say \"hi\", \\ and, = too""#,
        r#"température,host=zürich,région=日本 valeur=3.25,text="🦀 наука""#,
        r#"quotes,host="a" "f"=1,text="'single'""#,
        &format!(r#"long,host=a text="{long}""#),
    ];
    let times = lines.iter().zip(0..);
    times
        .map(|(line, i)| format!("{line} {}\n", start * 1_000_000_000 + i))
        .collect()
}

/// Pairs of tasks: one with the UDF, one without. Each writes to its own database.
struct Pairs {
    kapacitor: Kapacitor,
    influx: Influx,
}

impl Pairs {
    fn start(udf: Udf) -> Pairs {
        let influx = Influx::start();
        let kapacitor = Kapacitor::builder().influx(&influx).udf(udf).start();
        Pairs { kapacitor, influx }
    }

    /// Defines both tasks of the pair `i`. They differ only in the node in the middle.
    fn stream(&self, i: usize, grouping: &str, plain: &str, through: &str) {
        for (id, node) in [(plain_id(i), plain), (through_id(i), through)] {
            let script = format!("var points = stream|from(){grouping}{node} {}", out(&id));
            self.kapacitor.stream(&id, &script);
        }
    }

    fn batch(&self, i: usize, grouping: &str, plain: &str, through: &str) {
        for (id, node) in [(plain_id(i), plain), (through_id(i), through)] {
            let script = format!("var points = {QUERY}{grouping}{node} {}", out(&id));
            self.kapacitor.batch(&id, &script);
        }
    }

    /// Waits until both tasks of the pair have the same output.
    #[track_caller]
    fn compare(&self, i: usize) {
        let last = |dump: &Value| dump.to_string().contains("long long");
        wait::until(&format!("both to be equal for {:?}", GROUPINGS[i]), || {
            let [plain, through] = [plain_id(i), through_id(i)].map(|id| self.influx.dump(&id));
            if last(&plain) && plain == through {
                Ok(())
            } else {
                Err(difference(&plain, &through))
            }
        });
        // The series of an output show how points were grouped. Databases do not.
        wait::until(&format!("the same groups for {:?}", GROUPINGS[i]), || {
            let [plain, through] = [plain_id(i), through_id(i)]
                .map(|id| groups(self.kapacitor.task(&id).output("points")));
            if plain == through {
                Ok(())
            } else {
                Err(format!("{plain:?} and {through:?}"))
            }
        });
    }
}

fn plain_id(i: usize) -> String {
    format!("plain_{i}")
}

fn through_id(i: usize) -> String {
    format!("through_{i}")
}

/// The nodes to which both tasks send their points.
fn out(database: &str) -> String {
    format!(
        "points|httpOut('points')
         points|influxDBOut().database('{database}').retentionPolicy('autogen').create()
            .flushInterval(10ms)"
    )
}

/// Names and tags of the groups of an output.
fn groups(output: Option<Value>) -> Vec<String> {
    let series = output
        .and_then(|output| output["series"].as_array().cloned())
        .unwrap_or_default();
    let mut groups: Vec<_> = series
        .iter()
        .map(|series| format!("{} {}", series["name"], series["tags"]))
        .collect();
    groups.sort();
    groups
}

/// Describes the first series that differ.
fn difference(plain: &Value, through: &Value) -> String {
    for part in ["fields", "points"] {
        let [a, b] =
            [plain, through].map(|dump| dump[part].as_array().cloned().unwrap_or_default());
        let at = a
            .iter()
            .zip(&b)
            .position(|(a, b)| a != b)
            .unwrap_or(a.len().min(b.len()));
        if a != b {
            return format!("{part}: without {:?}, with {:?}", a.get(at), b.get(at));
        }
    }
    "nothing has come".into()
}
