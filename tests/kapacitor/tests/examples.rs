//! Kapacitor's own three tests of its example UDFs (`server/server_test.go`), with its numbers. They run
//! with Kapacitor's UDFs, which shows that the tests are right, and with ours.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kapacitor_tests::{Influx, Kapacitor, Signal, Udf, Via, programs};
use serde_json::{Value, json};

/// The UDFs of the official Go agent.
mod go {
    use super::*;

    #[test]
    fn moving_avg_as_a_process() {
        moving_avg(programs::go_example("moving_avg"), Via::Process);
    }

    #[test]
    fn mirror_over_a_socket() {
        mirror(programs::go_example("mirror"), Via::Socket);
    }

    #[test]
    fn outliers_as_a_process() {
        outliers(programs::go_example("outliers"), Via::Process);
    }
}

/// Our UDFs, each over both transports.
mod rust {
    use super::*;

    #[test]
    fn moving_avg_as_a_process() {
        moving_avg(programs::example("moving_avg"), Via::Process);
    }

    #[test]
    fn moving_avg_over_a_socket() {
        moving_avg(programs::example("moving_avg"), Via::Socket);
    }

    #[test]
    fn mirror_as_a_process() {
        mirror(programs::example("mirror"), Via::Process);
    }

    #[test]
    fn mirror_over_a_socket() {
        mirror(programs::example("mirror"), Via::Socket);
    }

    #[test]
    fn outliers_as_a_process() {
        outliers(programs::example("outliers"), Via::Process);
    }

    #[test]
    fn outliers_over_a_socket() {
        outliers(programs::example("outliers"), Via::Socket);
    }
}

fn moving_avg(program: PathBuf, via: Via) {
    let mut kapacitor = Kapacitor::with(Udf::new("movingAvg", program, via));
    let task = kapacitor.stream(
        "averages",
        "stream
            |from()
                .measurement('test')
                .groupBy('group')
            @movingAvg()
                .field('value')
                .size(10)
                .as('mean')
            |window()
                .period(11s)
                .every(11s)
            |last('mean').as('mean')
            |httpOut('moving_avg')",
    );
    task.expect_output("moving_avg", &json!({ "series": null }));

    let steady = (0..10).map(|second| (second, 1, 2));
    let points = steady
        .chain([(10, 0, 1), (11, 0, 0)])
        .map(|(second, a, b)| {
            format!("test,group=a value={a} {second}\ntest,group=b value={b} {second}\n")
        });
    kapacitor.write_seconds(&points.collect::<String>());

    let last = |group: &str, mean: f64| {
        json!({
            "name": "test",
            "tags": { "group": group },
            "columns": ["time", "mean"],
            "values": [["1970-01-01T00:00:11Z", mean]],
        })
    };
    task.expect_output(
        "moving_avg",
        &json!({ "series": [last("a", 0.9), last("b", 1.9)] }),
    );
    ends_well(&mut kapacitor, "movingAvg", via);
}

fn mirror(program: PathBuf, via: Via) {
    let mut kapacitor = Kapacitor::with(Udf::new("mirror", program, via));
    let task = kapacitor.stream(
        "copy",
        "stream
            |from()
                .measurement('test')
                .groupBy('group')
            @mirror()
            |window()
                .period(10s)
                .every(10s)
            |count('value')
            |httpOut('count')",
    );
    task.expect_output("count", &json!({ "series": null }));

    let points = (0..12).map(|second| format!("test,group=a value=1 {second}\n"));
    kapacitor.write_seconds(&points.collect::<String>());

    let count = json!({
        "name": "test",
        "tags": { "group": "a" },
        "columns": ["time", "count"],
        "values": [["1970-01-01T00:00:10Z", 10]],
    });
    task.expect_output("count", &json!({ "series": [count] }));
    ends_well(&mut kapacitor, "mirror", via);
}

fn outliers(program: PathBuf, via: Via) {
    let influx = Influx::start();
    influx.write(&samples());
    let udf = Udf::new("outliers", program, via);
    let mut kapacitor = Kapacitor::builder().influx(&influx).udf(udf).start();
    // Kapacitor's test counts the outliers. This one also checks which they are.
    let task = kapacitor.batch(
        "outliers",
        "var outliers = batch
            |query('SELECT value FROM mydb.myrp.cpu')
                .period(1h)
                .every(50ms)
                .groupBy('count')
            @outliers()
                .field('value')
                .scale(1.5)
        outliers
            |httpOut('outliers')
        outliers
            |count('value')
            |httpOut('count')",
    );

    let both = |output: &Value| {
        output["series"]
            .as_array()
            .is_some_and(|all| all.len() == 2)
    };
    let counts = task.output_when("count", both);
    // The time of a count is the time of its query, which is now.
    let counts = groups(&counts, |row| row[1].clone());
    assert_eq!(
        counts,
        [("0".into(), vec![json!(5)]), ("1".into(), vec![json!(5)])]
    );

    let found = groups(&task.output_when("outliers", both), |row| row[1].clone());
    let expected = vec![json!(5), json!(6), json!(85), json!(90), json!(100)];
    assert_eq!(
        found,
        [("0".into(), expected.clone()), ("1".into(), expected)]
    );
    ends_well(&mut kapacitor, "outliers", via);
}

/// The same values for two groups, each in a different order, all within the last minute.
fn samples() -> String {
    let values = [
        5, 6, 7, 13, 33, 35, 36, 45, 46, 47, 48, 50, 51, 52, 53, 54, 80, 85, 90, 100_usize,
    ];
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock that is set");
    let start = now - Duration::from_secs(60);
    let mut lines = String::new();
    for (group, step) in [(0, 7), (1, 13)] {
        for i in 0..values.len() {
            // No step has a common factor with 20, so every value occurs.
            let value = values[i * step % values.len()];
            let time = (start + Duration::from_millis(i as u64)).as_nanos();
            lines += &format!("cpu,count={group} value={value} {time}\n");
        }
    }
    lines
}

/// The picked value of each row of each series, by the tag `count`, all in ascending order.
fn groups(output: &Value, pick: impl Fn(&Value) -> Value) -> Vec<(String, Vec<Value>)> {
    let series = output["series"].as_array().expect("there are series");
    let mut groups: Vec<_> = series
        .iter()
        .map(|series| {
            let rows = series["values"].as_array().expect("a series has values");
            let mut picked: Vec<Value> = rows.iter().map(&pick).collect();
            picked.sort_by(|a, b| a.as_f64().partial_cmp(&b.as_f64()).expect("numbers"));
            (
                series["tags"]["count"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                picked,
            )
        })
        .collect();
    groups.sort_by(|a, b| a.0.cmp(&b.0));
    groups
}

/// Stops Kapacitor and checks that the UDF ends: by itself, or after a SIGINT if it is a server.
fn ends_well(kapacitor: &mut Kapacitor, udf: &str, via: Via) {
    let children = kapacitor.children();
    assert_eq!(children.len(), if via == Via::Process { 1 } else { 0 });
    assert!(kapacitor.stop().success());
    for child in children {
        assert!(
            !kapacitor_tests::is_running(child),
            "the UDF is still there"
        );
    }
    if via == Via::Socket {
        let server = kapacitor.server(udf);
        server.signal(Signal::INT);
        assert!(server.wait().success(), "{}", server.log());
    }
}
